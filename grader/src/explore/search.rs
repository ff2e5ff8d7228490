//! A whole search: exhaustive within its budget, by lot past it.

use super::dpor::Dpor;
use super::exhaustive::{Bounds, Exhaustive};
use super::exploration::{Explored, Progress, explore};
use super::pct::Pct;
use crate::engine::{EngineError, Setup};
use crate::finding::Failure;
use crate::trace::Execution;

/// An exploration past its budget of executions makes one in so many more by
/// lot.
const PCT_SHARE: u64 = 4;

/// How an exploration goes on past its budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lots {
    /// The bug depth d of PCT.
    pub depth: u32,
    /// Seed of the random numbers.
    pub seed: u64,
}

/// Searches every schedule within `bounds`: with partial-order reduction, or,
/// where preemptions are bounded, without. Past the budget of executions it
/// goes on as PCT, which reaches what depth-first search has not come near to.
///
/// # Errors
/// [`EngineError`] if an execution cannot be carried out or reproduced.
pub fn search(
    setup: &Setup,
    bounds: Bounds,
    lots: Lots,
    judge: &mut dyn FnMut(&Execution) -> Vec<Failure>,
    progress: &mut Progress<'_>,
) -> Result<Explored, EngineError> {
    let explored = match bounds.preemptions {
        None => explore(setup, &mut Dpor::new(bounds), judge, progress)?,
        Some(_) => explore(setup, &mut Exhaustive::new(bounds), judge, progress)?,
    };
    if explored.complete || explored.hit.is_some() {
        return Ok(explored);
    }
    let before = explored.executions;
    let more = before.div_ceil(PCT_SHARE);
    let mut pct = Pct::new(bounds.faults, lots.depth, more, lots.seed);
    let by_lot = explore(setup, &mut pct, judge, &mut |n| progress(before + n))?;
    Ok(Explored {
        executions: before + by_lot.executions,
        cut_off: explored.cut_off,
        complete: false,
        bound: format!("{}, then {}", explored.bound, by_lot.bound),
        hit: by_lot.hit,
    })
}
