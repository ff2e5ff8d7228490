//! Open file descriptions that processes share: a read, a write or a seek by
//! one moves the offset of all (open(2), fork(2)).
//!
//! Kept by the file instead of the description, which the kernel names nowhere:
//! whoever opens the file again for itself counts as sharing it all the same.
//! That costs executions, and no order is missed.

use std::path::{Path, PathBuf};

use nix::unistd::Pid;

use super::scratch::Scratch;
use crate::tracee::proc;

/// The files of which a process shares a description with others, as the kernel
/// names them.
#[derive(Debug, Clone)]
pub(super) enum Descriptions {
    /// Only these.
    Of(Vec<PathBuf>),
    /// Whatever it opens, too.
    OfAll,
}

impl Descriptions {
    /// The process is about to have a child, which gets all that it has open.
    pub fn fork(&mut self, parent: Pid) {
        let Self::Of(files) = self else {
            return;
        };
        let Ok(open) = proc::descriptors(parent) else {
            *self = Self::OfAll;
            return;
        };
        for (_, link) in open {
            if has_offset(&link) && !files.contains(&link) {
                files.push(link);
            }
        }
    }

    /// True if an offset in the file may be another's too.
    pub fn share(&self, link: &Path) -> bool {
        match self {
            Self::Of(files) => files.iter().any(|file| file == link),
            Self::OfAll => has_offset(link),
        }
    }
}

/// True for a file, unlike pipes, devices and what the program prints to.
fn has_offset(link: &Path) -> bool {
    link.is_absolute() && !link.starts_with("/dev/null") && !Scratch::is_output(link)
}
