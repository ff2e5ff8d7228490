//! One given schedule, checked step by step.

use std::fmt;
use std::str::FromStr;

use crate::engine::{Decision, Point, Strategy};
use crate::fault::Fault;
use crate::operation::TaskName;
use crate::trace::Step;

/// A step of a schedule: who, what for a check, and what is injected.
/// Written `P1 | write FILE 17 | short 8`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduledStep {
    /// Who moves.
    pub task: TaskName,
    /// What it is expected to do, as the trace shows it.
    pub operation: String,
    /// What is injected.
    pub fault: Option<Fault>,
}

impl ScheduledStep {
    /// The schedule of a finished execution.
    #[must_use]
    pub fn schedule(steps: &[Step]) -> Vec<Self> {
        steps
            .iter()
            .map(|step| Self {
                task: step.task,
                operation: step.operation.to_string(),
                fault: step.fault,
            })
            .collect()
    }
}

impl fmt::Display for ScheduledStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} | {}", self.task, self.operation)?;
        self.fault.map_or(Ok(()), |fault| write!(f, " | {fault}"))
    }
}

impl FromStr for ScheduledStep {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.split(" | ");
        let (Some(task), Some(operation)) = (parts.next(), parts.next()) else {
            return Err(format!("`{text}` is no step: write `P1 | write FILE 17`"));
        };
        let fault = parts.next().map(str::parse).transpose()?;
        if parts.next().is_some() {
            return Err(format!("`{text}` has more than three parts"));
        }
        Ok(Self {
            task: task.parse()?,
            operation: operation.to_owned(),
            fault,
        })
    }
}

impl FromStr for TaskName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no process: write P0, P1 or, for a thread, P1.1");
        let digits = text.strip_prefix('P').ok_or_else(wrong)?;
        let (process, thread) = digits.split_once('.').unwrap_or((digits, "0"));
        Ok(Self {
            process: process.parse().map_err(|_| wrong())?,
            thread: thread.parse().map_err(|_| wrong())?,
        })
    }
}

/// Where a replay left its schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Departure {
    /// Index of the step.
    pub step: usize,
    /// What the schedule says.
    pub expected: String,
    /// What could be done instead.
    pub actual: String,
}

/// The strategy. Beyond the schedule's end, whoever moved last goes on.
#[derive(Debug)]
pub struct Replay {
    schedule: Vec<ScheduledStep>,
    departure: Option<Departure>,
}

impl Replay {
    /// Replays `schedule` once.
    #[must_use]
    pub const fn new(schedule: Vec<ScheduledStep>) -> Self {
        Self {
            schedule,
            departure: None,
        }
    }

    /// Where the program did something else than the schedule says.
    #[must_use]
    pub const fn departure(&self) -> Option<&Departure> {
        self.departure.as_ref()
    }
}

impl Strategy for Replay {
    fn decide(&mut self, point: &Point<'_>) -> Option<Decision> {
        let Some(step) = self.schedule.get(point.step) else {
            let mut ready = point.choices.iter().filter(|choice| !choice.would_block);
            let next = ready.clone().find(|choice| Some(choice.task) == point.last);
            let task = next.or(ready.next())?.task;
            return Some(Decision { task, fault: None });
        };
        let fits = |choice: &&crate::engine::Choice| {
            choice.task == step.task && choice.operation.to_string() == step.operation
        };
        if point.choices.iter().find(fits).is_none() {
            let ready: Vec<String> = point
                .choices
                .iter()
                .map(|choice| format!("{} | {}", choice.task, choice.operation))
                .collect();
            self.departure = Some(Departure {
                step: point.step,
                expected: step.to_string(),
                actual: ready.join(", or "),
            });
            return None;
        }
        Some(Decision {
            task: step.task,
            fault: step.fault,
        })
    }

    fn observe(&mut self, _step: &Step) {}

    fn advance(&mut self) -> bool {
        false
    }

    fn complete(&self) -> bool {
        true
    }

    fn desync(&self) -> bool {
        self.departure.is_some()
    }

    fn bound(&self) -> String {
        format!("one schedule of {} steps", self.schedule.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_reads_as_it_is_written() {
        for text in [
            "P0 | fork",
            "P12.1 | write FILE 17 | short 8",
            "P1 | futex-wait shared0+0x0 | interrupt",
        ] {
            assert_eq!(text.parse::<ScheduledStep>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_step_that_cannot_be_read_says_why() {
        for text in [
            "",
            "P0",
            "Q | fork",
            "P0 | write FILE | long 8",
            "P0 | a | kill | more",
        ] {
            assert!(text.parse::<ScheduledStep>().is_err(), "{text}");
        }
    }
}
