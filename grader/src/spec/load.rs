//! Finding the specs folder, and reading an exercise from it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::error::SpecError;
use super::parse::{Parsed, cause, read_text};
use super::path::FieldPath;
use super::problem::Problem;
use super::types::{Rubric, RubricEntry, Scenario};

/// The name of an exercise's rubric file.
pub const RUBRIC_FILE: &str = "rubric.yaml";

/// An exercise: its rubric and its scenarios.
#[derive(Debug, Clone, PartialEq)]
pub struct Exercise {
    /// The rubric.
    pub rubric: Rubric,
    /// The scenarios in the rubric's order, one for each of its entries.
    pub scenarios: Vec<Scenario>,
}

impl Exercise {
    /// Reads the exercise `name` from the folder `specs`: its rubric, and each
    /// scenario that the rubric names.
    pub fn load(specs: &Path, name: &str) -> Result<Self, SpecError> {
        let known = exercises(specs)?;
        if !known.iter().any(|exercise| exercise == name) {
            return Err(SpecError::NoSuchExercise {
                name: name.to_owned(),
                specs: specs.to_owned(),
                known,
            });
        }
        let folder = specs.join(name);
        let path = folder.join(RUBRIC_FILE);
        let text = read_text(&path)?;
        let rubric = Rubric::parsed(&path, &text)?;
        check_files(&folder, &rubric)?;
        let mut scenarios = Vec::new();
        for entry in &rubric.value.scenarios {
            scenarios.push(load_scenario(&folder, &rubric.value, entry)?);
        }
        Ok(Self {
            rubric: rubric.value,
            scenarios,
        })
    }
}

/// The name of the program of exercise `name`, by its rubric alone.
pub fn program(specs: &Path, name: &str) -> Result<String, SpecError> {
    let path = specs.join(name).join(RUBRIC_FILE);
    let text = read_text(&path)?;
    let rubric = Rubric::parsed(&path, &text)?;
    Ok(rubric.value.program)
}

/// The specs folder: the one given by option; else the nearest `specs` at or
/// above the current folder; else the one that the grader was built beside.
pub fn find_specs(option: Option<&Path>) -> Result<PathBuf, SpecError> {
    let current = std::env::current_dir().unwrap_or_default();
    find_specs_from(option, &current)
}

/// Like [`find_specs`], with `current` for the current folder.
pub fn find_specs_from(option: Option<&Path>, current: &Path) -> Result<PathBuf, SpecError> {
    if let Some(specs) = option {
        exercises(specs)?;
        return Ok(specs.to_owned());
    }
    for folder in current.ancestors() {
        let specs = folder.join("specs");
        if holds_an_exercise(&specs) {
            return Ok(shorten(&specs));
        }
    }
    let built_in = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../specs"));
    let built_in = fs::canonicalize(built_in).unwrap_or_else(|_| built_in.to_owned());
    if holds_an_exercise(&built_in) {
        return Ok(built_in);
    }
    Err(SpecError::unreadable(
        Path::new("specs"),
        "there is no such folder here or above, and none beside the grader's source",
        "name it with --specs FOLDER",
    ))
}

/// The exercises in the folder `specs`, sorted by name.
pub fn exercises(specs: &Path) -> Result<Vec<String>, SpecError> {
    let names = list(specs).map_err(|error| {
        SpecError::unreadable(
            specs,
            format!("cannot be read as a folder: {}", cause(&error)),
            "name the folder that holds the exercises with --specs FOLDER",
        )
    })?;
    let exercise = |name: &String| specs.join(name).join(RUBRIC_FILE).exists();
    Ok(names.into_iter().filter(exercise).collect())
}

/// A folder called `specs` may be anybody's; ours holds a rubric.
fn holds_an_exercise(specs: &Path) -> bool {
    exercises(specs).is_ok_and(|names| !names.is_empty())
}

/// Relative to the current folder where that is shorter, for messages.
fn shorten(path: &Path) -> PathBuf {
    std::env::current_dir()
        .ok()
        .and_then(|current| path.strip_prefix(current).ok().map(Path::to_owned))
        .unwrap_or_else(|| path.to_owned())
}

/// The names in a folder, sorted; without those that are not UTF-8, which can
/// be no exercise's and no scenario's.
fn list(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.extend(entry?.file_name().into_string());
    }
    names.sort();
    Ok(names)
}

/// Every scenario of the rubric has a file, and every file is in the rubric.
fn check_files(folder: &Path, rubric: &Parsed<'_, Rubric>) -> Result<(), SpecError> {
    let scenarios = FieldPath::top().field("scenarios");
    let names = list(folder).map_err(|error| {
        SpecError::unreadable(
            folder,
            format!("cannot be read: {}", cause(&error)),
            "check the permissions",
        )
    })?;
    for (index, entry) in rubric.value.scenarios.iter().enumerate() {
        let wanted = format!("{}.yaml", entry.id);
        if !names.contains(&wanted) {
            return Err(rubric.refuse(Problem::value(
                &scenarios.entry(index).field("id"),
                format!("there is no file {wanted}"),
                format!(
                    "write {}, or take this entry out",
                    folder.join(wanted).display()
                ),
            )));
        }
    }
    let listed = |stem: &str| rubric.value.scenarios.iter().any(|entry| entry.id == stem);
    for name in &names {
        let stray = match name.rsplit_once('.') {
            _ if name == RUBRIC_FILE || name.starts_with('.') => false,
            Some((stem, "yaml")) => !listed(stem),
            Some((_, "yml")) => true,
            _ => false,
        };
        if stray {
            return Err(rubric.refuse(Problem::name(
                &scenarios,
                format!("the file {name} is not in this list"),
                "add its id and points here (the file's name is ID.yaml), or remove the file",
            )));
        }
    }
    Ok(())
}

/// Reads one scenario and compares it with its entry in the rubric.
fn load_scenario(
    folder: &Path,
    rubric: &Rubric,
    entry: &RubricEntry,
) -> Result<Scenario, SpecError> {
    let path = folder.join(format!("{}.yaml", entry.id));
    let text = read_text(&path)?;
    let scenario = Scenario::parsed(&path, &text)?;
    let top = FieldPath::top();
    if scenario.value.points != entry.points {
        return Err(scenario.refuse(Problem::value(
            &top.field("points"),
            format!(
                "is {} here and {} in {RUBRIC_FILE}",
                scenario.value.points, entry.points
            ),
            "write the same points in both",
        )));
    }
    if scenario.value.program != rubric.program {
        return Err(scenario.refuse(Problem::value(
            &top.field("program"),
            format!(
                "is `{}` here and `{}` in {RUBRIC_FILE}",
                scenario.value.program, rubric.program
            ),
            "write the same program in both",
        )));
    }
    Ok(scenario.value)
}
