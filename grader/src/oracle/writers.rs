//! The rule `writers`: a process for each record, all at the same time.

use crate::finding::Failure;
use crate::spec::types::Rule;
use crate::trace::{Ending, Execution, ExitStatus};

use super::judge::{Facts, Oracle};
use super::text::{count, names, rule_name};
use super::writes::{late_comers, transfers, waiters, writing_processes};

/// Judges who writes.
///
/// In executions without a fault that came to their end, at least as many
/// processes as there are records must have written. A fault may make a
/// program that handles it wrongly write less: that is for other rules.
/// In at least one execution all of them must have been there before the
/// first one wrote.
#[derive(Default)]
pub(super) struct WritersOracle {
    /// Some execution had all writers there before the first write.
    concurrent: bool,
    /// Otherwise: who came late in the first execution.
    late: Option<String>,
}

impl Oracle for WritersOracle {
    fn rule(&self) -> Rule {
        Rule::Writers
    }

    fn judge(&mut self, facts: &Facts, execution: &Execution) -> Option<Failure> {
        let transfers = transfers(execution);
        let processes = writing_processes(&transfers);
        let wanted = facts.records.len();
        if processes.len() >= wanted {
            let mut late = late_comers(execution, &transfers, &processes);
            late.extend(waiters(execution, &transfers, &processes));
            self.concurrent |= late.is_empty();
            if !late.is_empty() && self.late.is_none() {
                self.late = Some(names(&late));
            }
            return None;
        }
        if !undisturbed(execution) {
            return None;
        }
        Some(failure(
            format!(
                "{} for {}",
                count(wanted, "writer"),
                count(wanted, "record")
            ),
            match processes.as_slice() {
                [] => "nobody wrote to FILE".to_owned(),
                [one] => format!("only P{one} wrote to FILE"),
                some => format!("only {} processes wrote to FILE", some.len()),
            },
            transfers.last().map(|write| write.step),
        ))
    }

    fn conclude(&self, facts: &Facts) -> Option<Failure> {
        let late = self.late.as_ref().filter(|_| !self.concurrent)?;
        Some(failure(
            format!(
                "in at least one execution, all {} there before the first one writes",
                count(facts.records.len(), "writer")
            ),
            format!(
                "in every execution some writer was started only after another had written, or \
                 waited for its end ({late} in the first): they take turns by fork and wait, not \
                 by a lock"
            ),
            None,
        ))
    }
}

fn failure(expected: String, actual: String, step: Option<usize>) -> Failure {
    Failure {
        rule: rule_name(Rule::Writers).to_owned(),
        message: "each record must be written by a process of its own, all at the same time"
            .to_owned(),
        expected,
        actual,
        step,
    }
}

/// True if neither a fault nor a failure of another rule kept a writer from
/// its work.
fn undisturbed(execution: &Execution) -> bool {
    let signalled = |status| matches!(status, Some(ExitStatus::Signalled(_)));
    execution.faults() == 0
        && execution.ending == Ending::Finished
        && !execution.tasks.iter().any(|task| signalled(task.status))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Fault;
    use crate::operation::TaskName;
    use crate::oracle::testing::{Run, facts};

    fn judge(oracle: &mut WritersOracle, run: Run) -> Option<Failure> {
        oracle.judge(&facts("", &["a", "b"]), &run.exit(0, 0).done())
    }

    fn conclude(oracle: &WritersOracle) -> Option<Failure> {
        oracle.conclude(&facts("", &["a", "b"]))
    }

    #[test]
    fn concurrent_writers_pass() {
        let mut oracle = WritersOracle::default();
        let turns = Run::new().write(0, 2, 2).fork(1).write(1, 2, 2);
        assert_eq!(judge(&mut oracle, turns), None);
        let together = Run::new().fork(1).write(1, 2, 2).exit(1, 0).write(0, 2, 2);
        assert_eq!(judge(&mut oracle, together), None);
        assert_eq!(conclude(&oracle), None);
    }

    #[test]
    fn children_alone_may_write() {
        let mut oracle = WritersOracle::default();
        let run = Run::new().fork(1).fork(2).write(2, 2, 2).write(1, 2, 2);
        assert_eq!(judge(&mut oracle, run), None);
        assert_eq!(conclude(&oracle), None);
    }

    #[test]
    fn no_fork_fails() {
        let run = Run::new().write(0, 2, 2).write(0, 2, 2);
        let failure = judge(&mut WritersOracle::default(), run).expect("one writer");
        assert_eq!(failure.expected, "2 writers for 2 records");
        assert_eq!(failure.actual, "only P0 wrote to FILE");
        assert_eq!(failure.step, Some(1));
    }

    #[test]
    fn threads_are_no_processes() {
        let mut execution = Run::new()
            .thread(0, 1)
            .write(0, 2, 2)
            .write(0, 2, 2)
            .exit(0, 0)
            .done();
        execution.steps[0].task = TaskName {
            process: 0,
            thread: 1,
        };
        let failure = WritersOracle::default().judge(&facts("", &["a", "b"]), &execution);
        assert!(failure.is_some());
    }

    #[test]
    fn fork_and_wait_in_turns_fails_in_the_end() {
        let mut oracle = WritersOracle::default();
        let run = Run::new().fork(1).write(1, 2, 2).exit(1, 0);
        let run = run.fork(2).write(2, 2, 2).exit(2, 0);
        assert_eq!(judge(&mut oracle, run), None);
        let failure = conclude(&oracle).expect("in turns");
        assert!(failure.actual.contains("(P2 in the first)"), "{failure:?}");
    }

    #[test]
    fn a_writer_that_a_fault_kept_from_writing_is_not_missed() {
        let run = Run::new().fork(1).write(1, 2, -4);
        let run = run.fault(Fault::Interruption).write(0, 2, 2);
        assert_eq!(judge(&mut WritersOracle::default(), run), None);
    }

    #[test]
    fn a_deadlock_is_for_another_rule() {
        let run = Run::new().fork(1).ending(Ending::Deadlock);
        assert_eq!(judge(&mut WritersOracle::default(), run), None);
    }
}
