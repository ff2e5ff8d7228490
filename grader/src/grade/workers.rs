//! Several scenarios at the same time, each on a processor of its own.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

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

/// Takes a case's name and its executions so far.
pub(super) type Progress<'a> = dyn FnMut(&str, u64) + 'a;

/// Grades each scenario by `one`, at most `jobs` at a time. The events, and the
/// error if there is one, are those of one scenario after the other.
///
/// # Errors
/// One that a scenario has. What has not begun by then never does.
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
            processors.share_out(jobs, scenarios.len(), |index| {
                let mut progress = |case: &str, executions| {
                    let _ = sender.send(Message::Progress(index, case.to_owned(), executions));
                };
                let result = one(scenarios[index], &mut progress);
                let flow = match result {
                    Ok(_) => ControlFlow::Continue(()),
                    Err(_) => ControlFlow::Break(()),
                };
                // Nobody listens any more once there has been an error.
                let _ = sender.send(Message::Ended(index, Box::new(result)));
                flow
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
    let mut ended: Vec<Option<ScenarioResult>> = scenarios.iter().map(|_| None).collect();
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
            Message::Ended(index, result) => ended[index] = Some((*result)?),
        }
        while let Some(result) = ended.get_mut(results.len()).and_then(Option::take) {
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
