//! What is executed: the program, its arguments, its FILE and its limits.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use super::scratch::Scratch;
use super::start::{Checkpoint, Start};
use crate::spec::types::{Case, FileKind};
use crate::tracee::spawn::{Control, Limits, Plan};

/// Steps of one execution where the case does not say.
const STEPS: u32 = 1000;

/// What every execution of a case starts from.
#[derive(Debug)]
pub struct Setup {
    /// The case.
    pub case: Case,
    /// The program, by its absolute path.
    pub program: PathBuf,
    /// The scratch folder.
    pub scratch: Scratch,
    pub(super) plan: Plan,
    pub(super) start: Start,
    points: Points,
}

/// What a scheduling point is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Points {
    /// System calls that others can notice.
    Calls,
    /// Those, and every access to shared memory once there is a second process.
    CallsAndSharedMemory,
}

impl Setup {
    /// Makes a scratch folder for `case` and readies `program` in it.
    ///
    /// # Errors
    /// If the scratch folder cannot be made or an argument holds a NUL byte.
    pub fn new(program: &Path, case: &Case, control: Control) -> io::Result<Self> {
        let scratch = Scratch::new(&case.file)?;
        let args: Vec<OsString> = case
            .arguments(scratch.file_name())
            .into_iter()
            .map(OsString::from)
            .collect();
        let plan = Plan::new(
            program,
            &args,
            scratch.folder(),
            limits(case),
            control,
            scratch.descriptors()?,
        )?;
        Ok(Self {
            case: case.clone(),
            program: program.to_owned(),
            scratch,
            plan,
            start: Start::new(Checkpoint::Cloned),
            points: Points::CallsAndSharedMemory,
        })
    }

    /// The same with another way to start executions.
    #[must_use]
    pub fn with(self, checkpoint: Checkpoint) -> Self {
        Self {
            start: Start::new(checkpoint),
            ..self
        }
    }

    /// The same with other scheduling points.
    #[must_use]
    pub fn stopping_at(self, points: Points) -> Self {
        Self { points, ..self }
    }

    /// True if accesses to shared memory are scheduling points.
    pub(super) fn shared_points(&self) -> bool {
        self.points == Points::CallsAndSharedMemory
    }

    /// True if executions are clones of a template, as far as is known.
    #[must_use]
    pub fn is_cloned(&self) -> bool {
        self.start.is_cloned()
    }

    /// How many steps an execution may take.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.case.strategy.steps.unwrap_or(STEPS) as usize
    }

    /// The plan to start the program by.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }
}

fn limits(case: &Case) -> Limits {
    match (case.file.kind, case.file.limit_bytes) {
        (FileKind::Limited, Some(file_bytes)) => Limits {
            file_bytes,
            ..Limits::default()
        },
        _ => Limits::default(),
    }
}
