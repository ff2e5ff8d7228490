//! Makes a failing schedule small: fewest preemptions, then fewest faults.

use super::exhaustive::{Bounds, Exhaustive};
use super::exploration::{Hit, explore};
use crate::engine::{EngineError, Setup};
use crate::fault::FaultPlan;
use crate::finding::Failure;
use crate::trace::Execution;

/// Executions that may be spent on one failing schedule.
const EXECUTIONS_MAX: u64 = 2000;

/// Searches for a smaller execution that fails by the same rule, by trying
/// every smaller bound in turn.
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
    let found = (hit.preemptions, hit.execution.faults() as u32);
    let mut left = EXECUTIONS_MAX;
    for preemptions in 0..=found.0 {
        for most in 0..=faults.max.min(found.1) {
            if (preemptions, most) >= found || left == 0 {
                return Ok(hit);
            }
            let mut search = Exhaustive::new(Bounds {
                preemptions: Some(preemptions),
                executions: left,
                faults: FaultPlan {
                    max: most,
                    ..faults
                },
            });
            let mut same_rule = |execution: &Execution| {
                let mut failures = judge(execution);
                let of_rule = failures.iter().position(|failure| failure.rule == rule);
                match of_rule {
                    Some(at) => {
                        failures.swap(0, at);
                        failures
                    }
                    None => Vec::new(),
                }
            };
            let explored = explore(setup, &mut search, &mut same_rule, &mut |_| {})?;
            left = left.saturating_sub(explored.executions);
            if let Some(smaller) = explored.hit {
                return Ok(smaller);
            }
        }
    }
    Ok(hit)
}
