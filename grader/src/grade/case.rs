//! One case under control: explore, then make the first failure a finding.

use std::time::{Duration, Instant};

use crate::engine::EngineError;
use crate::evidence::{Confirmed, Found, Subject, confirm, establish};
use crate::explore::{Bounds, Explored, Hit, Lots, Pct, explore, search};
use crate::fault::FaultPlan;
use crate::finding::Failure;
use crate::jail::Program;
use crate::limit::Limit;
use crate::spec::types::{Case, StrategyKind};
use crate::trace::Execution;

/// Executions of a case that does not say how many.
const EXECUTIONS: u32 = 20_000;
/// Bug depth of a case that does not say which.
const DEPTH: u32 = 3;

/// Time that all executions of a case may take together. A last guard: those
/// of the largest case take seconds, unless each is made to last.
const CASE_MAX: Duration = Duration::from_secs(600);

/// What a case came to.
#[derive(Debug)]
pub(super) struct CaseResult {
    pub executions: u64,
    pub cut_off: u64,
    pub complete: bool,
    pub bound: String,
    pub outcome: Confirmed,
}

/// How many executions a case may take; none of those count that are not under
/// control.
pub(super) fn executions_max(case: &Case) -> u64 {
    match case.strategy.kind {
        StrategyKind::Native => 0,
        StrategyKind::Exhaustive | StrategyKind::Pct => {
            u64::from(case.strategy.executions.unwrap_or(EXECUTIONS))
        }
    }
}

/// Grades a case by controlling its schedule.
pub(super) fn run(
    program: Program<'_>,
    case: &Case,
    seed: u64,
    progress: &mut dyn FnMut(u64),
) -> Result<CaseResult, EngineError> {
    let subject = Subject::of_case(program, case)?;
    let mut judge = subject.judge();
    let faults = FaultPlan::of(case);
    let mut example = Example::default();
    let (mut executions, mut cut_off) = (0, 0);
    let mut explored = None;
    let started = Instant::now();
    let mut late = false;
    for plan in faults.in_turn() {
        let mut judged = |execution: &Execution| {
            example.see(execution);
            let failures = judge.judge(execution);
            late = failures.is_empty() && started.elapsed() > CASE_MAX;
            match late {
                true => vec![too_late()],
                false => failures,
            }
        };
        let before = executions;
        let result = run_plan(&subject, case, plan, seed, &mut judged, &mut |n| {
            progress(before + n);
        })?;
        executions += result.executions;
        cut_off += result.cut_off;
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
        // No one execution shows it.
        Some(_) if late => Confirmed::Failed(Box::new(Found {
            failure: too_late(),
            execution: None,
            nearest: None,
            gave_up_after: None,
        })),
        Some(hit) => {
            let mut again = |execution: &Execution| judge.judge(execution);
            establish(&subject, faults, hit, &mut again)?
        }
        None if judge.conclude().is_some() => conclude(&subject, example)?,
        None => Confirmed::Passed,
    };
    Ok(CaseResult {
        executions,
        cut_off,
        complete,
        bound: bound + subject.setup.note(),
        outcome,
    })
}

/// The executions last too long for the case to be explored.
fn too_late() -> Failure {
    let minutes = CASE_MAX.as_secs() / 60;
    Failure {
        rule: Limit::Wall.rule().to_owned(),
        message: "the executions of a case must not last without need".to_owned(),
        expected: format!("at most {minutes} minutes, where seconds will do"),
        actual: format!("more than {minutes} minutes for all of them together"),
        step: None,
    }
}

fn run_plan(
    subject: &Subject,
    case: &Case,
    faults: FaultPlan,
    seed: u64,
    judge: &mut dyn FnMut(&Execution) -> Vec<Failure>,
    progress: &mut dyn FnMut(u64),
) -> Result<Explored, EngineError> {
    let given = &case.strategy;
    let executions = executions_max(case);
    let depth = given.depth.unwrap_or(DEPTH);
    if given.kind == StrategyKind::Pct {
        let mut pct = Pct::new(faults, depth, executions, seed);
        return explore(&subject.setup, &mut pct, judge, progress);
    }
    let bounds = Bounds {
        preemptions: given.preemptions,
        executions,
        faults,
    };
    search(
        &subject.setup,
        bounds,
        Lots { depth, seed },
        judge,
        progress,
    )
}

/// No execution showed what at least one must: the example that comes nearest
/// stands for all.
fn conclude(subject: &Subject, example: Example) -> Result<Confirmed, EngineError> {
    let Some(execution) = example.execution else {
        return Ok(Confirmed::Passed);
    };
    let mut judge = subject.judge();
    judge.judge(&execution);
    let Some(failure) = judge.conclude() else {
        // The rules looked at several executions; one alone has it.
        return Ok(Confirmed::Passed);
    };
    let failures = vec![failure];
    confirm::universal(
        subject,
        Hit {
            failures,
            execution,
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
