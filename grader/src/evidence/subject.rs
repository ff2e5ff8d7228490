//! What is run, and by which rules it is judged.

use std::io;

use crate::engine::{EngineError, Setup};
use crate::jail::Program;
use crate::oracle::{Facts, Judge};
use crate::spec::types::{Case, Oracle};
use crate::tracee::spawn::Control;

/// A set-up with its rules.
#[derive(Debug)]
pub struct Subject {
    /// What is run.
    pub setup: Setup,
    oracles: Vec<Oracle>,
    facts: Facts,
}

impl Subject {
    /// A program under a case of a scenario, controlled.
    ///
    /// # Errors
    /// [`EngineError::Kernel`] if no scratch folder can be made.
    pub fn of_case<'a>(program: impl Into<Program<'a>>, case: &Case) -> Result<Self, EngineError> {
        let set_up = |cause: io::Error| EngineError::Kernel {
            operation: "set the case up",
            cause,
        };
        let setup = Setup::new(program, case, Control::Traced).map_err(set_up)?;
        let facts = Facts {
            records: case.records(),
            initial: setup.scratch.initial().to_vec(),
            numbers: case.numbers(),
            exercise: case.exercise(),
        };
        Ok(Self {
            setup,
            oracles: case.oracles.clone(),
            facts,
        })
    }

    /// Any set-up, under rules that need no facts about a case.
    #[must_use]
    pub fn of_program(setup: Setup, oracles: Vec<Oracle>) -> Self {
        Self {
            setup,
            oracles,
            facts: Facts::default(),
        }
    }

    /// The same, with every step looked at.
    #[must_use]
    pub fn looking_at_steps(self) -> Self {
        Self {
            setup: self.setup.looking_at_steps(),
            ..self
        }
    }

    /// A judge that knows of no execution yet.
    #[must_use]
    pub fn judge(&self) -> Judge {
        Judge::new(&self.oracles, self.facts.clone())
    }
}
