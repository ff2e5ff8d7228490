//! Folders that go with the grader. One that was killed cannot remove its own:
//! the next does, and tells them from those in use by their locks (flock(2)),
//! which end with whoever held them, however that was.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::removal;

/// Letters of a folder's name that are drawn by lot: so many that a program
/// cannot find another's by trying.
const RANDOM_LETTERS: usize = 22;

/// A folder that is removed, however deep, when this is dropped.
#[derive(Debug)]
pub struct Temporary {
    path: PathBuf,
    _in_use: File,
}

impl Temporary {
    /// Makes a folder of this mode in `place`, its name beginning with `prefix`,
    /// and removes those that graders which are gone have left there. Its path
    /// leads through no link.
    ///
    /// # Errors
    /// If `place` cannot be written.
    pub fn new(place: &Path, prefix: &str, mode: u32) -> io::Result<Self> {
        // Shared among those that make folders; whoever removes has it alone, so
        // that it meets none that has been made and not been locked yet.
        let place = &place.canonicalize()?;
        let lock = File::open(place)?;
        if lock.try_lock().is_ok() {
            remove_abandoned(place, prefix);
            lock.unlock()?;
        }
        lock.lock_shared()?;
        let path = tempfile::Builder::new()
            .prefix(prefix)
            .rand_bytes(RANDOM_LETTERS)
            .permissions(fs::Permissions::from_mode(mode))
            .tempdir_in(place)?
            .keep();
        let in_use = File::open(&path)?;
        in_use.lock()?;
        Ok(Self {
            path,
            _in_use: in_use,
        })
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // What cannot be removed is the next grader's to try.
        let _ = removal::remove(&self.path);
    }
}

/// What cannot be opened or removed is another user's, or in use.
fn remove_abandoned(place: &Path, prefix: &str) {
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with(prefix)
            && entry.file_type().is_ok_and(|kind| kind.is_dir());
        let Ok(folder) = File::open(entry.path()) else {
            continue;
        };
        if is_ours && !matches!(folder.try_lock(), Err(TryLockError::WouldBlock)) {
            let _ = removal::remove(&entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_abandoned_is_removed() {
        let place = tempfile::tempdir().expect("a folder");
        let (abandoned, other) = (place.path().join("of-one"), place.path().join("other"));
        fs::create_dir_all(abandoned.join("deeper")).expect("folders");
        fs::create_dir(&other).expect("a folder");
        let used = Temporary::new(place.path(), "of-", 0o700).expect("a folder");
        let second = Temporary::new(place.path(), "of-", 0o700).expect("a folder");
        assert!(!abandoned.exists());
        assert!(other.exists() && used.path().exists());
        drop(second);
        assert_eq!(fs::read_dir(place.path()).expect("it is there").count(), 2);
    }
}
