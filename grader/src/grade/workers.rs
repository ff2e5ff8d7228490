//! Several scenarios at the same time, each on a processor of its own.

use std::cmp::Reverse;
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::case::executions_max;
use crate::error::{Error, Result};
use crate::event::{Event, Sink};
use crate::finding::ScenarioResult;
use crate::machine::Processors;
use crate::spec::types::Scenario;

/// What a worker tells, each about the scenario with this index.
enum Message {
    Progress(usize, String, u64),
    Ended(usize, Box<Result<ScenarioResult>>),
}

/// How often a worker tells how far it is: the thread that it tells has to be
/// woken for it.
const TOLD_EVERY: Duration = Duration::from_millis(50);

/// Takes a case's name and its executions so far.
pub(super) type Progress<'a> = dyn FnMut(&str, u64) + 'a;

/// The scenarios that have not begun, by index: the executions that each may
/// take, `None` once it has begun.
struct Waiting(Vec<Option<u64>>);

impl Waiting {
    fn new(scenarios: &[&Scenario]) -> Self {
        let budget = |scenario: &&Scenario| scenario.cases.iter().map(executions_max).sum();
        Self(scenarios.iter().map(|s| Some(budget(s))).collect())
    }

    /// What this worker begins next. The first takes one after the other, so
    /// that there are results to tell of; the others the largest, so that none
    /// of these is left when there is nothing to do beside it.
    fn take(&mut self, worker: usize) -> Option<usize> {
        let waiting = self.0.iter().enumerate();
        let mut waiting = waiting.filter_map(|(index, budget)| Some((index, (*budget)?)));
        let (index, _) = match worker {
            0 => waiting.next(),
            _ => waiting.max_by_key(|&(index, budget)| (budget, Reverse(index))),
        }?;
        self.0[index] = None;
        Some(index)
    }

    /// None of those behind this one shall begin.
    fn end_at(&mut self, index: usize) {
        self.0.truncate(index);
    }
}

/// Grades each scenario by `one`, at most `jobs` at a time. The events, and the
/// error if there is one, are those of one scenario after the other.
///
/// # Errors
/// The first that a scenario has. None of those behind it begins after it.
pub(super) fn grade_all<F>(
    scenarios: &[&Scenario],
    processors: &Processors,
    jobs: Option<NonZeroUsize>,
    one: F,
    sink: &mut dyn Sink,
) -> Result<Vec<ScenarioResult>>
where
    F: Fn(&Scenario, &mut Progress<'_>) -> Result<ScenarioResult> + Send + Sync,
{
    let (sender, receiver) = channel();
    thread::scope(|scope| {
        // The sender goes with the last scenario.
        scope.spawn(move || {
            let waiting = Mutex::new(Waiting::new(scenarios));
            let waiting = || waiting.lock().unwrap_or_else(|poison| poison.into_inner());
            processors.employ(jobs, scenarios.len(), |worker| {
                // The lock is not held while it is graded.
                for index in std::iter::from_fn(|| waiting().take(worker)) {
                    let mut told: Option<Instant> = None;
                    let mut progress = |case: &str, executions| {
                        if told.is_some_and(|at| at.elapsed() < TOLD_EVERY) {
                            return;
                        }
                        told = Some(Instant::now());
                        let _ = sender.send(Message::Progress(index, case.to_owned(), executions));
                    };
                    let result = one(scenarios[index], &mut progress);
                    if result.is_err() {
                        waiting().end_at(index);
                    }
                    // Nobody listens any more once an error has been told.
                    let _ = sender.send(Message::Ended(index, Box::new(result)));
                }
            });
        });
        in_order(scenarios, &receiver, sink)
    })
}

/// Tells of one scenario at a time, the first that has not ended.
fn in_order(
    scenarios: &[&Scenario],
    receiver: &Receiver<Message>,
    sink: &mut dyn Sink,
) -> Result<Vec<ScenarioResult>> {
    let mut ended: Vec<Option<Result<ScenarioResult>>> = scenarios.iter().map(|_| None).collect();
    let mut results = Vec::new();
    started(scenarios, 0, sink);
    while results.len() < scenarios.len() {
        let Ok(message) = receiver.recv() else {
            return Err(Error::grader("grade a scenario", "its thread has ended"));
        };
        match message {
            Message::Progress(index, case, executions) => {
                if index == results.len() {
                    sink.event(&Event::Progress {
                        id: &scenarios[index].id,
                        case: &case,
                        executions,
                    });
                }
            }
            Message::Ended(index, result) => ended[index] = Some(*result),
        }
        while let Some(result) = ended.get_mut(results.len()).and_then(Option::take) {
            let result = result?;
            sink.event(&Event::ScenarioFinished(&result));
            results.push(result);
            started(scenarios, results.len(), sink);
        }
    }
    Ok(results)
}

fn started(scenarios: &[&Scenario], index: usize, sink: &mut dyn Sink) {
    if let Some(scenario) = scenarios.get(index) {
        sink.event(&Event::ScenarioStarted {
            id: &scenario.id,
            title: &scenario.title,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting() -> Waiting {
        Waiting([20, 10, 30, 0, 30].map(Some).to_vec())
    }

    #[test]
    fn one_worker_keeps_to_the_order() {
        let mut waiting = waiting();
        let order: Vec<usize> = std::iter::from_fn(|| waiting.take(0)).collect();
        assert_eq!(order, [0, 1, 2, 3, 4]);
    }

    #[test]
    fn others_take_the_largest_that_is_left() {
        let mut waiting = waiting();
        let workers = [0, 1, 2, 0, 1, 0];
        let order = workers.map(|worker| waiting.take(worker));
        assert_eq!(order, [Some(0), Some(2), Some(4), Some(1), Some(3), None]);
    }

    #[test]
    fn only_what_is_before_an_error_still_begins() {
        let mut waiting = waiting();
        waiting.end_at(2);
        waiting.end_at(4);
        let order: Vec<usize> = std::iter::from_fn(|| waiting.take(1)).collect();
        assert_eq!(order, [0, 1]);
    }
}
