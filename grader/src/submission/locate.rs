//! A program by its path or, as a shell finds it, by its name in PATH.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::executable;
use crate::error::{Error, Result};

/// The absolute path of `program`, which can be started.
///
/// # Errors
/// [`Error::Submission`] if there is no such program or it cannot be started.
pub fn locate(program: &OsStr) -> Result<PathBuf> {
    let named = Path::new(program);
    let missing = |cause: String, help: &str| Error::Submission {
        path: named.to_owned(),
        what: "start",
        cause,
        help: help.to_owned(),
    };
    let found = if named.components().count() > 1 || named.is_absolute() || named.starts_with(".") {
        named.to_owned()
    } else {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut candidates = std::env::split_paths(&path).map(|folder| folder.join(named));
        candidates
            .find(|candidate| candidate.is_file() && executable::check(candidate).is_ok())
            .ok_or_else(|| {
                let cause = "there is no such program in PATH".to_owned();
                missing(cause, "write ./PROGRAM for one in the current folder")
            })?
    };
    let absolute = std::path::absolute(&found)
        .map_err(|cause| missing(cause.to_string(), "give the path of an executable program"))?;
    executable::check(&absolute).map_err(|problem| problem.error(named))?;
    Ok(absolute)
}
