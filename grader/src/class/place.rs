//! Where a submission is graded: where it stands, or in a folder that is gone
//! afterwards.

use std::io;
use std::path::{Path, PathBuf};

use super::entries::{Entry, Kind};
use super::unpack::unpack;
use crate::copy::copy;
use crate::submission::is_made_in_place;
use crate::temporary::Temporary;

/// It, as long as it is there.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    scratch: Option<Temporary>,
}

/// Why there is none.
#[derive(Debug)]
pub(super) enum Unusable {
    /// The submission is no archive that can be unpacked, and why.
    Submission(String),
    /// No folder can be made.
    Machine(io::Error),
}

impl Place {
    /// An archive is unpacked, and what building would change is copied.
    pub fn of(entry: &Entry) -> Result<Self, Unusable> {
        let here = || Self {
            path: entry.path.clone(),
            scratch: None,
        };
        if entry.kind == Kind::Folder && !is_made_in_place(&entry.path) {
            return Ok(here());
        }
        let scratch = scratch().map_err(Unusable::Machine)?;
        let path = match entry.kind {
            Kind::Folder => match copy(&entry.path, scratch.path()) {
                Ok(true) => scratch.path().to_owned(),
                // The grader says what is wrong with it.
                Ok(false) | Err(_) => return Ok(here()),
            },
            kind => unpack(&entry.path, kind, scratch.path()).map_err(Unusable::Submission)?,
        };
        Ok(Self {
            path,
            scratch: Some(scratch),
        })
    }

    /// What is graded.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// True if it is a folder that will be gone.
    pub fn is_copy(&self) -> bool {
        self.scratch.is_some()
    }

    /// A message with the submission's own path: where it was graded says
    /// nothing, and is another place each time.
    pub fn forgotten_in(&self, message: &str, entry: &Entry) -> String {
        match &self.scratch {
            Some(scratch) => {
                let [scratch, given] = [scratch.path(), &entry.path].map(Path::to_string_lossy);
                message.replace(&*scratch, &given)
            }
            None => message.to_owned(),
        }
    }
}

/// A folder that programs of another user can be started in.
fn scratch() -> io::Result<Temporary> {
    Temporary::new(&std::env::temp_dir(), "process-sync-class-", 0o711)
}
