//! What is graded: a copy of what was saved, so that it can be saved again
//! meanwhile, and that what make leaves is no reason to grade again.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::copy::copy;
use crate::temporary::Temporary;

/// It, as long as it is there.
#[derive(Debug)]
pub(super) struct Snapshot {
    path: PathBuf,
    scratch: Option<Temporary>,
}

impl Snapshot {
    /// Of the submission at `given`. A Cargo package is graded where it stands:
    /// cargo changes nothing but its target folder, which makes the next build
    /// a short one.
    ///
    /// # Errors
    /// If the copy cannot be made.
    pub fn of(given: &Path) -> io::Result<Self> {
        let here = || Self {
            path: given.to_owned(),
            scratch: None,
        };
        if !given.exists() || given.join("Cargo.toml").is_file() {
            return Ok(here());
        }
        // Programs of another user are started in it.
        let scratch = Temporary::new(&std::env::temp_dir(), "process-sync-watch-", 0o711)?;
        let path = scratch
            .path()
            .join(given.file_name().unwrap_or("work".as_ref()));
        if given.is_file() {
            fs::copy(given, &path)?;
        } else {
            fs::create_dir(&path)?;
            // The grader says what is wrong with what no submission may hold.
            if !copy(given, &path)? {
                return Ok(here());
            }
        }
        Ok(Self {
            path,
            scratch: Some(scratch),
        })
    }

    /// What is graded.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A message with the submission's own path.
    pub fn forgotten_in(&self, message: &str, given: &Path) -> String {
        match self.scratch {
            Some(_) => {
                let [path, given] = [&*self.path, given].map(Path::to_string_lossy);
                message.replace(&*path, &given)
            }
            None => message.to_owned(),
        }
    }

    /// True if it is a copy.
    pub fn is_copy(&self) -> bool {
        self.scratch.is_some()
    }
}
