//! The witness: a failing schedule in a text file that can be replayed.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::explore::ScheduledStep;
use crate::finding::Failure;
use crate::spec::types::Case;

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
    /// The exercise.
    pub exercise: String,
    /// The scenario.
    pub scenario: String,
    /// The submission, as it was named when it was graded.
    pub submission: PathBuf,
    /// The program's name, by which it is found in a package or folder.
    pub program: String,
    /// SHA-256 of the program, in hexadecimal.
    pub program_sha256: String,
    /// What the schedule shows.
    pub finding: WitnessFinding,
    /// Preemptions in the schedule.
    pub preemptions: u32,
    /// Faults in the schedule.
    pub faults: u32,
    /// What is run.
    pub case: Case,
    /// The nearest schedule that passes, if one was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nearest: Option<WitnessNearest>,
    /// The decisions, one a step; empty for a case that runs without control.
    pub schedule: Vec<String>,
}

/// A passing schedule, and what is different in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WitnessNearest {
    /// In words.
    pub passes_if: String,
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
        let step = |(index, text): (usize, &String)| {
            text.parse()
                .map_err(|cause| unusable(path, format!("step {index}: {cause}")))
        };
        self.schedule.iter().enumerate().map(step).collect()
    }

    /// Writes the witness to `folder`, as `SCENARIO.witness`.
    ///
    /// # Errors
    /// [`Error::Grader`] if the folder cannot be written.
    pub fn save(&self, folder: &Path) -> Result<PathBuf> {
        let path = folder.join(format!("{}.witness", self.scenario));
        let operation = || format!("write the witness {}", path.display());
        let text =
            serde_yaml::to_string(self).map_err(|cause| Error::grader(operation(), cause))?;
        let write = || -> std::io::Result<()> {
            fs::create_dir_all(folder)?;
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            file.write_all(text.as_bytes())?;
            file.persist(&path)?;
            Ok(())
        };
        write().map_err(|cause| Error::grader(operation(), cause))?;
        Ok(path)
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

/// The error for a witness that cannot be used.
pub fn unusable(path: &Path, cause: impl std::fmt::Display) -> Error {
    Error::Witness {
        path: path.to_owned(),
        cause: cause.to_string(),
        help: "give a file that `grader grade` has written, or grade again to get a new one"
            .to_owned(),
    }
}

/// SHA-256 of a file, in hexadecimal.
///
/// # Errors
/// If the file cannot be read.
pub fn sha256(path: &Path) -> std::io::Result<String> {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(fs::read(path)?);
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}
