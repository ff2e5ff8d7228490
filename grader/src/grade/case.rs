//! One case under control: explore, shrink, confirm.

use std::path::Path;

use super::confirm::{self, Confirmed};
use crate::engine::{EngineError, Setup};
use crate::explore::{
    Bounds, Dpor, Exhaustive, Explored, Hit, Nearest, Pct, explore, nearest, shrink,
};
use crate::fault::FaultPlan;
use crate::finding::Failure;
use crate::oracle::{Facts, Judge};
use crate::spec::types::{Case, StrategyKind};
use crate::trace::Execution;
use crate::tracee::spawn::Control;

/// Executions of a case that does not say how many.
const EXECUTIONS: u32 = 20_000;
/// An exploration past its budget of executions makes one in so many more by
/// lot.
const PCT_SHARE: u64 = 4;
/// Bug depth of a case that does not say which.
const DEPTH: u32 = 3;

/// What a case came to.
#[derive(Debug)]
pub(super) struct CaseResult {
    pub executions: u64,
    pub complete: bool,
    pub bound: String,
    pub outcome: CaseOutcome,
}

/// Whether a case is passed.
#[derive(Debug)]
pub(super) enum CaseOutcome {
    /// Nothing found.
    Passed,
    /// Found, and found again in every replay.
    Failed(Box<Found>),
    /// Found, but not found again: the grader's fault.
    NotReproduced(String),
}

/// A finding of a case.
#[derive(Debug)]
pub(super) struct Found {
    pub failure: Failure,
    /// `None` for a case that runs without control.
    pub execution: Option<Execution>,
    pub preemptions: u32,
    /// The nearest schedule that passes, where there is one.
    pub nearest: Option<Nearest>,
}

/// What the oracles know about a case.
pub(super) fn facts(setup: &Setup) -> Facts {
    Facts {
        records: setup.case.records(),
        initial: setup.scratch.initial().to_vec(),
    }
}

/// Grades a case by controlling its schedule.
pub(super) fn run(
    program: &Path,
    case: &Case,
    seed: u64,
    progress: &mut dyn FnMut(u64),
) -> Result<CaseResult, EngineError> {
    let setup =
        Setup::new(program, case, Control::Traced).map_err(|cause| EngineError::Kernel {
            operation: "set the case up",
            cause,
        })?;
    let mut judge = Judge::new(&case.oracles, facts(&setup));
    let faults = FaultPlan::of(case);
    let mut example = Example::default();
    let mut executions = 0;
    let mut explored = None;
    // Without faults first: rules that are broken even so are not the faults'
    // doing, and the smallest schedule has none.
    for plan in plans(faults) {
        let mut judged = |execution: &Execution| {
            example.see(execution);
            judge.judge(execution)
        };
        let before = executions;
        let result = search(&setup, plan, seed, &mut judged, &mut |n| {
            progress(before + n)
        })?;
        executions += result.executions;
        let hit = result.hit.is_some();
        explored = Some(result);
        if hit {
            break;
        }
    }
    let Some(Explored {
        complete,
        bound,
        hit,
        ..
    }) = explored
    else {
        return Err(EngineError::Kernel {
            operation: "explore the case",
            cause: std::io::Error::other("nothing to run"),
        });
    };
    let outcome = match hit {
        Some(hit) => {
            let mut again = |execution: &Execution| judge.judge(execution);
            let hit = shrink(&setup, faults, hit, &mut again)?;
            let mut alone = |execution: &Execution| confirm::judge(&setup).judge(execution);
            let passing = nearest(&setup, &hit, &mut alone)?;
            match confirm::universal(&setup, hit)? {
                Confirmed::Failed(mut found) => {
                    found.nearest = passing;
                    Confirmed::Failed(found)
                }
                other => other,
            }
        }
        None if judge.conclude().is_some() => conclude(&setup, example)?,
        None => Confirmed::Passed,
    };
    Ok(CaseResult {
        executions,
        complete,
        bound,
        outcome: outcome.into(),
    })
}

fn plans(faults: FaultPlan) -> Vec<FaultPlan> {
    if faults.max == 0 {
        vec![faults]
    } else {
        vec![faults.without_faults(), faults]
    }
}

fn search(
    setup: &Setup,
    faults: FaultPlan,
    seed: u64,
    judge: &mut dyn FnMut(&Execution) -> Vec<Failure>,
    progress: &mut dyn FnMut(u64),
) -> Result<Explored, EngineError> {
    let given = &setup.case.strategy;
    let executions = u64::from(given.executions.unwrap_or(EXECUTIONS));
    let depth = given.depth.unwrap_or(DEPTH);
    if given.kind == StrategyKind::Pct {
        return explore(
            setup,
            &mut Pct::new(faults, depth, executions, seed),
            judge,
            progress,
        );
    }
    let bounds = Bounds {
        preemptions: given.preemptions,
        executions,
        faults,
    };
    let explored = match given.preemptions {
        None => explore(setup, &mut Dpor::new(bounds), judge, progress)?,
        Some(_) => explore(setup, &mut Exhaustive::new(bounds), judge, progress)?,
    };
    if explored.complete || explored.hit.is_some() {
        return Ok(explored);
    }
    // Past its budget it goes on by lot, which reaches what depth-first search
    // has not come near to yet.
    let before = explored.executions;
    let mut lots = Pct::new(faults, depth, before.div_ceil(PCT_SHARE), seed);
    let by_lot = explore(setup, &mut lots, judge, &mut |n| progress(before + n))?;
    Ok(Explored {
        executions: before + by_lot.executions,
        cut_off: explored.cut_off,
        complete: false,
        bound: format!("{}, then {}", explored.bound, by_lot.bound),
        hit: by_lot.hit,
    })
}

/// No execution showed what at least one must: the example that comes nearest
/// stands for all.
fn conclude(setup: &Setup, example: Example) -> Result<Confirmed, EngineError> {
    let Some(execution) = example.execution else {
        return Ok(Confirmed::Passed);
    };
    let mut judge = confirm::judge(setup);
    judge.judge(&execution);
    let Some(failure) = judge.conclude() else {
        // The rules looked at several executions; one alone has it.
        return Ok(Confirmed::Passed);
    };
    confirm::universal(
        setup,
        Hit {
            failures: vec![failure],
            execution,
            preemptions: 0,
        },
    )
}

/// The execution in which the processes got into each other's way the most.
#[derive(Debug, Default)]
struct Example {
    execution: Option<Execution>,
    weight: (usize, usize),
}

impl Example {
    fn see(&mut self, execution: &Execution) {
        let switches = execution
            .steps
            .windows(2)
            .filter(|w| w[0].task != w[1].task)
            .count();
        let weight = (execution.lock_sleeps.len(), switches);
        if execution.faults() == 0 && (self.execution.is_none() || weight > self.weight) {
            self.weight = weight;
            self.execution = Some(execution.clone());
        }
    }
}
