//! Where a submission of the class is graded.

use std::io;

use super::entries::{Entry, Kind};
use super::unpack::unpack;
use crate::place::{Place, scratch};
use crate::submission::is_made_in_place;

/// Why there is no such place.
#[derive(Debug)]
pub(super) enum Unusable {
    /// The submission is no archive that can be unpacked, and why.
    Submission(String),
    /// No folder can be made.
    Machine(io::Error),
}

/// An archive is unpacked, and what building would change is copied.
pub(super) fn place(entry: &Entry) -> Result<Place, Unusable> {
    let here = || Place::here(&entry.path);
    if entry.kind == Kind::Folder && !is_made_in_place(&entry.path) {
        return Ok(here());
    }
    let scratch = scratch().map_err(Unusable::Machine)?;
    match entry.kind {
        // The grader says what is wrong with what cannot be copied.
        Kind::Folder => Ok(Place::copied(&entry.path, scratch).unwrap_or_else(|_| here())),
        kind => {
            let path = unpack(&entry.path, kind, scratch.path());
            let path = path.map_err(Unusable::Submission)?;
            Ok(Place::unpacked(&entry.path, path, scratch))
        }
    }
}
