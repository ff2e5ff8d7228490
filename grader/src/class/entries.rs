//! Which submissions a class's folder holds: a folder or an archive a student.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// What a submission comes as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Folder,
    Zip,
    TarGz,
}

/// One submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// The student: the folder's name, or the archive's without its ending.
    pub name: String,
    pub path: PathBuf,
    pub kind: Kind,
}

/// The submissions in `folder` by name, and the names of what is none.
///
/// # Errors
/// [`Error::Usage`] if the folder cannot be read or two submissions would have
/// one name.
pub(super) fn entries(folder: &Path) -> Result<(Vec<Entry>, Vec<String>)> {
    let unreadable = |cause: std::io::Error| Error::Usage {
        message: format!(
            "cannot read the class's folder {}: {cause}",
            folder.display()
        ),
        help: "name a folder that holds a folder or an archive for each student".to_owned(),
    };
    let mut found: BTreeMap<String, Entry> = BTreeMap::new();
    let mut others = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let file = entry.file_name().to_string_lossy().into_owned();
        // A link is not followed: it may lead anywhere.
        let kind = entry.file_type().map_err(unreadable)?;
        if file.starts_with('.') {
            continue;
        }
        let Some((name, kind)) = named(&file, kind.is_dir(), kind.is_file()) else {
            others.push(file);
            continue;
        };
        let entry = Entry {
            name: name.to_owned(),
            path: entry.path(),
            kind,
        };
        if let Some(other) = found.insert(name.to_owned(), entry) {
            let other = other.path.file_name().unwrap_or_default().to_string_lossy();
            return Err(Error::Usage {
                message: format!("`{file}` and `{other}` are both submissions of `{name}`"),
                help: "leave only one of them in the class's folder".to_owned(),
            });
        }
    }
    others.sort();
    Ok((found.into_values().collect(), others))
}

/// What is to be written to `out`, which may not be there yet, must not be taken
/// for a submission the next time.
///
/// # Errors
/// [`Error::Usage`] if it is in the class's folder.
pub(super) fn outside(folder: &Path, out: &Path) -> Result<()> {
    let absolute = std::path::absolute(out).unwrap_or_else(|_| out.to_owned());
    let mut above = absolute.ancestors().map(Path::canonicalize);
    let above = above.find_map(std::result::Result::ok);
    let is_inside = |above: PathBuf| Some(above.starts_with(folder.canonicalize().ok()?));
    match above.and_then(is_inside) {
        Some(true) => Err(Error::Usage {
            message: format!(
                "the results would stand in the class's folder {}, as a submission",
                folder.display()
            ),
            help: "name a folder beside it with --out".to_owned(),
        }),
        _ => Ok(()),
    }
}

fn named(file: &str, is_folder: bool, is_file: bool) -> Option<(&str, Kind)> {
    if is_folder {
        return Some((file, Kind::Folder));
    }
    let endings = [
        (".zip", Kind::Zip),
        (".tar.gz", Kind::TarGz),
        (".tgz", Kind::TarGz),
    ];
    endings
        .into_iter()
        .filter(|_| is_file)
        .find_map(|(ending, kind)| {
            let name = file.strip_suffix(ending)?;
            (!name.is_empty()).then_some((name, kind))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_no_submission() {
        let class = tempfile::tempdir().expect("a folder for the test");
        let inside = class.path().join("new/results");
        for out in [class.path(), &inside] {
            let refused = outside(class.path(), out).expect_err("it is inside");
            assert!(refused.to_string().contains("\nhelp: "), "{refused}");
        }
        let beside = class.path().with_extension("results");
        outside(class.path(), &beside).expect("it is beside");
    }

    #[test]
    fn folders_and_archives_are_submissions() {
        let class = tempfile::tempdir().expect("a folder for the test");
        fs::create_dir(class.path().join("ada")).expect("it can be made");
        for file in ["bob.zip", "cy.tar.gz", ".hidden.zip", "notes.txt", ".zip"] {
            fs::write(class.path().join(file), "").expect("it can be written");
        }
        let (found, others) = entries(class.path()).expect("it can be read");
        let names: Vec<&str> = found.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(names, ["ada", "bob", "cy"]);
        assert_eq!(others, ["notes.txt"]);
        fs::write(class.path().join("ada.zip"), "").expect("it can be written");
        let clash = entries(class.path()).expect_err("two of one name");
        assert!(
            clash.to_string().contains("submissions of `ada`"),
            "{clash}"
        );
    }
}
