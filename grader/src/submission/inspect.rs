//! Looks through a folder that was handed in before anything is built of it:
//! nothing in it may lead out of it, or keep whoever reads it waiting.

use std::fs::{self, FileType, Metadata};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::report::escape;

/// More files and folders than any submission of a course has.
const ENTRIES: usize = 50_000;
/// More than any submission of a course holds.
const BYTES: u64 = 1 << 30;
/// Folders at the top that are made by tools and no part of what is handed in.
const NOT_LOOKED_AT: [&str; 3] = ["target", ".git", ".grade"];

/// What is wrong with one entry: a cause and what to do about it.
type Objection = (String, &'static str);

/// Looks at all that is in `folder`, which the user calls `path`, without
/// following links.
///
/// # Errors
/// [`Error::Submission`] for the first entry that is neither a folder nor a
/// file of one name, or if there is more than can be meant.
pub fn folder(path: &Path, folder: &Path) -> Result<()> {
    let error = |cause: String, help: &str| Error::Submission {
        path: path.to_owned(),
        what: "start",
        cause,
        help: help.to_owned(),
    };
    let unreadable = |place: &Path, cause: io::Error| {
        let cause = format!("read {}: {cause}", shown(place, folder));
        error(cause, "make it readable for the grader")
    };
    let mut seen: usize = 0;
    let mut bytes: u64 = 0;
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        let entries = fs::read_dir(&current).map_err(|cause| unreadable(&current, cause))?;
        for entry in entries {
            let entry = entry.map_err(|cause| unreadable(&current, cause))?;
            let place = entry.path();
            // Of a link itself, as lstat(2) has it.
            let metadata = entry
                .metadata()
                .map_err(|cause| unreadable(&place, cause))?;
            if let Some((cause, help)) = objection(&metadata) {
                let cause = format!("{} {cause}", shown(&place, folder));
                return Err(error(cause, help));
            }
            seen += 1;
            bytes = bytes.saturating_add(if metadata.is_file() {
                metadata.len()
            } else {
                0
            });
            if seen > ENTRIES || bytes > BYTES {
                let cause = format!(
                    "it holds more than {ENTRIES} files or more than {} MiB",
                    BYTES >> 20
                );
                return Err(error(cause, "hand in sources only"));
            }
            let skipped =
                current == folder && NOT_LOOKED_AT.iter().any(|n| entry.file_name() == *n);
            if metadata.is_dir() && !skipped {
                folders.push(place);
            }
        }
    }
    Ok(())
}

fn objection(metadata: &Metadata) -> Option<Objection> {
    let kind = metadata.file_type();
    if kind.is_dir() {
        return None;
    }
    if kind.is_file() {
        let names = metadata.nlink();
        return (names > 1).then(|| {
            let cause = format!("is a file of {names} names (a hard link)");
            (cause, "hand in a copy of the file: cp FILE COPY")
        });
    }
    let help = if kind.is_symlink() {
        "hand in the file itself: cp -L LINK FILE"
    } else {
        "remove it: only files and folders can be handed in"
    };
    Some((format!("is {}", name(kind)), help))
}

fn name(kind: FileType) -> &'static str {
    if kind.is_symlink() {
        "a symbolic link"
    } else if kind.is_fifo() {
        "a FIFO"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

/// The place within the folder, safe to show.
fn shown(place: &Path, folder: &Path) -> String {
    let within: PathBuf = place.strip_prefix(folder).unwrap_or(place).to_owned();
    match within.as_os_str().is_empty() {
        true => "the folder".to_owned(),
        false => escape::lines(&within.to_string_lossy()),
    }
}
