//! The witness: a failing schedule in a text file that can be replayed.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::evidence::Found;
use crate::explore::ScheduledStep;
use crate::finding::Failure;
use crate::save::replace;
use crate::spec::types::Case;
use crate::trace::Step;

/// The version of the format that this grader writes and reads.
pub const VERSION: u32 = 1;

/// A witness file is small; anything larger is something else.
const FILE_MAX_BYTES: u64 = 4 << 20;

/// A failing schedule and what it is to show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Witness {
    /// Version of the format; 1.
    pub witness: u32,
    /// What was tested.
    pub tested: Tested,
    /// The submission or program, as it was named.
    pub submission: PathBuf,
    /// SHA-256 of the program, in hexadecimal.
    pub program_sha256: String,
    /// What the schedule shows.
    pub finding: WitnessFinding,
    /// Preemptions in the schedule.
    pub preemptions: u32,
    /// Faults in the schedule.
    pub faults: u32,
    /// After so many executions the search for a schedule with fewer of them
    /// was given up; absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gave_up_after: Option<u64>,
    /// The nearest schedule that passes, if one was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nearest: Option<WitnessNearest>,
    /// The decisions, one a step; empty for a case that runs without control.
    pub schedule: Vec<String>,
}

/// What a witness is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "kebab-case")]
pub enum Tested {
    /// A submission, under a case of a scenario.
    Scenario {
        /// The exercise.
        exercise: String,
        /// The scenario.
        scenario: String,
        /// The program's name, by which it is found in a package or folder.
        program: String,
        /// What is run.
        case: Box<Case>,
    },
    /// Any program, in a copy of a folder.
    Program {
        /// Its arguments.
        arguments: Vec<String>,
        /// The folder.
        folder: PathBuf,
        /// SHA-256 of what the folder held, in hexadecimal.
        folder_sha256: String,
    },
}

/// A passing schedule, and what is different in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WitnessNearest {
    /// In words.
    pub passes_if: String,
    /// The steps whose order, or the step whose fault, decides; counted from
    /// 1.
    pub steps: Vec<usize>,
    /// The decisions, one a step.
    pub schedule: Vec<String>,
}

/// The finding as a witness keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WitnessFinding {
    /// The rule's name.
    pub rule: String,
    /// The rule in one sentence.
    pub message: String,
    /// What was expected.
    pub expected: String,
    /// What was there.
    pub actual: String,
}

impl From<&Failure> for WitnessFinding {
    fn from(failure: &Failure) -> Self {
        Self {
            rule: failure.rule.clone(),
            message: failure.message.clone(),
            expected: failure.expected.clone(),
            actual: failure.actual.clone(),
        }
    }
}

impl From<&WitnessFinding> for Failure {
    fn from(finding: &WitnessFinding) -> Self {
        Self {
            rule: finding.rule.clone(),
            message: finding.message.clone(),
            expected: finding.expected.clone(),
            actual: finding.actual.clone(),
            step: None,
        }
    }
}

impl Witness {
    /// The schedule's steps.
    ///
    /// # Errors
    /// [`Error::Witness`] with the step that cannot be read.
    pub fn steps(&self, path: &Path) -> Result<Vec<ScheduledStep>> {
        read(&self.schedule, path)
    }

    /// The steps of the nearest schedule that passes, if there is one.
    ///
    /// # Errors
    /// [`Error::Witness`] with the step that cannot be read.
    pub fn passing_steps(&self, path: &Path) -> Result<Option<Vec<ScheduledStep>>> {
        let nearest = self.nearest.as_ref();
        nearest
            .map(|nearest| read(&nearest.schedule, path))
            .transpose()
    }

    /// A witness of `found`.
    #[must_use]
    pub fn new(tested: Tested, submission: &Path, program_sha256: &str, found: &Found) -> Self {
        let steps = found.steps();
        let lines = |steps: &[Step]| {
            let schedule = ScheduledStep::schedule(steps);
            schedule.iter().map(ToString::to_string).collect()
        };
        let execution = found.execution.as_ref();
        Self {
            witness: VERSION,
            tested,
            submission: submission.to_owned(),
            program_sha256: program_sha256.to_owned(),
            finding: (&found.failure).into(),
            preemptions: execution.map_or(0, |execution| execution.preemptions),
            faults: execution.map_or(0, |execution| execution.faults() as u32),
            gave_up_after: found.gave_up_after,
            nearest: found.nearest.as_ref().map(|nearest| WitnessNearest {
                passes_if: nearest.difference.describe(steps),
                steps: nearest.difference.steps(),
                schedule: lines(&nearest.execution.steps),
            }),
            schedule: lines(steps),
        }
    }

    /// Writes the witness to `folder`, as `NAME.witness`.
    ///
    /// # Errors
    /// [`Error::Grader`] if the folder cannot be written.
    pub fn save(&self, folder: &Path, name: &str) -> Result<PathBuf> {
        let path = folder.join(format!("{name}.witness"));
        let operation = || format!("write the witness {}", path.display());
        let text =
            serde_yaml::to_string(self).map_err(|cause| Error::grader(operation(), cause))?;
        replace(&path, &text, 0o600).map_err(|cause| Error::grader(operation(), cause))?;
        Ok(path)
    }

    /// Has the witness at `path` name another submission, of the same content.
    ///
    /// # Errors
    /// [`Error::Witness`] if it cannot be read, [`Error::Grader`] if it cannot
    /// be written.
    pub fn rename(path: &Path, submission: &Path) -> Result<()> {
        let mut witness = Self::load(path)?;
        witness.submission = submission.to_owned();
        let folder = path.parent().unwrap_or(Path::new(""));
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        witness.save(folder, &name).map(drop)
    }

    /// Reads a witness.
    ///
    /// # Errors
    /// [`Error::Witness`] if it cannot be read or is of another version.
    pub fn load(path: &Path) -> Result<Self> {
        let meta = fs::metadata(path).map_err(|cause| unusable(path, cause))?;
        if !meta.is_file() || meta.len() > FILE_MAX_BYTES {
            return Err(unusable(path, "it is no witness file"));
        }
        let text = fs::read_to_string(path).map_err(|cause| unusable(path, cause))?;
        let witness: Self = serde_yaml::from_str(&text).map_err(|cause| unusable(path, cause))?;
        if witness.witness != VERSION {
            let cause = format!(
                "it is of version {}, this grader reads {VERSION}",
                witness.witness
            );
            return Err(unusable(path, cause));
        }
        Ok(witness)
    }
}

fn read(schedule: &[String], path: &Path) -> Result<Vec<ScheduledStep>> {
    let step = |(index, text): (usize, &String)| {
        text.parse()
            .map_err(|cause| unusable(path, format!("step {index}: {cause}")))
    };
    schedule.iter().enumerate().map(step).collect()
}

/// Where witnesses go by default: a folder below the current one, by the name
/// of the submission's own file or folder.
#[must_use]
pub fn default_folder(submission: &Path) -> PathBuf {
    let absolute = submission.canonicalize();
    let name = absolute.as_deref().unwrap_or(submission).file_name();
    let name = name.map_or_else(|| PathBuf::from("submission"), PathBuf::from);
    Path::new(".grade").join(name)
}

/// The error for a witness that cannot be used.
pub fn unusable(path: &Path, cause: impl std::fmt::Display) -> Error {
    Error::Witness {
        path: path.to_owned(),
        cause: cause.to_string(),
        help: "give a file that `grader grade` has written, or grade again to get a new one"
            .to_owned(),
    }
}
