//! Makes a failing schedule small: fewest preemptions, then fewest faults,
//! then fewest processes, then fewest steps.

use super::exhaustive::{Bounds, Exhaustive};
use super::exploration::{Hit, explore};
use crate::engine::{EngineError, Setup};
use crate::fault::FaultPlan;
use crate::finding::Failure;
use crate::trace::Execution;

/// Executions that may be spent on one failing schedule.
const EXECUTIONS_MAX: u64 = 1200;
/// Of these, so many after the first that fails within its bound.
const AFTER_FIRST_MAX: u64 = 60;

/// A failing execution, made small.
#[derive(Debug)]
pub struct Shrunk {
    /// The execution.
    pub hit: Hit,
    /// `None` if every schedule with fewer preemptions or faults has been
    /// tried; after so many executions the search was given up otherwise.
    pub gave_up_after: Option<u64>,
}

/// Searches for a smaller execution that fails by the same rule, by trying
/// every smaller bound in turn, and then the smallest within it. Each bound has
/// an equal share of the executions that are left; as soon as something smaller
/// is found, the fewer bounds below that share them anew.
///
/// # Errors
/// [`EngineError`] if an execution cannot be carried out.
pub fn shrink(
    setup: &Setup,
    faults: FaultPlan,
    hit: Hit,
    judge: &mut dyn FnMut(&Execution) -> Vec<Failure>,
) -> Result<Shrunk, EngineError> {
    let Some(rule) = hit.failures.first().map(|failure| failure.rule.clone()) else {
        return Ok(Shrunk {
            hit,
            gave_up_after: None,
        });
    };
    let own = bound(&hit.execution);
    let most_faults = faults.max.min(own.1);
    let all = (0..=own.0).flat_map(|most| (0..=most_faults).map(move |faults| (most, faults)));
    let mut search = Shrinking {
        setup,
        faults,
        rule,
        untried: all.filter(|bound| *bound <= own).collect(),
        best: hit,
        left: EXECUTIONS_MAX,
    };
    while search.pass(judge)? && !search.untried.is_empty() {}
    let given_up = !search.untried.is_empty();
    Ok(Shrunk {
        hit: search.best,
        gave_up_after: given_up.then_some(EXECUTIONS_MAX - search.left),
    })
}

/// At most so many preemptions, and so many faults.
type Bound = (u32, u32);

/// A search for something smaller.
struct Shrinking<'a> {
    setup: &'a Setup,
    faults: FaultPlan,
    rule: String,
    best: Hit,
    /// Bounds within which not everything has been tried, the smallest first.
    untried: Vec<Bound>,
    /// Executions that may still be spent.
    left: u64,
}

/// What came of a search within one bound.
enum Tried {
    /// It fails there too.
    Fails,
    /// Nothing in it fails.
    Passes,
    /// That was not to be found out.
    Unknown,
}

impl Shrinking<'_> {
    /// Searches within each bound, until something fails; true if it did.
    fn pass(
        &mut self,
        judge: &mut dyn FnMut(&Execution) -> Vec<Failure>,
    ) -> Result<bool, EngineError> {
        let bounds = std::mem::take(&mut self.untried);
        for (index, &within) in bounds.iter().enumerate() {
            let share = self.left / (bounds.len() - index) as u64;
            let tried = match share {
                0 => Tried::Unknown,
                _ => self.search(within, share, judge)?,
            };
            match tried {
                Tried::Passes => {}
                Tried::Unknown => self.untried.push(within),
                Tried::Fails => {
                    let own = bound(&self.best.execution);
                    self.untried.retain(|bound| *bound < own);
                    return Ok(true);
                }
            }
        }
        // Within its own bound there is nothing with less of either.
        let own = bound(&self.best.execution);
        self.untried.retain(|bound| *bound < own);
        Ok(false)
    }

    fn search(
        &mut self,
        (preemptions, most): Bound,
        executions: u64,
        judge: &mut dyn FnMut(&Execution) -> Vec<Failure>,
    ) -> Result<Tried, EngineError> {
        let bounds = Bounds {
            preemptions: Some(preemptions),
            executions,
            faults: FaultPlan {
                max: most,
                ..self.faults
            },
        };
        let (best, rule) = (&mut self.best, &self.rule);
        let mut first = None;
        let mut run = 0;
        let mut keep_smaller = |execution: &Execution| {
            run += 1;
            let failures = by_rule(judge(execution), rule);
            if !failures.is_empty() {
                first.get_or_insert(run);
                if size(execution) < size(&best.execution) {
                    *best = Hit {
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
        let explored = explore(
            self.setup,
            &mut Exhaustive::new(bounds),
            &mut keep_smaller,
            &mut |_| {},
        )?;
        self.left = self.left.saturating_sub(run);
        Ok(match (first, explored.complete) {
            (Some(_), _) => Tried::Fails,
            (None, true) => Tried::Passes,
            (None, false) => Tried::Unknown,
        })
    }
}

/// The least bound that an execution is within.
fn bound(execution: &Execution) -> Bound {
    (execution.preemptions, execution.faults() as u32)
}

/// What makes an execution small, the most important first.
fn size(execution: &Execution) -> (u32, usize, usize, usize) {
    (
        execution.preemptions,
        execution.faults(),
        execution.processes(),
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
