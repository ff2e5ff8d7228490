//! What every bundle holds: the grader, the exercises, and the script that
//! brings them together.

use std::fs;
use std::path::Path;

use super::pack::Member;
use crate::error::{Error, Result};
use crate::report::escape;
use crate::spec::{self, Exercise};

/// It, with the exercises for whoever has to name them.
#[derive(Debug)]
pub(super) struct Content {
    pub members: Vec<Member>,
    pub exercises: Vec<Exercise>,
}

/// The script that each platform's own one calls.
const GRADE: &str = include_str!("files/grade");

impl Content {
    /// Of this exercise, or of all in `specs`.
    pub fn new(grader: Vec<u8>, specs: &Path, exercise: Option<&str>) -> Result<Self> {
        let names = match exercise {
            Some(name) => vec![name.to_owned()],
            None => spec::exercises(specs)?,
        };
        if names.is_empty() {
            return Err(Error::NothingSelected {
                message: format!("there is no exercise in {}", specs.display()),
                help: "name the folder that holds the exercises' folders with --specs".to_owned(),
            });
        }
        let options = match exercise {
            Some(name) => format!(" --exercise {}", escape::shell_word(name)),
            None => String::new(),
        };
        let mut members = vec![
            Member::program("grader", grader),
            Member::program("grade", GRADE.replace(" @OPTIONS@", &options)),
        ];
        let mut exercises = Vec::new();
        for name in &names {
            exercises.push(Exercise::load(specs, name)?);
            members.extend(files(specs, name)?);
        }
        Ok(Self { members, exercises })
    }
}

/// The YAML of an exercise.
fn files(specs: &Path, name: &str) -> Result<Vec<Member>> {
    let folder = specs.join(name);
    let failed = |cause| Error::grader(format!("read {}", folder.display()), cause);
    let mut members = Vec::new();
    for entry in fs::read_dir(&folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        if path.extension().is_some_and(|end| end == "yaml") {
            let text = fs::read(&path).map_err(failed)?;
            members.push(Member::file(format!("specs/{name}/{file}"), text));
        }
    }
    members.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(members)
}
