//! A grading's progress in words.

use super::paint::count;
use crate::event::Event;

/// What is being done, in a few words; none if something has ended.
pub(super) fn doing(event: &Event<'_>) -> Option<String> {
    match event {
        Event::Building { command } => Some(format!("building: {command}")),
        Event::ScenarioStarted { id, title } => Some(format!("{id}: {title}")),
        Event::Progress {
            id,
            case,
            executions,
        } => {
            let executions = count(*executions, "execution");
            Some(format!("{id}, case {case}: {executions}"))
        }
        Event::Pictured { id, .. } => Some(format!("{id}: looked at")),
        Event::Built { .. } | Event::ScenarioFinished(_) | Event::Finished(_) => None,
    }
}
