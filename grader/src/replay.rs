//! A witness, run again.

use std::path::Path;

use crate::digest;
use crate::error::{Error, Result};
use crate::event::Silent;
use crate::evidence::Subject;
use crate::evidence::confirm::{self, Replayed as Ran};
use crate::finding::Failure;
use crate::grade::{fatal, native_case};
use crate::machine;
use crate::program;
use crate::source::{Line, Sources};
use crate::spec::types::StrategyKind;
use crate::submission;
use crate::trace::Execution;
use crate::witness::{Tested, Witness, WitnessNearest};

/// What a replay showed.
#[derive(Debug)]
pub struct Replay {
    /// True if the witness's finding came again.
    pub reproduced: bool,
    /// What was found this time.
    pub failure: Option<Failure>,
    /// The witness's finding.
    pub expected: Failure,
    /// The execution; `None` for a case that runs without control.
    pub execution: Option<Execution>,
    /// The line of source of each step, if steps were looked at.
    pub lines: Vec<Option<Line>>,
    /// The nearest schedule that passes.
    pub nearest: Option<WitnessNearest>,
    /// What else is to be known, one line each.
    pub note: String,
}

/// How closely a replay is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// As in a grading.
    Plainly,
    /// Where each step is made in the program, and what its file holds after.
    Closely,
}

/// Replays a witness, with the program it was made with or `submission`.
///
/// # Errors
/// [`Error::Witness`] if the schedule does not fit the program, and all that
/// can go wrong in grading.
pub fn replay(path: &Path, submission: Option<&Path>, look: Look) -> Result<Replay> {
    let witness = Witness::load(path)?;
    let steps = witness.steps(path)?;
    let named = submission.unwrap_or(&witness.submission);
    let name = match &witness.tested {
        Tested::Scenario { program, .. } => program.as_str(),
        Tested::Program { .. } => "",
    };
    let program = submission::prepare(named, name, &mut Silent)?;
    machine::prepare()?;
    let mut changed = Vec::new();
    let sum = digest::of_file(&program.program)
        .map_err(|cause| Error::grader("read the program", cause))?;
    if sum != witness.program_sha256 {
        changed.push("the program is not the one that the witness was made with");
    }
    let failed = |error| match fatal(named, &error) {
        Err(error) => error,
        Ok(()) => Error::grader("replay the witness", error),
    };
    let controlled = |subject: Subject, changed: &[&str]| {
        let subject = match look {
            Look::Plainly => subject,
            Look::Closely => subject.looking_at_steps(),
        };
        match confirm::replay(&subject, &steps).map_err(failed)? {
            Ran::Departed(why) => Err(departed(path, changed, why)),
            Ran::Ran(failures, execution) => Ok((failures, Some(*execution))),
        }
    };
    let (failures, execution) = match &witness.tested {
        Tested::Scenario { case, .. } if case.strategy.kind == StrategyKind::Native => {
            let rule = &witness.finding.rule;
            let found = native_case::replay(program.confined(), case, rule).map_err(failed)?;
            (Vec::from_iter(found), None)
        }
        Tested::Scenario { case, .. } => {
            let subject = Subject::of_case(program.confined(), case).map_err(failed)?;
            controlled(subject, &changed)?
        }
        Tested::Program {
            arguments,
            folder,
            folder_sha256,
        } => {
            let (subject, sum) = program::subject(&program.program, arguments, folder)?;
            if sum != *folder_sha256 {
                changed.push("the folder does not hold what it held for the witness");
            }
            controlled(subject, &changed)?
        }
    };
    let expected = Failure::from(&witness.finding);
    let native = execution.is_none();
    // On the real kernel's schedule no two runs tear a record alike.
    let same = |found: &&Failure| {
        found.rule == expected.rule && (native || confirm::same(found, &expected))
    };
    let again = failures.iter().find(same);
    let mut sources = Sources::default();
    let lines = execution.as_ref().map(|seen| sources.lines(seen));
    let mut notes: Vec<String> = changed.into_iter().map(str::to_owned).collect();
    if let Some(executions) = witness.gave_up_after {
        notes.push(format!(
            "fewer preemptions or faults may do: the search for such a schedule was given up \
             after {executions} executions"
        ));
    }
    Ok(Replay {
        reproduced: again.is_some(),
        failure: again.or(failures.first()).cloned(),
        note: notes.join("\n"),
        expected,
        execution,
        lines: lines.unwrap_or_default(),
        nearest: witness.nearest,
    })
}

/// The schedule does not fit: something else is run, or our own fault.
fn departed(path: &Path, changed: &[&str], why: String) -> Error {
    if changed.is_empty() {
        return Error::grader("replay the witness", why);
    }
    Error::Witness {
        path: path.to_owned(),
        cause: format!("{}; {why}", changed.join(" and ")),
        help: "grade or explore the program again for a new witness".to_owned(),
    }
}
