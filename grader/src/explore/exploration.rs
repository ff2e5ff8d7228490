//! Runs what a strategy chooses, until something is found or all is done.

use crate::engine::{EngineError, Setup, Strategy, execute};
use crate::finding::Failure;
use crate::trace::Execution;

/// An execution that fails.
#[derive(Debug, Clone)]
pub struct Hit {
    /// What failed, the first being the one that is reported.
    pub failures: Vec<Failure>,
    /// The execution.
    pub execution: Execution,
}

/// What an exploration came to.
#[derive(Debug)]
pub struct Explored {
    /// How many executions were run.
    pub executions: u64,
    /// How many were given up half-way, as equal to one that was run.
    pub cut_off: u64,
    /// True if every schedule within the bound was run.
    pub complete: bool,
    /// The bound, in words.
    pub bound: String,
    /// The first failing execution, with which the exploration ended.
    pub hit: Option<Hit>,
}

/// Is told how many executions have been run.
pub type Progress<'a> = dyn FnMut(u64) + 'a;

/// Executes `setup` under `strategy` until `judge` finds something.
///
/// # Errors
/// [`EngineError`] if an execution cannot be carried out or reproduced.
pub fn explore(
    setup: &Setup,
    strategy: &mut dyn Strategy,
    judge: &mut dyn FnMut(&Execution) -> Vec<Failure>,
    progress: &mut Progress<'_>,
) -> Result<Explored, EngineError> {
    let mut executions = 0;
    let mut hit = None;
    loop {
        let execution = execute(setup, strategy)?;
        if strategy.desync() {
            return Err(EngineError::Desync {
                step: 0,
                expected: "was chosen before".to_owned(),
                actual: "did something else under the same decisions".to_owned(),
            });
        }
        if let Some(execution) = execution {
            executions += 1;
            progress(executions);
            let failures = judge(&execution);
            if !failures.is_empty() {
                hit = Some(Hit {
                    failures,
                    execution,
                });
            }
        }
        let more = strategy.advance();
        if hit.is_some() || !more {
            break;
        }
    }
    let complete = hit.is_none() && strategy.complete();
    Ok(Explored {
        executions,
        cut_off: strategy.cut_off(),
        complete,
        bound: strategy.bound(),
        hit,
    })
}
