//! The rules for executions in which a process was killed: what the others
//! leave in FILE, and that P0 tells of the death.

use crate::fault::Fault;
use crate::finding::Failure;
use crate::spec::types::Rule;
use crate::trace::{Execution, ExitStatus};

use super::damage::find;
use super::damage_text::describe;
use super::judge::{Facts, Oracle};
use super::text::{count, quote, rule_name};
use super::writes::ran_to_its_end;

/// How many processes the grader has killed.
fn deaths(execution: &Execution) -> usize {
    let killed = |fault: &Option<Fault>| *fault == Some(Fault::Death);
    let faults = execution.steps.iter().map(|step| step.fault);
    faults.filter(killed).count()
}

/// The rule `records-of-survivors`: as `records`, but for each process that
/// was killed a record may be missing as a whole.
pub(super) struct RecordsOfSurvivorsOracle;

impl Oracle for RecordsOfSurvivorsOracle {
    fn rule(&self) -> Rule {
        Rule::RecordsOfSurvivors
    }

    fn judge(&mut self, facts: &Facts, execution: &Execution) -> Option<Failure> {
        let dead = deaths(execution);
        if dead == 0 || !ran_to_its_end(execution) {
            return None;
        }
        let content = execution.file.as_deref().unwrap_or_default();
        // The first record is nobody's in particular: any may be missing.
        let mut damage = find(&facts.initial, content, &facts.records)?;
        let mut nearest = facts.records.clone();
        for missing in 0..facts.records.len() {
            let mut others = facts.records.clone();
            others.remove(missing);
            match find(&facts.initial, content, &others) {
                None => return None,
                Some(other) if missing == 0 => (damage, nearest) = (other, others),
                Some(_) => {}
            }
        }
        let described = describe(&damage, &facts.initial, content, &nearest);
        Some(Failure {
            rule: rule_name(Rule::RecordsOfSurvivors).to_owned(),
            message:
                "when a writer is killed, the others' records are whole, and of its own there \
                      is all or nothing"
                    .to_owned(),
            expected: format!(
                "the records of the survivors, each whole and once, after {}",
                count(dead, "death")
            ),
            actual: format!("{}; FILE holds {}", described.actual, quote(content)),
            step: None,
        })
    }
}

/// The rule `death-is-told`: where a child was killed, P0 exits with status 1.
pub(super) struct DeathIsToldOracle;

impl Oracle for DeathIsToldOracle {
    fn rule(&self) -> Rule {
        Rule::DeathIsTold
    }

    fn judge(&mut self, _: &Facts, execution: &Execution) -> Option<Failure> {
        let status = execution.exit()?;
        if deaths(execution) == 0 || status == ExitStatus::Exited(1) {
            return None;
        }
        let actual = match status {
            ExitStatus::Exited(status) => format!("exit status {status}"),
            ExitStatus::Signalled(signal) => format!("killed by signal {signal}"),
        };
        Some(Failure {
            rule: rule_name(Rule::DeathIsTold).to_owned(),
            message: "a parent whose child was killed has not done the whole job".to_owned(),
            expected:
                "exit status 1, because a child was killed by a signal (wait(2), WIFSIGNALED)"
                    .to_owned(),
            actual,
            step: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::testing::{Run, facts};

    fn judge(file: &str, status: i32) -> [Option<Failure>; 2] {
        let run = Run::new()
            .fork(1)
            .end(1, ExitStatus::Signalled(9))
            .fault(Fault::Death);
        let execution = run.exit(0, status).file(file).done();
        let facts = facts("old\n", &["aa", "bb"]);
        [
            RecordsOfSurvivorsOracle.judge(&facts, &execution),
            DeathIsToldOracle.judge(&facts, &execution),
        ]
    }

    #[test]
    fn the_dead_writers_record_is_there_or_not() {
        for file in ["old\naa\nbb\n", "old\nbb\n", "old\naa\n"] {
            assert_eq!(judge(file, 1), [None, None], "{file}");
        }
    }

    #[test]
    fn a_half_line_and_a_lost_survivor_are_found() {
        for file in ["old\nbb\na", "old\nabb\n", "old\n", "bb\n"] {
            let [found, _] = judge(file, 1);
            assert!(found.is_some(), "{file}");
        }
    }

    #[test]
    fn success_after_a_death_is_a_lie() {
        let [_, told] = judge("old\nbb\n", 0);
        assert_eq!(told.expect("a lie").actual, "exit status 0");
    }

    #[test]
    fn without_a_death_there_is_nothing_to_say() {
        let execution = Run::new().file("").exit(0, 0).done();
        let facts = facts("", &["a"]);
        assert_eq!(RecordsOfSurvivorsOracle.judge(&facts, &execution), None);
        assert_eq!(DeathIsToldOracle.judge(&facts, &execution), None);
    }
}
