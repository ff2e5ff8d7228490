//! One submission, graded by a grader process of its own: whatever becomes of
//! that one, the others' are not touched.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::exit_code::ExitCode;

/// The most that is kept of what a grader says on standard error.
const MESSAGE_MAX_BYTES: usize = 16 * 1024;

/// How each submission is graded.
#[derive(Debug, Clone)]
pub(super) struct Grader {
    /// The grader's own program.
    pub program: PathBuf,
    pub exercise: Option<String>,
    pub specs: PathBuf,
    pub seed: u64,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Graded {
    pub exit_code: u8,
    pub results: Vec<Value>,
    pub message: Option<String>,
}

impl Grader {
    /// Grades what is at `path`. The grader ends with this process, should
    /// that be killed.
    pub fn grade(&self, path: &Path, witnesses: &Path) -> std::io::Result<Graded> {
        let mut command = Command::new(&self.program);
        command.args([
            "grade",
            "--format",
            "json",
            "--jobs",
            "1",
            "--end-with-parent",
        ]);
        command.arg("--seed").arg(self.seed.to_string());
        command.arg("--specs").arg(&self.specs);
        command.arg("--witness-dir").arg(witnesses);
        if let Some(exercise) = &self.exercise {
            command.args(["--exercise", exercise]);
        }
        command.arg("--").arg(path);
        command.stdin(Stdio::null());
        Ok(graded(&command.output()?))
    }
}

impl Graded {
    /// An archive that cannot be unpacked, and why.
    pub fn not_unpacked(archive: &Path, why: &str) -> Self {
        Self {
            exit_code: ExitCode::NoSubmission as u8,
            results: Vec::new(),
            message: Some(format!(
                "error: the submission {} cannot be unpacked: {why}\nhelp: hand in a zip or \
                 tar.gz archive of plain files and folders",
                archive.display()
            )),
        }
    }
}

fn graded(output: &Output) -> Graded {
    let printed = String::from_utf8_lossy(&output.stdout);
    let results = printed
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let said = String::from_utf8_lossy(&output.stderr);
    let said: String = said.trim().chars().take(MESSAGE_MAX_BYTES).collect();
    match output.status.code() {
        Some(code) => Graded {
            exit_code: u8::try_from(code).unwrap_or(GRADER_ERROR),
            results: results.collect(),
            message: (!said.is_empty()).then_some(said),
        },
        None => Graded {
            exit_code: GRADER_ERROR,
            results: Vec::new(),
            message: Some(format!(
                "grader error: the grader itself ended by {}; no marks were lost\nhelp: run it \
                 again; if it happens again, report it with the submission",
                output.status
            )),
        },
    }
}

/// The exit code for the grader's own fault.
pub(super) const GRADER_ERROR: u8 = ExitCode::GraderError as u8;
