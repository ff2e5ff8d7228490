//! Makes a failing schedule small: fewest preemptions, then fewest faults,
//! then fewest processes, then fewest steps.

use super::exhaustive::{Bounds, Exhaustive};
use super::exploration::{Hit, explore};
use crate::engine::{EngineError, Setup};
use crate::fault::FaultPlan;
use crate::finding::Failure;
use crate::trace::Execution;

/// Executions that may be spent on one failing schedule.
const EXECUTIONS_MAX: u64 = 600;
/// Of these, so many after the first that fails within its bound.
const AFTER_FIRST_MAX: u64 = 60;

/// Searches for a smaller execution that fails by the same rule, by trying
/// every smaller bound in turn, and then the smallest within it.
///
/// # Errors
/// [`EngineError`] if an execution cannot be carried out.
pub fn shrink(
    setup: &Setup,
    faults: FaultPlan,
    hit: Hit,
    judge: &mut dyn FnMut(&Execution) -> Vec<Failure>,
) -> Result<Hit, EngineError> {
    let Some(rule) = hit.failures.first().map(|failure| failure.rule.clone()) else {
        return Ok(hit);
    };
    let most_faults = faults.max.min(hit.execution.faults() as u32);
    let mut best = hit;
    let mut left = EXECUTIONS_MAX;
    for preemptions in 0..=best.execution.preemptions {
        for most in 0..=most_faults {
            let bounds = Bounds {
                preemptions: Some(preemptions),
                executions: left,
                faults: FaultPlan {
                    max: most,
                    ..faults
                },
            };
            let before = size(&best.execution);
            if (preemptions, most as usize) > (before.0, before.1) || left == 0 {
                return Ok(best);
            }
            let mut first = None;
            let mut run = 0;
            let mut keep_smaller = |execution: &Execution| {
                run += 1;
                let failures = by_rule(judge(execution), &rule);
                if !failures.is_empty() {
                    first.get_or_insert(run);
                    if size(execution) < size(&best.execution) {
                        best = Hit {
                            failures: failures.clone(),
                            execution: execution.clone(),
                        };
                    }
                }
                let enough = first.is_some_and(|first| run - first >= AFTER_FIRST_MAX);
                // Any failure ends the exploration.
                if enough {
                    best.failures.clone()
                } else {
                    Vec::new()
                }
            };
            explore(
                setup,
                &mut Exhaustive::new(bounds),
                &mut keep_smaller,
                &mut |_| {},
            )?;
            left = left.saturating_sub(run);
            if first.is_some() {
                return Ok(best);
            }
        }
    }
    Ok(best)
}

/// What makes an execution small, the most important first.
fn size(execution: &Execution) -> (u32, usize, usize, usize) {
    let processes = execution.tasks.iter().filter(|task| task.name.thread == 0);
    (
        execution.preemptions,
        execution.faults(),
        processes.count(),
        execution.steps.len(),
    )
}

/// The failures, that of `rule` first; none if there is none of it.
fn by_rule(mut failures: Vec<Failure>, rule: &str) -> Vec<Failure> {
    match failures.iter().position(|failure| failure.rule == rule) {
        Some(at) => {
            failures.swap(0, at);
            failures
        }
        None => Vec::new(),
    }
}
