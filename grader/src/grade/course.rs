//! The exercises that there are, and the scenarios asked for.

use std::path::Path;

use crate::error::{Error, Result};
use crate::event::Silent;
use crate::spec::types::Scenario;
use crate::spec::{self, Exercise};
use crate::submission;

/// Loads an exercise by its name.
pub(super) fn exercise(specs: Option<&Path>, name: &str) -> Result<Exercise> {
    let folder = spec::find_specs(specs)?;
    let known = spec::exercises(&folder)?;
    if !known.iter().any(|exercise| exercise == name) {
        return Err(Error::NothingSelected {
            message: format!("there is no exercise `{name}`"),
            help: format!("use one of: {}", known.join(", ")),
        });
    }
    Ok(Exercise::load(&folder, name)?)
}

/// The exercises that a submission has a program of; `forkwrite`, the
/// assignment itself, if there is none.
///
/// # Errors
/// [`Error::Spec`] if a rubric cannot be used, [`Error::Submission`] if the
/// submission cannot be looked at.
pub fn exercises_of(submission: &Path, specs: Option<&Path>) -> Result<Vec<String>> {
    let folder = spec::find_specs(specs)?;
    let known = spec::exercises(&folder)?;
    if known.len() < 2 {
        return Ok(known);
    }
    let programs: Vec<(String, String)> = known
        .iter()
        .map(|name| Ok((name.clone(), spec::program(&folder, name)?)))
        .collect::<Result<_>>()?;
    let names: Vec<String> = programs
        .iter()
        .map(|(_, program)| program.clone())
        .collect();
    // Built again, and then shown, when it is graded.
    let found = submission::programs(submission, &names, &mut Silent)?;
    let has = |program: &String| found.contains(program);
    let exercises = programs.into_iter().filter(|(_, program)| has(program));
    let exercises: Vec<String> = exercises.map(|(name, _)| name).collect();
    Ok(match exercises.is_empty() {
        true => vec![ASSIGNMENT.to_owned()],
        false => exercises,
    })
}

/// The exercise for what has a program of none.
const ASSIGNMENT: &str = "forkwrite";

/// The scenarios with these ids, in the rubric's order; all for none.
pub(super) fn select<'a>(exercise: &'a Exercise, only: &[String]) -> Result<Vec<&'a Scenario>> {
    let known = |id: &String| exercise.scenarios.iter().any(|scenario| scenario.id == *id);
    let help = || {
        let ids: Vec<&str> = exercise.scenarios.iter().map(|s| s.id.as_str()).collect();
        format!("use one or more of: {}", ids.join(", "))
    };
    if let Some(unknown) = only.iter().find(|id| !known(id)) {
        return Err(Error::NothingSelected {
            message: format!("there is no scenario `{unknown}`"),
            help: help(),
        });
    }
    let chosen = |scenario: &&Scenario| only.is_empty() || only.contains(&scenario.id);
    let scenarios: Vec<&Scenario> = exercise.scenarios.iter().filter(chosen).collect();
    if scenarios.is_empty() {
        let message = "the exercise has no scenarios".to_owned();
        return Err(Error::NothingSelected {
            message,
            help: help(),
        });
    }
    Ok(scenarios)
}

/// Loads every exercise.
///
/// # Errors
/// [`Error::Spec`] for the first file that cannot be used.
pub fn list(specs: Option<&Path>) -> Result<Vec<Exercise>> {
    let folder = spec::find_specs(specs)?;
    let names = spec::exercises(&folder)?;
    names
        .iter()
        .map(|name| Ok(Exercise::load(&folder, name)?))
        .collect()
}
