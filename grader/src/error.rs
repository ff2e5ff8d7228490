//! The one error type of the boundary; each error knows its exit code.

use std::path::PathBuf;

use crate::exit_code::ExitCode;
use crate::spec::SpecError;

/// Anything that ends a command before its result is known.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Arguments that cannot be carried out.
    #[error("{message}\nhelp: {help}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do.
        help: String,
    },
    /// A scenario, rubric or witness file that cannot be used.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// A witness file that cannot be used, or not with this program.
    #[error("cannot use the witness {}: {cause}\nhelp: {help}", path.display())]
    Witness {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: String,
        /// What to do.
        help: String,
    },
    /// There is nothing of what was asked for.
    #[error("nothing selected: {message}\nhelp: {help}")]
    NothingSelected {
        /// What was asked for.
        message: String,
        /// What there is.
        help: String,
    },
    /// The submission cannot be found, built or started.
    #[error("the submission {} does not {what}: {cause}\nhelp: {help}", path.display())]
    Submission {
        /// The submission, as named by the user.
        path: PathBuf,
        /// `build` or `start`.
        what: &'static str,
        /// Why.
        cause: String,
        /// What to do.
        help: String,
    },
    /// This machine does not let us trace.
    #[error("this machine does not let the grader trace: {missing}\nhelp: {help}")]
    Tracing {
        /// What is missing.
        missing: String,
        /// How to allow it.
        help: String,
    },
    /// What would hit every submission of a class alike.
    #[error("no submission can be graded; the first said:\n{message}")]
    EveryOne {
        /// The grader's message on the first.
        message: String,
        /// The code that it ended with.
        code: ExitCode,
    },
    /// What a grader that was started by this one ended with.
    #[error("{message}")]
    Ended {
        /// Its message.
        message: String,
        /// Its code.
        code: ExitCode,
    },
    /// The grader's own fault.
    #[error(
        "grader error: {operation}: {cause}; no marks were lost\nhelp: grade again; if it happens again, report it with this message"
    )]
    Grader {
        /// What was being done, to what.
        operation: String,
        /// Why it failed.
        cause: String,
    },
}

impl Error {
    /// The grader's own fault: `operation` failed because of `cause`.
    pub fn grader(operation: impl Into<String>, cause: impl std::fmt::Display) -> Self {
        Self::Grader {
            operation: operation.into(),
            cause: cause.to_string(),
        }
    }

    /// The exit code that goes with this error.
    #[must_use]
    pub const fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage { .. } => ExitCode::Usage,
            Self::Spec(_) | Self::Witness { .. } => ExitCode::BadSpec,
            Self::NothingSelected { .. } => ExitCode::NothingSelected,
            Self::Submission { .. } => ExitCode::NoSubmission,
            Self::Tracing { .. } => ExitCode::NoTracing,
            Self::EveryOne { code, .. } | Self::Ended { code, .. } => *code,
            Self::Grader { .. } => ExitCode::GraderError,
        }
    }
}

/// A result with that error.
pub type Result<T> = std::result::Result<T, Error>;
