//! Events out of a grading; reports only consume them.

use crate::finding::{GradeResult, ScenarioResult};
use crate::picture::Taken;

/// Something happened in a grading.
#[derive(Debug)]
pub enum Event<'a> {
    /// The submission is being built.
    Building {
        /// The command, for people.
        command: &'a str,
    },
    /// The compiler's or make's output on a successful build, if any.
    Built {
        /// Warnings, as printed.
        output: &'a str,
    },
    /// A scenario begins.
    ScenarioStarted {
        /// Its id.
        id: &'a str,
        /// Its title.
        title: &'a str,
    },
    /// Some executions of the scenario have been run.
    Progress {
        /// The scenario's id.
        id: &'a str,
        /// The case's name.
        case: &'a str,
        /// So far.
        executions: u64,
    },
    /// A scenario has ended.
    ScenarioFinished(&'a ScenarioResult),
    /// A lost scenario's schedule has been looked at step by step.
    Pictured {
        /// The scenario's id.
        id: &'a str,
        /// What was seen.
        picture: &'a Taken,
    },
    /// All is done.
    Finished(&'a GradeResult),
}

/// Takes events.
pub trait Sink {
    /// Takes one.
    fn event(&mut self, event: &Event<'_>);
}

/// For whom events are of no interest.
#[derive(Debug)]
pub struct Silent;

impl Sink for Silent {
    fn event(&mut self, _: &Event<'_>) {}
}
