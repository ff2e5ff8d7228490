//! The rule `records`: each record stands in FILE as one whole line, exactly
//! once, after the old content, and nothing else does.

use crate::finding::Failure;
use crate::spec::types::Rule;
use crate::trace::Execution;

use super::damage::{Damage, find};
use super::damage_text::{RULE, describe, failure};
use super::judge::{Facts, Oracle};
use super::text::count;
use super::writes::{FileWrite, attempts, intruder, ran_to_its_end, transfers, unfinished};

/// Judges FILE's content at the end. Says nothing about an execution that was
/// cut off: a built-in rule does.
pub(super) struct RecordsOracle;

impl Oracle for RecordsOracle {
    fn rule(&self) -> Rule {
        Rule::Records
    }

    fn judge(&mut self, facts: &Facts, execution: &Execution) -> Option<Failure> {
        if !ran_to_its_end(execution) {
            return None;
        }
        let Some(content) = &execution.file else {
            return Some(failure(
                RULE,
                format!("FILE with {}", count(facts.records.len(), "record")),
                "there is no file FILE".to_owned(),
            ));
        };
        let damage = find(&facts.initial, content, &facts.records)?;
        Some(Failure {
            step: decisive_step(&damage, execution, &facts.records),
            ..describe(&damage, &facts.initial, content, &facts.records)
        })
    }
}

/// Judges a content of FILE on its own, without a trace: `initial`, then each
/// of `records` (without newlines in them) as one line, in any order.
#[must_use]
pub fn check_records(initial: &[u8], content: &[u8], records: &[Vec<u8>]) -> Option<Failure> {
    let damage = find(initial, content, records)?;
    Some(describe(&damage, initial, content, records))
}

/// The step where the damage shows.
fn decisive_step(damage: &Damage, execution: &Execution, records: &[Vec<u8>]) -> Option<usize> {
    let attempts = attempts(execution);
    let transfers = transfers(execution);
    let (record, overwritten) = match *damage {
        Damage::OldContent => return transfers.first().map(|write| write.step),
        Damage::Torn { record, .. } => (Some(record), false),
        Damage::Tail { record, .. } | Damage::Missing { record } => (Some(record), true),
        Damage::Repeated { .. } | Damage::Foreign { .. } => (None, false),
    };
    if let Some(culprit) = unfinished(&attempts) {
        return Some(culprit.step);
    }
    if let Some((write, _)) = intruder(&transfers) {
        return Some(write.step);
    }
    let last = record.and_then(|record| last_write_of(&attempts, records[record].len() + 1));
    let last = last.or(attempts.last().copied())?;
    // It was written in full and yet is not there: the next writer is to
    // blame, if there is one.
    let mut later = transfers.iter().filter(|write| write.step > last.step);
    let next = later.find(|write| write.task.process != last.task.process);
    Some(next.filter(|_| overwritten).unwrap_or(&last).step)
}

/// The last write of the one process that was to write `length` bytes, if it
/// can be told.
fn last_write_of(attempts: &[FileWrite], length: usize) -> Option<FileWrite> {
    let whole = length as u64;
    let total = |process: u32| -> u64 {
        let own = attempts
            .iter()
            .filter(|write| write.task.process == process);
        own.map(|write| write.written).sum()
    };
    let is_it = |write: &&FileWrite| write.asked == whole || total(write.task.process) == whole;
    let last = attempts.iter().rfind(is_it)?;
    let mut others = attempts.iter().filter(is_it);
    others
        .all(|write| write.task.process == last.task.process)
        .then_some(*last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::testing::{Run, facts};
    use crate::trace::Ending;

    fn step(run: Run, records: &[&str]) -> Option<usize> {
        let failure = RecordsOracle.judge(&facts("", records), &run.done());
        failure.expect("wrong content").step
    }

    #[test]
    fn no_file_is_said_to_be_none() {
        let failure = RecordsOracle.judge(&facts("", &["a"]), &Run::new().exit(0, 0).done());
        assert_eq!(failure.expect("no file").actual, "there is no file FILE");
    }

    #[test]
    fn an_execution_that_was_cut_off_is_not_judged() {
        let run = Run::new().file("").ending(Ending::StepLimit).done();
        assert_eq!(RecordsOracle.judge(&facts("", &["a"]), &run), None);
    }

    #[test]
    fn the_step_of_a_dropped_short_write() {
        let run = Run::new().fork(1).write(1, 6, 3).write(0, 5, 5);
        assert_eq!(step(run.file("alpbeta\n"), &["alpha", "beta"]), Some(1));
    }

    #[test]
    fn the_step_of_a_dropped_interrupted_write() {
        let run = Run::new().fork(1).write(0, 5, 5).write(1, 6, -4);
        assert_eq!(step(run.file("beta\n"), &["alpha", "beta"]), Some(2));
    }

    #[test]
    fn the_step_of_an_interleaved_write() {
        let run = Run::new()
            .fork(1)
            .write(1, 6, 3)
            .write(0, 5, 5)
            .write(1, 3, 3);
        assert_eq!(step(run.file("alpbeta\nha\n"), &["alpha", "beta"]), Some(2));
    }

    #[test]
    fn the_step_of_an_overwriting_write() {
        let run = Run::new().fork(1).write(1, 6, 6).write(0, 5, 5);
        assert_eq!(step(run.file("beta\n\n"), &["alpha", "beta"]), Some(2));
    }

    #[test]
    fn the_step_of_a_second_copy() {
        let run = Run::new()
            .fork(1)
            .write(0, 2, 2)
            .write(1, 2, 2)
            .write(1, 2, 2);
        assert_eq!(step(run.file("a\nb\na\n"), &["a", "b"]), Some(3));
    }

    #[test]
    fn no_write_no_step() {
        assert_eq!(step(Run::new().fork(1).file(""), &["a"]), None);
    }
}
