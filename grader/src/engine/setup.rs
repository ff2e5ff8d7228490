//! What is executed: the program, its arguments, its FILE and its limits.

use std::ffi::OsString;
use std::io;

use super::scratch::Scratch;
use super::start::{Checkpoint, Start};
use crate::jail::{Program, Walls, confine};
use crate::spec::types::{Case, FileKind};
use crate::tracee::spawn::{Control, Limits, Plan};

/// Steps of one execution where nothing says otherwise.
const STEPS: usize = 1000;

/// What every execution starts from.
#[derive(Debug)]
pub struct Setup {
    /// The scratch folder.
    pub scratch: Scratch,
    pub(super) plan: Plan,
    pub(super) start: Start,
    points: Points,
    steps: usize,
    look: bool,
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
    pub fn new<'a>(
        program: impl Into<Program<'a>>,
        case: &Case,
        control: Control,
    ) -> io::Result<Self> {
        let scratch = Scratch::with_file(&case.file)?;
        let args: Vec<OsString> = case
            .arguments(scratch.file_name())
            .into_iter()
            .map(OsString::from)
            .collect();
        let program = program.into();
        let setup = Self::assemble(program, &args, scratch, limits(case), control, Walls::Up)?;
        Ok(match case.strategy.steps {
            Some(steps) => setup.ending_after(steps as usize),
            None => setup,
        })
    }

    /// Readies any program in a scratch folder that has been filled already.
    ///
    /// # Errors
    /// If an argument holds a NUL byte.
    pub fn of_program<'a>(
        program: impl Into<Program<'a>>,
        args: &[OsString],
        scratch: Scratch,
    ) -> io::Result<Self> {
        Self::within(program, args, scratch, Walls::Up)
    }

    /// The same with or without the walls that hold it, to measure what those
    /// cost.
    ///
    /// # Errors
    /// As [`Setup::of_program`].
    pub fn within<'a>(
        program: impl Into<Program<'a>>,
        args: &[OsString],
        scratch: Scratch,
        walls: Walls,
    ) -> io::Result<Self> {
        let limits = Limits::default();
        Self::assemble(
            program.into(),
            args,
            scratch,
            limits,
            Control::Traced,
            walls,
        )
    }

    fn assemble(
        program: Program<'_>,
        args: &[OsString],
        mut scratch: Scratch,
        limits: Limits,
        control: Control,
        walls: Walls,
    ) -> io::Result<Self> {
        let descriptors = scratch.descriptors()?;
        let confinement = confine(program, scratch.folder(), control, walls)?;
        if let Some(identity) = confinement.identity {
            scratch.give_to(identity)?;
        }
        let plan = Plan::new(
            program.path,
            args,
            scratch.folder(),
            limits,
            control,
            confinement,
            descriptors,
        )?;
        Ok(Self {
            scratch,
            plan,
            start: Start::new(Checkpoint::Cloned),
            points: Points::CallsAndSharedMemory,
            steps: STEPS,
            look: false,
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

    /// The same with another bound on the steps of one execution.
    #[must_use]
    pub fn ending_after(self, steps: usize) -> Self {
        Self { steps, ..self }
    }

    /// The same, with every step looked at: where in the program it is made,
    /// and what is in its file after it.
    #[must_use]
    pub fn looking_at_steps(self) -> Self {
        Self { look: true, ..self }
    }

    pub(super) const fn looks_at_steps(&self) -> bool {
        self.look
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

    /// What is to be known of how executions start, to be put behind a bound;
    /// empty for clones of a template, which is the rule.
    #[must_use]
    pub fn note(&self) -> &'static str {
        match self.start.is_cloned() {
            true => "",
            false => "; started afresh each time, as it makes threads or processes too early",
        }
    }

    /// How many steps an execution may take.
    #[must_use]
    pub const fn steps(&self) -> usize {
        self.steps
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
