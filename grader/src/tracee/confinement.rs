//! What a program is confined by, beyond its limits: made ready by
//! [`crate::jail`] before the fork, put in force by the child.

use std::os::fd::{AsRawFd, OwnedFd};

use libc::c_int;

/// Everything that a child puts in force before it executes the program.
#[derive(Debug)]
pub struct Confinement {
    ruleset: Option<OwnedFd>,
    pub(super) walls: bool,
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
            walls: false,
        }
    }

    /// The filters on system calls, no capabilities and these rules on files.
    #[must_use]
    pub const fn of(ruleset: Option<OwnedFd>) -> Self {
        Self {
            ruleset,
            walls: true,
        }
    }

    /// Has the next program image start without capabilities; false if the
    /// kernel refuses. Called between fork and exec: may not allocate.
    pub(super) fn drop_capabilities(&self) -> bool {
        if !self.walls {
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
