//! The user that a submission's processes are, if not the grader's own.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::ipc::{FAMILIES, Family};
use super::shared_names::SHM;
use crate::removal;

/// A user and a group of the same number, with no other groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity(u32);

impl Identity {
    /// The user of this number.
    #[must_use]
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// Becomes it for good (setresuid(2)); false if the kernel refuses.
    /// Called between fork and exec: may not allocate.
    pub(super) fn assume(self) -> bool {
        let number = self.0;
        // SAFETY: numbers, and no groups to read.
        unsafe {
            libc::setgroups(0, std::ptr::null()) == 0
                && libc::setresgid(number, number, number) == 0
                && libc::setresuid(number, number, number) == 0
        }
    }

    /// True if a file, or a link itself, is its own.
    #[must_use]
    pub fn owns(self, path: &Path) -> bool {
        std::fs::symlink_metadata(path).is_ok_and(|metadata| metadata.uid() == self.0)
    }

    /// Removes what is its own of what outlives processes: files in `/dev/shm`
    /// and System V objects. None of its processes may be running.
    pub fn remove_leftovers(self) {
        for entry in std::fs::read_dir(SHM).into_iter().flatten().flatten() {
            let path = entry.path();
            if self.owns(&path) {
                let _ = match entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    true => removal::remove(&path),
                    false => std::fs::remove_file(path),
                };
            }
        }
        let objects = FAMILIES.into_iter().flat_map(Family::objects);
        for object in objects.filter(|object| object.owner() == Some(self.0)) {
            object.remove();
        }
    }

    /// Makes a file, or a link itself, its own.
    ///
    /// # Errors
    /// The kernel's refusal.
    pub fn give(self, path: &Path) -> io::Result<()> {
        std::os::unix::fs::lchown(path, Some(self.0), Some(self.0))
    }
}
