//! A finding costs a mark only if it comes again, every time.

use super::{Found, Subject};
use crate::engine::{EngineError, execute};
use crate::explore::{Hit, Replay, ScheduledStep, explore};
use crate::finding::Failure;
use crate::limit::Limit;
use crate::trace::{Ending, Execution};

/// How often a failing schedule is replayed before it counts.
const REPLAYS: usize = 3;

/// A finding after its replays.
#[derive(Debug)]
pub enum Confirmed {
    /// There was nothing to confirm.
    Passed,
    /// It came again, every time.
    Failed(Box<Found>),
    /// It did not, and why: the grader's fault.
    NotReproduced(String),
}

/// What one replay gave.
#[derive(Debug)]
pub enum Replayed {
    /// The schedule went through; all that was found.
    Ran(Vec<Failure>, Box<Execution>),
    /// The program did something else than the schedule says.
    Departed(String),
}

/// Replays a schedule once.
///
/// # Errors
/// [`EngineError`] if the execution cannot be carried out.
pub fn replay(subject: &Subject, schedule: &[ScheduledStep]) -> Result<Replayed, EngineError> {
    let mut strategy = Replay::new(schedule.to_vec());
    let mut judge = subject.judge();
    let mut ran = None;
    let mut keep = |execution: &Execution| {
        let mut failures = judge.judge(execution);
        failures.extend(judge.conclude());
        ran = Some((failures, execution.clone()));
        Vec::new()
    };
    let explored = explore(&subject.setup, &mut strategy, &mut keep, &mut |_| {});
    if let Some(departure) = strategy.departure() {
        return Ok(Replayed::Departed(format!(
            "step {}: the schedule says `{}`, the program could do `{}`",
            departure.step, departure.expected, departure.actual
        )));
    }
    explored?;
    Ok(match ran {
        Some((failures, execution)) if limit_of(&execution).is_some() => {
            Replayed::Ran(failures, Box::new(execution))
        }
        Some((_, execution)) if ScheduledStep::schedule(&execution.steps) != schedule => {
            Replayed::Departed("the program takes more or fewer steps than the schedule".to_owned())
        }
        Some((failures, execution)) => Replayed::Ran(failures, Box::new(execution)),
        None => Replayed::Departed("the schedule did not go through".to_owned()),
    })
}

/// The limit that an execution was ended at, if that is measured.
pub(super) fn limit_of(execution: &Execution) -> Option<Limit> {
    match execution.ending {
        Ending::Limit(limit) if limit.is_measured() => Some(limit),
        _ => None,
    }
}

/// A limit that is measured must be reached again in every replay, a step
/// sooner or later. Where the program does something else than the schedule
/// says, it is let go on as it likes: that does not save it.
fn measured(
    subject: &Subject,
    failure: Failure,
    limit: Limit,
    execution: Execution,
    schedule: &[ScheduledStep],
) -> Result<Confirmed, EngineError> {
    for number in 1..=REPLAYS {
        let reached =
            reached(subject, schedule)? == Some(limit) || reached(subject, &[])? == Some(limit);
        if !reached {
            return Ok(Confirmed::NotReproduced(format!(
                "the limit on {} was not reached again in replay {number}",
                limit.of()
            )));
        }
    }
    Ok(Confirmed::Failed(Box::new(Found {
        failure,
        execution: Some(execution),
        nearest: None,
        gave_up_after: None,
    })))
}

/// The limit that is reached under a schedule.
fn reached(subject: &Subject, schedule: &[ScheduledStep]) -> Result<Option<Limit>, EngineError> {
    let mut strategy = Replay::new(schedule.to_vec());
    let execution = execute(&subject.setup, &mut strategy)?;
    Ok(execution.and_then(|execution| limit_of(&execution)))
}

/// True if the two say the same.
#[must_use]
pub fn same(one: &Failure, other: &Failure) -> bool {
    one.rule == other.rule && one.expected == other.expected && one.actual == other.actual
}

/// Replays a hit until it may count.
///
/// # Errors
/// [`EngineError`] if an execution cannot be carried out.
pub fn universal(subject: &Subject, hit: Hit) -> Result<Confirmed, EngineError> {
    let Some(failure) = hit.failures.into_iter().next() else {
        return Ok(Confirmed::Passed);
    };
    let schedule = ScheduledStep::schedule(&hit.execution.steps);
    if let Some(limit) = limit_of(&hit.execution) {
        return measured(subject, failure, limit, hit.execution, &schedule);
    }
    for number in 1..=REPLAYS {
        let why = match replay(subject, &schedule)? {
            Replayed::Ran(failures, _) if failures.iter().any(|found| same(found, &failure)) => {
                continue;
            }
            Replayed::Ran(..) => "it was not found again".to_owned(),
            Replayed::Departed(why) => why,
        };
        return Ok(Confirmed::NotReproduced(format!(
            "a finding of rule `{}` did not come again in replay {number}: {why}",
            failure.rule
        )));
    }
    Ok(Confirmed::Failed(Box::new(Found {
        failure,
        execution: Some(hit.execution),
        nearest: None,
        gave_up_after: None,
    })))
}
