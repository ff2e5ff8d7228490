//! The grader's exit codes, as documented in `--help`.

/// How a command ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// Full marks; nothing found.
    FullMarks = 0,
    /// Marks lost; something found.
    MarksLost = 1,
    /// Wrong arguments.
    Usage = 2,
    /// A scenario, rubric or witness file that cannot be used.
    BadSpec = 3,
    /// Nothing selected.
    NothingSelected = 4,
    /// The submission does not build or start.
    NoSubmission = 5,
    /// This machine does not let us trace.
    NoTracing = 6,
    /// The grader's own fault.
    GraderError = 70,
}

/// The table for `--help`.
pub const HELP: &str = "Exit codes:
  0   full marks, or nothing found
  1   marks lost, or something found
  2   wrong arguments
  3   a scenario, rubric or witness file cannot be used
  4   nothing selected
  5   the submission does not build or start
  6   this machine does not let the grader trace
  70  grader error; no marks were lost";

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code as u8)
    }
}
