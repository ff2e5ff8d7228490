//! What a program has open when a template is made of it.
//!
//! A clone shares open file descriptions with the template (fork(2)): where one
//! execution has read to, the next would go on. So a template is made before
//! the first open whose description it would keep; which that is shows only
//! later, when others have been closed again, as the loader's are.

use std::path::PathBuf;

use nix::unistd::Pid;

use crate::tracee::proc;

/// A descriptor, and what it refers to.
type Descriptor = (i64, PathBuf);

/// The opens of a program on its way to its first scheduling point.
#[derive(Debug)]
pub(super) struct Opened {
    /// The number of the open before which it is stopped, if it gets there.
    limit: usize,
    /// What was open before each of them.
    before: Vec<Vec<Descriptor>>,
}

impl Opened {
    /// To be stopped before the open of this number, counted from 0.
    pub const fn until(limit: usize) -> Self {
        Self {
            limit,
            before: Vec::new(),
        }
    }

    /// The program is about to open something; false if it has to stop there.
    pub fn entering(&mut self, tid: Pid) -> bool {
        if self.before.len() >= self.limit {
            return false;
        }
        self.before.push(proc::descriptors(tid).unwrap_or_default());
        true
    }

    /// The number of the first open, of those that are known, that gave the
    /// program a descriptor that it still has; of the last one if that may not
    /// be seen.
    pub fn kept(&self, tid: Pid) -> Option<usize> {
        let begun_with = self.before.first()?;
        let Ok(descriptors) = proc::descriptors(tid) else {
            return self.before.len().checked_sub(1);
        };
        descriptors
            .iter()
            .filter(|descriptor| !begun_with.contains(descriptor))
            .filter_map(|descriptor| {
                self.before
                    .iter()
                    .rposition(|known| !known.contains(descriptor))
            })
            .min()
    }
}
