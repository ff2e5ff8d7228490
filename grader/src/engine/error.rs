//! What can go wrong in an execution; none of it is the student's fault.

use std::io;

use crate::operation::TaskName;
use crate::tracee::spawn::SpawnError;

/// Why an execution could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The program could not be started.
    #[error(transparent)]
    Spawn(#[from] SpawnError),
    /// A schedule does not fit what the program does: a replay that differs.
    #[error("desync at step {step}: the schedule says {expected}, the program {actual}")]
    Desync {
        /// Index of the step.
        step: usize,
        /// What the schedule asks for.
        expected: String,
        /// What there is instead.
        actual: String,
    },
    /// Something the engine does not control yet.
    #[error("{task} uses {what}, which the grader does not support")]
    Unsupported {
        /// Who.
        task: TaskName,
        /// What.
        what: String,
    },
    /// The kernel refused something.
    #[error("{operation}: {cause}")]
    Kernel {
        /// What was being done.
        operation: &'static str,
        /// The kernel's answer.
        cause: io::Error,
    },
}

/// Names the operation that an I/O error belongs to.
pub(super) fn doing(operation: &'static str) -> impl Fn(io::Error) -> EngineError {
    move |cause| EngineError::Kernel { operation, cause }
}
