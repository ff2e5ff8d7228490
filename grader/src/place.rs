//! Where a submission is graded: where it stands, or in a folder that is gone
//! afterwards.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::copy::copy;
use crate::error::Result;
use crate::temporary::Temporary;
use crate::witness::Witness;

/// It, as long as it is there.
#[derive(Debug)]
pub struct Place {
    given: PathBuf,
    path: PathBuf,
    /// What stands for `given` there, and the folder that it is in.
    copied: Option<(PathBuf, Temporary)>,
}

/// A folder that programs of another user can be started in.
///
/// # Errors
/// If none can be made.
pub fn scratch() -> io::Result<Temporary> {
    Temporary::new(&std::env::temp_dir(), "process-sync-copy-", 0o711)
}

impl Place {
    /// Where it stands.
    pub fn here(given: &Path) -> Self {
        Self {
            given: given.to_owned(),
            path: given.to_owned(),
            copied: None,
        }
    }

    /// In a copy, unless there is something in it that no submission may hold:
    /// the grader says so where it stands.
    ///
    /// # Errors
    /// If it cannot be copied.
    pub fn copied(given: &Path, scratch: Temporary) -> io::Result<Self> {
        let name = given.file_name().unwrap_or("work".as_ref());
        let path = scratch.path().join(name);
        if given.is_file() {
            fs::copy(given, &path)?;
        } else {
            fs::create_dir(&path)?;
            // Whatever the umask: programs of another user are started in it.
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
            if !copy(given, &path)? {
                return Ok(Self::here(given));
            }
        }
        Ok(Self {
            given: given.to_owned(),
            path: path.clone(),
            copied: Some((path, scratch)),
        })
    }

    /// In `path`, which the archive `given` was unpacked to.
    pub fn unpacked(given: &Path, path: PathBuf, scratch: Temporary) -> Self {
        Self {
            given: given.to_owned(),
            path,
            copied: Some((scratch.path().to_owned(), scratch)),
        }
    }

    /// What is graded.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A message with the submission's own path: where it was graded says
    /// nothing, and is another place each time.
    pub fn forgotten_in(&self, message: &str) -> String {
        match &self.copied {
            Some((copied, _)) => {
                let [copied, given] = [copied, &self.given].map(|path| path.to_string_lossy());
                message.replace(&*copied, &given)
            }
            None => message.to_owned(),
        }
    }

    /// Has a witness that was made there name the submission itself.
    ///
    /// # Errors
    /// As [`Witness::rename`].
    pub fn forgotten_by(&self, witness: &Path) -> Result<()> {
        match self.copied {
            Some(_) => Witness::rename(witness, &self.given),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_gone_afterwards_and_not_spoken_of() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let given = folder.path().join("ada");
        fs::create_dir(&given).expect("the test's own");
        fs::write(given.join("Makefile"), "all:\n").expect("the test's own");
        let place = Place::copied(&given, scratch().expect("a folder")).expect("it can be copied");
        let path = place.path().to_owned();
        assert!(path.ends_with("ada") && path.join("Makefile").is_file());
        let message = format!("{}/a.c:1: no", path.display());
        let expected = format!("{}/a.c:1: no", given.display());
        assert_eq!(place.forgotten_in(&message), expected);
        drop(place);
        assert!(!path.exists());

        std::os::unix::fs::symlink("Makefile", given.join("link")).expect("the test's own");
        let place = Place::copied(&given, scratch().expect("a folder")).expect("it can be read");
        assert_eq!(place.path(), given);
    }
}
