//! What a program is confined by, beyond its limits: made ready by
//! [`crate::jail`] before the fork, put in force by the child.

use std::os::fd::{AsRawFd, OwnedFd};

use libc::c_int;

use super::filter::Signals;
use super::identity::Identity;

/// Everything that a child puts in force before it executes the program.
#[derive(Debug)]
pub struct Confinement {
    /// Rules on files, network and signals, where the kernel has Landlock.
    pub ruleset: Option<OwnedFd>,
    /// Another user than the grader's.
    pub identity: Option<Identity>,
    /// Whether the program may send signals when nobody traces it.
    pub signals: Signals,
    /// Whether calls are refused and capabilities given up.
    pub calls: Calls,
}

/// What a program may ask the kernel for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calls {
    /// What the filters let through.
    Known,
    /// Anything.
    All,
}

/// Capabilities that stay with a program that runs as root: to get at files
/// of other users, such as the submission itself (capabilities(7):
/// CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH). Landlock holds it to those that it
/// may reach.
const KEPT: [c_int; 2] = [1, 2];
/// More than there are.
const CAPABILITIES: c_int = 64;

impl Confinement {
    /// Nothing: the program has the grader's own rights.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            ruleset: None,
            identity: None,
            signals: Signals::Allowed,
            calls: Calls::All,
        }
    }

    /// Becomes the other user, if there is one; false if the kernel refuses.
    pub(super) fn change_user(&self) -> bool {
        self.identity.is_none_or(Identity::assume)
    }

    /// Has the next program image start without capabilities; false if the
    /// kernel refuses. Called between fork and exec: may not allocate.
    pub(super) fn drop_capabilities(&self) -> bool {
        if self.calls == Calls::All {
            return true;
        }
        let droppable = (0..CAPABILITIES).filter(|capability| !KEPT.contains(capability));
        for capability in droppable {
            // SAFETY: plain numbers. Whoever has no right to this has no
            // capabilities to lose; numbers beyond the last are refused.
            unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) };
        }
        // SAFETY: plain numbers.
        unsafe {
            libc::prctl(
                libc::PR_CAP_AMBIENT,
                libc::PR_CAP_AMBIENT_CLEAR_ALL,
                0,
                0,
                0,
            ) == 0
        }
    }

    /// Puts the rules on files in force (landlock_restrict_self(2)); false if
    /// the kernel refuses. Called between fork and exec: may not allocate.
    pub(super) fn restrict(&self) -> bool {
        let Some(ruleset) = &self.ruleset else {
            return true;
        };
        // SAFETY: a descriptor of ours and no flags.
        unsafe { libc::syscall(libc::SYS_landlock_restrict_self, ruleset.as_raw_fd(), 0) == 0 }
    }
}
