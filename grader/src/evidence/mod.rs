//! What makes an execution that fails a finding that may cost a mark: it is
//! made small, set beside the nearest that passes, and comes again in every
//! replay.

pub mod confirm;
mod establish;
mod subject;

pub use confirm::Confirmed;
pub use establish::establish;
pub use subject::Subject;

use crate::explore::Nearest;
use crate::finding::Failure;
use crate::trace::{Execution, Step};

/// A finding with what shows it.
#[derive(Debug)]
pub struct Found {
    /// What failed.
    pub failure: Failure,
    /// The execution; `None` for a case that runs without control.
    pub execution: Option<Execution>,
    /// The nearest schedule that passes, where there is one.
    pub nearest: Option<Nearest>,
    /// After so many executions the search for a smaller one was given up, if
    /// it was.
    pub gave_up_after: Option<u64>,
}

impl Found {
    /// The steps that show it; none for a case that runs without control.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        self.execution
            .as_ref()
            .map_or(&[], |execution| execution.steps.as_slice())
    }

    /// What would have to be different for the schedule to pass, in words.
    #[must_use]
    pub fn passes_if(&self) -> Option<String> {
        let nearest = self.nearest.as_ref()?;
        Some(nearest.difference.describe(self.steps()))
    }
}
