//! A case on the real kernel's schedule.

use super::case::CaseResult;
use crate::engine::{EngineError, Setup};
use crate::evidence::{Confirmed, Found};
use crate::finding::Failure;
use crate::jail::Program;
use crate::limit::ENDLESS_LOOP;
use crate::native::{self, Round};
use crate::oracle::{check_records, limits};
use crate::spec::types::Case;
use crate::trace::ExitStatus;
use crate::tracee::spawn::Control;

/// Rounds of a case that does not say how many.
const ROUNDS: u32 = 5;
/// How often a failure must come again before it counts.
const REPLAYS: u32 = 3;

/// Grades a case by running the program for real, several times.
pub(super) fn run(
    program: Program<'_>,
    case: &Case,
    progress: &mut dyn FnMut(u64),
) -> Result<CaseResult, EngineError> {
    let setup =
        Setup::new(program, case, Control::Native).map_err(|cause| EngineError::Kernel {
            operation: "set the case up",
            cause,
        })?;
    let rounds = case.strategy.rounds.unwrap_or(ROUNDS);
    let mut executions = 0;
    let mut outcome = Confirmed::Passed;
    let mut chance = Vec::new();
    for round in 0..rounds {
        executions += 1;
        progress(executions);
        let Some(failure) = judge(case, &native::run(&setup, round)?) else {
            continue;
        };
        if comes_again(&setup, case, round, &failure)? {
            outcome = Confirmed::Failed(Box::new(Found {
                failure,
                execution: None,
                nearest: None,
                gave_up_after: None,
            }));
            break;
        }
        chance.push(format!("`{}` in round {}", failure.rule, round + 1));
    }
    let mut bound = format!(
        "{executions} rounds on the real kernel, under SIGUSR1 and SIGSTOP/SIGCONT to every \
         blocked process"
    );
    if !chance.is_empty() {
        // The real kernel's order of two processes is not ours to repeat: what
        // hangs on it may not cost a mark, and is no error of ours either.
        let chance = chance.join(", ");
        bound.push_str(&format!(
            "; not counted, as it did not come again: {chance}"
        ));
    }
    Ok(CaseResult {
        executions,
        cut_off: 0,
        complete: false,
        bound,
        outcome,
    })
}

/// Runs a case once more for a witness; what it found.
pub(crate) fn replay(
    program: Program<'_>,
    case: &Case,
    rule: &str,
) -> Result<Option<Failure>, EngineError> {
    let setup =
        Setup::new(program, case, Control::Native).map_err(|cause| EngineError::Kernel {
            operation: "set the case up",
            cause,
        })?;
    let mut other = None;
    for round in 0..case.strategy.rounds.unwrap_or(ROUNDS) {
        match judge(case, &native::run(&setup, round)?) {
            Some(failure) if failure.rule == rule => return Ok(Some(failure)),
            Some(failure) => other = Some(failure),
            None => {}
        }
    }
    Ok(other)
}

fn comes_again(
    setup: &Setup,
    case: &Case,
    round: u32,
    failure: &Failure,
) -> Result<bool, EngineError> {
    for _ in 0..REPLAYS {
        let again = judge(case, &native::run(setup, round)?);
        if again.is_none_or(|again| again.rule != failure.rule) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn judge(case: &Case, round: &Round) -> Option<Failure> {
    let failure = |rule: &str, message: &str, expected: &str, actual: String| Failure {
        rule: rule.to_owned(),
        message: message.to_owned(),
        expected: expected.to_owned(),
        actual,
        step: None,
    };
    if let Some(limit) = round.limit {
        return Some(limits::of(limit));
    }
    match round.status {
        None => Some(failure(
            ENDLESS_LOOP,
            "the program must end once its reader has taken everything",
            "every process ends",
            "processes that neither end nor write any more".to_owned(),
        )),
        Some(ExitStatus::Signalled(signal)) => {
            let name = nix::sys::signal::Signal::try_from(signal)
                .map_or_else(|_| format!("signal {signal}"), |signal| signal.to_string());
            Some(failure(
                "death-by-signal",
                "no signal may end the program",
                "an exit of its own accord",
                format!("killed by {name}"),
            ))
        }
        Some(ExitStatus::Exited(_)) => {
            let records = case.records();
            let found = check_records(&[], &round.stream, &records)?;
            // Where exactly a line is torn is the real kernel's choice, and not
            // the same in two runs: so it is left out.
            let lengths: Vec<String> = records
                .iter()
                .map(|record| (record.len() + 1).to_string())
                .collect();
            Some(Failure {
                expected: format!(
                    "lines of {} bytes, each whole and once",
                    lengths.join(" and ")
                ),
                actual: "at least one line torn, missing or written twice".to_owned(),
                step: None,
                ..found
            })
        }
    }
}
