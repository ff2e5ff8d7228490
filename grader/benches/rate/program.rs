//! A compiled program, run under control and without.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use grader::engine::{FILE_NAME, Points, Scratch, Setup, Strategy, execute};
use grader::explore::{Bounds, Pct};
use grader::fault::FaultPlan;
use grader::jail::Walls;
use grader::spec::types::{File, FileKind};
use grader::trace::{Execution, ExitStatus};
use tempfile::TempDir;

use super::Result;

/// Every schedule, without faults.
pub const BOUNDS: Bounds = Bounds {
    preemptions: None,
    executions: u64::MAX,
    faults: FaultPlan::NONE,
};

/// Of the search by lot: bug depth and seed.
const DEPTH: u32 = 3;
const SEED: u64 = 1;

/// How a program is linked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Linkage {
    Dynamic,
    Static,
}

impl Linkage {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dynamic => "dynamic",
            Self::Static => "static",
        }
    }
}

/// A program, removed when dropped.
pub struct Program {
    path: PathBuf,
    _folder: TempDir,
}

impl Program {
    /// Compiles `source`, relative to this crate.
    pub fn compile(source: &str, linkage: Linkage) -> Result<Self> {
        // Open to the user that a grader that is root runs programs as.
        let open = fs::Permissions::from_mode(0o755);
        let folder = tempfile::Builder::new().permissions(open).tempdir()?;
        let path = folder.path().join("program");
        let linking: &[&str] = match linkage {
            Linkage::Dynamic => &[],
            Linkage::Static => &["-static"],
        };
        let output = Command::new("cc")
            .args(["-O1", "-pthread", "-o"])
            .arg(&path)
            .args(linking)
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(source))
            .output()
            .map_err(|cause| format!("run cc: {cause}"))?;
        if !output.status.success() {
            let messages = String::from_utf8_lossy(&output.stderr);
            return Err(format!("{source} does not build:\n{messages}").into());
        }
        Ok(Self {
            path,
            _folder: folder,
        })
    }

    /// Readies it for a search; in `arguments`, `FILE` stands for FILE.
    pub fn search(&self, arguments: &[&str], points: Points) -> Result<Search> {
        self.search_within(arguments, points, Walls::Up)
    }

    /// The same with or without the walls that hold every submission.
    pub fn search_within(
        &self,
        arguments: &[&str],
        points: Points,
        walls: Walls,
    ) -> Result<Search> {
        let scratch = Scratch::with_file(&File {
            kind: FileKind::Missing,
            content: None,
            limit_bytes: None,
            times: None,
        })?;
        let arguments: Vec<OsString> = arguments
            .iter()
            .map(|&argument| match argument {
                "FILE" => FILE_NAME.into(),
                other => other.into(),
            })
            .collect();
        let setup = Setup::within(&self.path, &arguments, scratch, walls)?.stopping_at(points);
        Ok(Search {
            program: self.path.clone(),
            arguments,
            setup,
            strategy: Pct::new(FaultPlan::NONE, DEPTH, u64::MAX, SEED),
        })
    }
}

/// An endless search by lot: unlike an exhaustive one, whose share of
/// executions that are cut off differs from program to program, it makes whole
/// executions only.
pub struct Search {
    program: PathBuf,
    arguments: Vec<OsString>,
    pub setup: Setup,
    strategy: Pct,
}

impl Search {
    /// The next execution.
    pub fn execution(&mut self) -> Result<Execution> {
        let execution = execute(&self.setup, &mut self.strategy)?;
        self.strategy.advance();
        let execution = execution.ok_or("an execution was given up")?;
        match execution.exit() {
            Some(ExitStatus::Exited(0)) => Ok(execution),
            other => Err(format!("under control it ended so: {other:?}").into()),
        }
    }

    /// Runs the program without control, in the same folder.
    pub fn native(&self) -> Result<()> {
        let status = Command::new(&self.program)
            .args(&self.arguments)
            .current_dir(self.setup.scratch.folder())
            .status()?;
        match status.success() {
            true => Ok(()),
            false => Err(format!("without control it ended so: {status}").into()),
        }
    }
}
