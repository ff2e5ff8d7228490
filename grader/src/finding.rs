//! Findings and verdicts: what the oracles say and what a scenario comes to.

use std::time::Duration;

use crate::jail::Held;

/// A failed oracle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The rule's name, such as `records` or `deadlock`.
    pub rule: String,
    /// The rule that was broken, in one sentence.
    pub message: String,
    /// What was expected, with byte counts.
    pub expected: String,
    /// What was there instead, with byte counts.
    pub actual: String,
    /// The step of the trace where it shows, if there is one.
    pub step: Option<usize>,
}

/// What a scenario came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing found within the bound.
    Pass,
    /// At least one finding; the marks are lost.
    Fail,
    /// Not run, because another scenario or set-up failed.
    Skipped,
    /// The bound was reached before anything could be said.
    Inconclusive,
    /// The grader's own fault; no marks are lost.
    Error,
}

impl Verdict {
    /// The word for it in reports for programs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Skipped => "skipped",
            Self::Inconclusive => "inconclusive",
            Self::Error => "error",
        }
    }

    /// True if it costs the scenario's marks.
    #[must_use]
    pub const fn loses(self) -> bool {
        match self {
            Self::Pass | Self::Inconclusive | Self::Error => false,
            Self::Fail | Self::Skipped => true,
        }
    }
}

/// A finding of a scenario, ready for reports.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Name of the case.
    pub case: String,
    /// What failed.
    pub failure: Failure,
    /// The execution that shows it; `None` where no single one does.
    pub execution: Option<crate::trace::Execution>,
    /// What would have to be different for the schedule to pass, in words.
    pub passes_if: Option<String>,
    /// Path of the witness file.
    pub witness: Option<std::path::PathBuf>,
    /// The first hint.
    pub hint: Option<String>,
}

/// What grading a scenario gave.
#[derive(Debug, Clone)]
pub struct ScenarioResult {
    /// The scenario's id.
    pub id: String,
    /// The scenario's title.
    pub title: String,
    /// Marks got.
    pub points: u32,
    /// Marks to be had.
    pub max_points: u32,
    /// True if they come on top of the exercise's maximum.
    pub bonus: bool,
    /// The verdict.
    pub verdict: Verdict,
    /// How many executions were run.
    pub executions: u64,
    /// How many more were given up half-way, as equal to one that was run.
    pub cut_off: u64,
    /// True if every schedule within the stated bound was run.
    pub complete: bool,
    /// The bound, in words; for an error, what went wrong.
    pub bound: String,
    /// Wall-clock time; for information only.
    pub duration: Duration,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// What grading a submission gave.
#[derive(Debug, Clone)]
pub struct GradeResult {
    /// Name of the exercise.
    pub exercise: String,
    /// The submission, as named on the command line.
    pub submission: String,
    /// Marks got, bonus included.
    pub score: u32,
    /// Marks to be had without bonus.
    pub max_score: u32,
    /// The part of `score` that is bonus.
    pub bonus: u32,
    /// The scenarios in the rubric's order.
    pub scenarios: Vec<ScenarioResult>,
    /// What held the program; `None` if none was run.
    pub jail: Option<Held>,
}
