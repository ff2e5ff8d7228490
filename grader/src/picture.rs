//! A picture of a lost mark: its schedule and the nearest that passes, run
//! once more with every step looked at.

use std::path::Path;

use crate::error::Result;
use crate::evidence::Subject;
use crate::evidence::confirm::{self, Replayed};
use crate::explore::ScheduledStep;
use crate::finding::Failure;
use crate::jail::Program;
use crate::limit::Limit;
use crate::source::{Line, Sources};
use crate::spec::types::{Case, FileKind, StrategyKind};
use crate::trace::Execution;
use crate::witness::{Tested, Witness, WitnessNearest};

/// The longest schedule that a picture is taken of: at each step a stack and a
/// file are kept.
const STEPS_MAX: usize = 4000;

/// Whether pictures are wanted: each costs two more executions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pictures {
    /// Of each lost scenario.
    Wanted,
    /// None.
    Unwanted,
}

/// A picture, or why there is none.
pub type Taken = std::result::Result<Picture, String>;

/// A failing schedule beside the nearest that passes.
#[derive(Debug, Clone)]
pub struct Picture {
    /// As it failed.
    pub failing: Seen,
    /// The step where the failure shows, if one does.
    pub shows: Option<usize>,
    /// As it passes.
    pub passing: Option<Seen>,
    /// What the two differ in.
    pub nearest: Option<WitnessNearest>,
}

/// An execution whose steps were looked at.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The execution.
    pub execution: Execution,
    /// Each step's line of source.
    pub lines: Vec<Option<Line>>,
    /// What FILE held before the first step; `None` if there was no regular
    /// file.
    pub before: Option<Vec<u8>>,
}

/// Takes the picture of what a witness shows of this program.
///
/// # Errors
/// In words: what has no steps, or cannot be run once more.
pub fn take(program: Program<'_>, witness: &Path) -> Taken {
    let witness = Kept::load(witness).map_err(|error| error.to_string())?;
    let Tested::Scenario { case, .. } = &witness.witness.tested else {
        return Err("the witness is of no scenario".to_owned());
    };
    if case.strategy.kind == StrategyKind::Native {
        return Err("this case runs on the real kernel's schedule: it has no steps".to_owned());
    }
    if Limit::of_rule(&witness.witness.finding.rule).is_some_and(Limit::is_measured) {
        return Err("the program was ended at a limit, and is not run into it again".to_owned());
    }
    let steps = witness.failing.len();
    if steps > STEPS_MAX {
        return Err(format!("{steps} steps are too many for one"));
    }
    let camera = Camera {
        program,
        case,
        sources: Sources::default(),
    };
    camera.take(&witness)
}

/// A witness with its schedules read.
struct Kept {
    witness: Witness,
    failing: Vec<ScheduledStep>,
    passing: Option<Vec<ScheduledStep>>,
}

impl Kept {
    fn load(path: &Path) -> Result<Self> {
        let witness = Witness::load(path)?;
        Ok(Self {
            failing: witness.steps(path)?,
            passing: witness.passing_steps(path)?,
            witness,
        })
    }
}

struct Camera<'a> {
    program: Program<'a>,
    case: &'a Case,
    sources: Sources,
}

impl Camera<'_> {
    fn take(mut self, kept: &Kept) -> Taken {
        let (failing, failures) = self.see(&kept.failing)?;
        let expected = Failure::from(&kept.witness.finding);
        let again = failures
            .iter()
            .find(|found| confirm::same(found, &expected));
        let passing = match &kept.passing {
            Some(schedule) => Some(self.see(schedule)?.0),
            None => None,
        };
        Ok(Picture {
            failing,
            shows: again.and_then(|failure| failure.step),
            passing,
            nearest: kept.witness.nearest.clone(),
        })
    }

    fn see(
        &mut self,
        schedule: &[ScheduledStep],
    ) -> std::result::Result<(Seen, Vec<Failure>), String> {
        let failed = |error: crate::engine::EngineError| error.to_string();
        let subject = Subject::of_case(self.program, self.case).map_err(failed)?;
        let before = match self.case.file.kind {
            FileKind::Regular | FileKind::Limited => Some(subject.setup.scratch.initial().to_vec()),
            FileKind::Missing | FileKind::MissingFolder | FileKind::Fifo | FileKind::Full => None,
        };
        let subject = subject.looking_at_steps();
        match confirm::replay(&subject, schedule).map_err(failed)? {
            Replayed::Departed(why) => Err(format!("it could not be run once more: {why}")),
            Replayed::Ran(failures, mut execution) => {
                let lines = self.sources.lines(&execution);
                // Whole stacks are in there.
                for sight in &mut execution.sights {
                    sight.place = None;
                }
                let seen = Seen {
                    execution: *execution,
                    lines,
                    before,
                };
                Ok((seen, failures))
            }
        }
    }
}
