//! A finding costs a mark only if it comes again, every time.

use super::case::{CaseOutcome, Found, facts};
use crate::engine::{EngineError, Setup};
use crate::explore::{Hit, Replay, ScheduledStep, explore};
use crate::finding::Failure;
use crate::oracle::Judge;
use crate::trace::Execution;

/// How often a failing schedule is replayed before it counts.
const REPLAYS: usize = 3;

/// A finding after its replays.
#[derive(Debug)]
pub(super) enum Confirmed {
    Passed,
    Failed(Box<Found>),
    NotReproduced(String),
}

impl From<Confirmed> for CaseOutcome {
    fn from(confirmed: Confirmed) -> Self {
        match confirmed {
            Confirmed::Passed => Self::Passed,
            Confirmed::Failed(found) => Self::Failed(found),
            Confirmed::NotReproduced(why) => Self::NotReproduced(why),
        }
    }
}

/// What one replay gave.
#[derive(Debug)]
pub(crate) enum Replayed {
    /// The schedule went through; all that was found.
    Ran(Vec<Failure>, Box<Execution>),
    /// The program did something else than the schedule says.
    Departed(String),
}

/// A judge that knows of no other execution.
pub(super) fn judge(setup: &Setup) -> Judge {
    Judge::new(&setup.case.oracles, facts(setup))
}

/// Replays a schedule once.
pub(crate) fn replay(setup: &Setup, schedule: &[ScheduledStep]) -> Result<Replayed, EngineError> {
    let mut strategy = Replay::new(schedule.to_vec());
    let mut judge = judge(setup);
    let mut ran = None;
    let mut keep = |execution: &Execution| {
        let mut failures = judge.judge(execution);
        failures.extend(judge.conclude());
        ran = Some((failures, execution.clone()));
        Vec::new()
    };
    let explored = explore(setup, &mut strategy, &mut keep, &mut |_| {});
    if let Some(departure) = strategy.departure() {
        return Ok(Replayed::Departed(format!(
            "step {}: the schedule says `{}`, the program could do `{}`",
            departure.step, departure.expected, departure.actual
        )));
    }
    explored?;
    Ok(match ran {
        Some((_, execution)) if ScheduledStep::schedule(&execution.steps) != schedule => {
            Replayed::Departed("the program takes more or fewer steps than the schedule".to_owned())
        }
        Some((failures, execution)) => Replayed::Ran(failures, Box::new(execution)),
        None => Replayed::Departed("the schedule did not go through".to_owned()),
    })
}

/// True if the two say the same.
pub(crate) fn same(one: &Failure, other: &Failure) -> bool {
    one.rule == other.rule && one.expected == other.expected && one.actual == other.actual
}

/// Replays a hit until it may count.
pub(super) fn universal(setup: &Setup, hit: Hit) -> Result<Confirmed, EngineError> {
    let Some(failure) = hit.failures.into_iter().next() else {
        return Ok(Confirmed::Passed);
    };
    let schedule = ScheduledStep::schedule(&hit.execution.steps);
    for number in 1..=REPLAYS {
        let why = match replay(setup, &schedule)? {
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
        preemptions: hit.preemptions,
        nearest: None,
    })))
}
