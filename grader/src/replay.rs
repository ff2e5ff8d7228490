//! A witness, run again.

use std::path::Path;

use crate::engine::Setup;
use crate::error::{Error, Result};
use crate::event::{Event, Sink};
use crate::finding::Failure;
use crate::grade::confirm::{self, Replayed as Ran};
use crate::grade::{fatal, native_case};
use crate::machine;
use crate::spec::types::StrategyKind;
use crate::submission;
use crate::trace::Execution;
use crate::tracee::spawn::Control;
use crate::witness::{self, Witness};

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
    /// What else is to be known, one line each.
    pub note: String,
}

/// A build's messages are of no interest here.
struct Silent;

impl Sink for Silent {
    fn event(&mut self, _event: &Event<'_>) {}
}

/// Replays a witness, with the program it was made with or `submission`.
///
/// # Errors
/// [`Error::Witness`] if the schedule does not fit the program, and all that
/// can go wrong in grading.
pub fn replay(path: &Path, submission: Option<&Path>) -> Result<Replay> {
    let witness = Witness::load(path)?;
    let steps = witness.steps(path)?;
    let named = submission.unwrap_or(&witness.submission);
    let program = submission::prepare(named, &witness.program, &mut Silent)?;
    machine::prepare()?;
    let changed = witness::sha256(&program.program)
        .map_err(|cause| Error::grader("read the program", cause))?
        != witness.program_sha256;
    let failed = |error| match fatal(named, &error) {
        Err(error) => error,
        Ok(()) => Error::grader("replay the witness", error),
    };
    let (failures, execution) = if witness.case.strategy.kind == StrategyKind::Native {
        let rule = &witness.finding.rule;
        let found = native_case::replay(&program.program, &witness.case, rule).map_err(failed)?;
        (Vec::from_iter(found), None)
    } else {
        let setup = Setup::new(&program.program, &witness.case, Control::Traced)
            .map_err(|cause| Error::grader("set the case up", cause))?;
        match confirm::replay(&setup, &steps).map_err(failed)? {
            Ran::Departed(why) => return Err(departed(path, changed, why)),
            Ran::Ran(failures, execution) => (failures, Some(*execution)),
        }
    };
    let expected = Failure::from(&witness.finding);
    let native = execution.is_none();
    // On the real kernel's schedule no two runs tear a record alike.
    let same = |found: &&Failure| {
        found.rule == expected.rule && (native || confirm::same(found, &expected))
    };
    let again = failures.iter().find(same);
    Ok(Replay {
        reproduced: again.is_some(),
        failure: again.or(failures.first()).cloned(),
        note: if changed {
            "the program is not the one that the witness was made with"
        } else {
            ""
        }
        .to_owned(),
        expected,
        execution,
    })
}

/// The schedule does not fit: another program, or our own fault.
fn departed(path: &Path, changed: bool, why: String) -> Error {
    if !changed {
        return Error::grader("replay the witness", why);
    }
    Error::Witness {
        path: path.to_owned(),
        cause: format!("the program is not the one that it was made with; {why}"),
        help: "grade the program again for a new witness".to_owned(),
    }
}
