//! The passing schedule that is nearest to a failing one, and what the two
//! differ in.

use super::exploration::{Hit, explore};
use super::replay::ScheduledStep;
use crate::engine::{Decision, EngineError, Point, Setup, Strategy};
use crate::finding::Failure;
use crate::operation::TaskName;
use crate::trace::{Execution, Step};

/// Executions that may be spent on the search.
const EXECUTIONS_MAX: u64 = 60;

/// What has to be done otherwise for the schedule to pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// The two steps change places: the later one, by another task, goes
    /// first. Indices into the failing schedule.
    Swap {
        /// The earlier step.
        first: usize,
        /// The later step.
        second: usize,
    },
    /// Nothing is injected at this step.
    WithoutFault {
        /// Index of the step.
        step: usize,
    },
}

impl Difference {
    /// The steps that it is about, counted from 1.
    #[must_use]
    pub fn steps(&self) -> Vec<usize> {
        match *self {
            Self::Swap { first, second } => vec![first + 1, second + 1],
            Self::WithoutFault { step } => vec![step + 1],
        }
    }

    /// What to do, for people; steps are counted from 1.
    #[must_use]
    pub fn describe(&self, steps: &[Step]) -> String {
        let step = |index: usize| match steps.get(index) {
            Some(step) => format!("{} ({} {})", index + 1, step.task, step.operation),
            None => (index + 1).to_string(),
        };
        match *self {
            Self::Swap { first, second } => {
                format!(
                    "let step {} go before step {} and it passes",
                    step(second),
                    step(first)
                )
            }
            Self::WithoutFault { step: index } => {
                format!("without the fault at step {} it passes", step(index))
            }
        }
    }
}

/// A passing schedule.
#[derive(Debug, Clone)]
pub struct Nearest {
    /// What is done otherwise.
    pub difference: Difference,
    /// The execution.
    pub execution: Execution,
}

/// Searches for the passing schedule that has the longest beginning in
/// common with the failing one; `None` if no single change of it passes.
///
/// # Errors
/// [`EngineError`] if an execution cannot be carried out.
pub fn nearest(
    setup: &Setup,
    hit: &Hit,
    judge: &mut dyn FnMut(&Execution) -> Vec<Failure>,
) -> Result<Option<Nearest>, EngineError> {
    let steps = &hit.execution.steps;
    let schedule = ScheduledStep::schedule(steps);
    let mut left = EXECUTIONS_MAX;
    for at in (0..steps.len()).rev() {
        for decision in alternatives(steps, at) {
            if left == 0 {
                return Ok(None);
            }
            left -= 1;
            let mut strategy = Deviation::new(schedule.clone(), at, decision);
            let mut passing = None;
            let mut keep = |execution: &Execution| {
                if judge(execution).is_empty() {
                    passing = Some(execution.clone());
                }
                Vec::new()
            };
            explore(setup, &mut strategy, &mut keep, &mut |_| {})?;
            if let (true, Some(execution)) = (strategy.deviated, passing) {
                let difference = difference(steps, at, decision);
                return Ok(Some(Nearest {
                    difference,
                    execution,
                }));
            }
        }
    }
    Ok(None)
}

/// What could be decided instead of step number `at`.
fn alternatives(steps: &[Step], at: usize) -> Vec<Decision> {
    let step = &steps[at];
    let mut others: Vec<TaskName> = steps.iter().map(|other| other.task).collect();
    others.sort_unstable();
    others.dedup();
    others.retain(|&task| task != step.task && steps[at..].iter().any(|s| s.task == task));
    let without = step.fault.map(|_| Decision {
        task: step.task,
        fault: None,
    });
    let others = others
        .into_iter()
        .map(|task| Decision { task, fault: None });
    without.into_iter().chain(others).collect()
}

fn difference(steps: &[Step], at: usize, decision: Decision) -> Difference {
    let later = steps[at..]
        .iter()
        .position(|step| step.task == decision.task);
    match later {
        Some(distance) if distance > 0 => Difference::Swap {
            first: at,
            second: at + distance,
        },
        _ => Difference::WithoutFault { step: at },
    }
}

/// A schedule up to some step, another decision there, and from then on
/// whoever the schedule would have had move next, if they can.
struct Deviation {
    schedule: Vec<ScheduledStep>,
    at: usize,
    decision: Decision,
    deviated: bool,
}

impl Deviation {
    const fn new(schedule: Vec<ScheduledStep>, at: usize, decision: Decision) -> Self {
        Self {
            schedule,
            at,
            decision,
            deviated: false,
        }
    }
}

impl Strategy for Deviation {
    fn decide(&mut self, point: &Point<'_>) -> Option<Decision> {
        let ready = |task: TaskName| {
            point
                .choices
                .iter()
                .any(|choice| choice.task == task && !choice.would_block)
        };
        if point.step < self.at {
            let step = &self.schedule[point.step];
            let decision = Decision {
                task: step.task,
                fault: step.fault,
            };
            return point
                .choices
                .iter()
                .any(|c| c.task == step.task)
                .then_some(decision);
        }
        if point.step == self.at {
            self.deviated = ready(self.decision.task);
            return self.deviated.then_some(self.decision);
        }
        // The one that went first goes on as long as it can.
        let current = point.last.filter(|&last| ready(last));
        let first = point.choices.iter().find(|choice| !choice.would_block);
        let task = current.or(first.map(|choice| choice.task))?;
        Some(Decision { task, fault: None })
    }

    fn observe(&mut self, _step: &Step) {}

    fn advance(&mut self) -> bool {
        false
    }

    fn complete(&self) -> bool {
        false
    }

    fn bound(&self) -> String {
        "one deviation from a schedule".to_owned()
    }
}
