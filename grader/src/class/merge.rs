//! The results of several folders as one, such as those of shards: each
//! submission once, however often it was graded.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::entries::{entries, outside};
use super::grader::GRADER_ERROR;
use super::record::Record;
use super::witnesses;
use crate::error::{Error, Result};

/// What is to be merged.
#[derive(Debug, Clone)]
pub struct Merge {
    /// Folders with results.
    pub folders: Vec<PathBuf>,
    /// Where they go; it may be one of these folders.
    pub out: PathBuf,
    /// The class, to tell who has no result.
    pub class: Option<PathBuf>,
}

/// What merging came to.
#[derive(Debug)]
pub struct Merged {
    /// All results, by name.
    pub records: Vec<Record>,
    /// How many results were there more than once.
    pub repeated: usize,
    /// Who is of the class and has no result.
    pub missing: Vec<String>,
    /// Who has a result and is not of the class.
    pub strangers: Vec<String>,
}

/// A result, and the folder that it is in.
struct Found {
    record: Record,
    folder: PathBuf,
}

/// Merges the folders' results. Nothing is written unless all of them fit
/// together.
///
/// # Errors
/// [`Error::Usage`] if a folder or a result cannot be used, or two results of
/// one submission contradict each other; [`Error::NothingSelected`] if there
/// is none.
pub fn merge(request: &Merge) -> Result<Merged> {
    let mut all: BTreeMap<String, Found> = BTreeMap::new();
    let mut repeated = 0;
    for folder in &request.folders {
        for record in records(folder)? {
            let found = Found {
                record,
                folder: folder.clone(),
            };
            let name = found.record.name.clone();
            let chosen = match all.remove(&name) {
                None => found,
                Some(other) => {
                    repeated += 1;
                    one_of(other, found)?
                }
            };
            all.insert(name, chosen);
        }
    }
    if all.is_empty() {
        return Err(Error::NothingSelected {
            message: "there is no result in these folders".to_owned(),
            help: "name the folders that `grader class` was given as --out".to_owned(),
        });
    }
    only_these(&request.out, &all)?;
    let class = match &request.class {
        Some(class) => {
            outside(class, &request.out)?;
            Some(entries(class)?.0)
        }
        None => None,
    };
    let mut records = Vec::new();
    for found in all.into_values() {
        records.push(put(found, &request.out)?);
    }
    let has = |name: &str| records.iter().any(|record: &Record| record.name == name);
    let of_class = class.iter().flatten().map(|entry| entry.name.clone());
    let missing = of_class.filter(|name| !has(name)).collect();
    let is_known = |name: &str| {
        let mut known = class.iter().flatten();
        class.is_none() || known.any(|entry| entry.name == name)
    };
    let names = records.iter().map(|record| record.name.clone());
    let strangers = names.filter(|name| !is_known(name)).collect();
    Ok(Merged {
        records,
        repeated,
        missing,
        strangers,
    })
}

/// The results in a folder, by name.
fn records(folder: &Path) -> Result<Vec<Record>> {
    let unreadable = |cause: std::io::Error| Error::Usage {
        message: format!("cannot read the results in {}: {cause}", folder.display()),
        help: "name folders that `grader class` was given as --out".to_owned(),
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        if let (Some(name), true) = (stem, path.extension().is_some_and(|end| end == "json")) {
            names.push(name.to_owned());
        }
    }
    names.sort();
    let record = |name: String| match Record::load(folder, &name) {
        Some(record) if record.name == name => Ok(record),
        _ => Err(Error::Usage {
            message: format!(
                "{} is no result of this version of the grader",
                Record::path(folder, &name).display()
            ),
            help: "remove it, and grade that submission again".to_owned(),
        }),
    };
    names.into_iter().map(record).collect()
}

/// Which of two results of a submission stands.
fn one_of(one: Found, other: Found) -> Result<Found> {
    let failed = |found: &Found| found.record.exit_code == GRADER_ERROR;
    let differ = |what: &str, help: &str| Error::Usage {
        message: format!(
            "{} and {} {what}",
            Record::path(&one.folder, &one.record.name).display(),
            Record::path(&other.folder, &other.record.name).display(),
        ),
        help: help.to_owned(),
    };
    let hang_on = one.record.differs_in(&other.record);
    if !hang_on.is_empty() {
        let what = format!("are of different things: {} differ", hang_on.join(" and "));
        let help = "grade the class again with one grader, the same specs and options, or \
                    remove the result that no longer holds";
        return Err(differ(&what, help));
    }
    match (failed(&one), failed(&other)) {
        (true, false) => Ok(other),
        (_, true) => Ok(one),
        (false, false) if one.record.says_the_same(&other.record) => Ok(one),
        (false, false) => Err(differ(
            "contradict each other, for the same submission",
            "that is the grader's fault: report it with both files, remove both, and grade \
             that submission again",
        )),
    }
}

/// What else is in `out` would be taken for a result of this merge.
fn only_these(out: &Path, all: &BTreeMap<String, Found>) -> Result<()> {
    if !out.exists() {
        return Ok(());
    }
    let others = records(out)?;
    match others.iter().find(|other| !all.contains_key(&other.name)) {
        None => Ok(()),
        Some(other) => Err(Error::Usage {
            message: format!(
                "{} is a result that none of the folders has",
                Record::path(out, &other.name).display()
            ),
            help: "name a new folder with --out, or that one as a further DIR".to_owned(),
        }),
    }
}

/// Writes a result with its witnesses.
fn put(found: Found, out: &Path) -> Result<Record> {
    let Found { mut record, folder } = found;
    let moved = witnesses::of(&mut record, &folder, out);
    for (from, to) in moved {
        witnesses::copy(&from, &to)?;
    }
    record.save(out)?;
    Ok(record)
}
