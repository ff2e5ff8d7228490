//! What a rubric keeps.

use crate::spec::path::FieldPath;
use crate::spec::problem::Problem;
use crate::spec::types::Rubric;

use super::field::{name, one_line, unique};

/// Checks a rubric in the folder `folder`.
pub fn rubric(rubric: &Rubric, folder: &str) -> Result<(), Problem> {
    let top = FieldPath::top();
    name(&top.field("exercise"), &rubric.exercise)?;
    if rubric.exercise != folder {
        return Err(Problem::value(
            &top.field("exercise"),
            format!(
                "the exercise is `{}`, but its folder is called {folder}",
                rubric.exercise
            ),
            format!("write `exercise: {folder}`, or rename the folder"),
        ));
    }
    one_line(&top.field("title"), &rubric.title)?;
    name(&top.field("program"), &rubric.program)?;
    let scenarios = top.field("scenarios");
    for (index, entry) in rubric.scenarios.iter().enumerate() {
        name(&scenarios.entry(index).field("id"), &entry.id)?;
    }
    let ids = rubric.scenarios.iter().map(|entry| entry.id.as_str());
    unique(ids, |index| scenarios.entry(index).field("id"))?;
    let regular = rubric.scenarios.iter().filter(|entry| !entry.bonus);
    let sum: u64 = regular.map(|entry| u64::from(entry.points)).sum();
    if sum != u64::from(rubric.max_points) {
        return Err(Problem::value(
            &top.field("max-points"),
            format!(
                "is {}, but the scenarios below add up to {sum}",
                rubric.max_points
            ),
            "bonus scenarios do not count here; correct the points or max-points",
        ));
    }
    Ok(())
}
