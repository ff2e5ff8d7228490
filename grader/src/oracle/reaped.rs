//! The rule `reaped`: every child waited for, nobody left behind.

use crate::finding::Failure;
use crate::spec::types::Rule;
use crate::trace::{Execution, ExitStatus, Outcome};

use super::judge::{Facts, Oracle};
use super::text::{names, rule_name};

/// Judges what is left when P0 exits. Says nothing if P0 did not exit by
/// itself: then nobody could have waited.
pub(super) struct ReapedOracle;

impl Oracle for ReapedOracle {
    fn rule(&self) -> Rule {
        Rule::Reaped
    }

    fn judge(&mut self, _: &Facts, execution: &Execution) -> Option<Failure> {
        let Some(ExitStatus::Exited(_)) = execution.exit() else {
            return None;
        };
        let (running, zombies) = (&execution.left_behind, &execution.unreaped);
        let unwaited = match zombies.as_slice() {
            [] => String::new(),
            [one] => format!("{one} had died but was not waited for (a zombie)"),
            all => format!("{} had died but were not waited for (zombies)", names(all)),
        };
        let (message, actual) = match running.as_slice() {
            [] if zombies.is_empty() => return None,
            [] => (
                "every child that has died must be waited for before P0 exits",
                unwaited,
            ),
            some => {
                let were = if some.len() == 1 { "was" } else { "were" };
                let and = if zombies.is_empty() { "" } else { "; " };
                (
                    "no process may be running when P0 exits",
                    format!(
                        "{} {were} still running when P0 exited{and}{unwaited}",
                        names(some)
                    ),
                )
            }
        };
        let is_end = |outcome| matches!(outcome, Outcome::Ended(_));
        Some(Failure {
            rule: rule_name(Rule::Reaped).to_owned(),
            message: message.to_owned(),
            expected: "P0 waits for each child, again if the wait is interrupted, and exits last"
                .to_owned(),
            actual,
            step: execution
                .steps
                .iter()
                .rposition(|step| step.task.process == 0 && is_end(step.outcome)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::testing::Run;

    fn judge(run: Run) -> Option<Failure> {
        ReapedOracle.judge(&Facts::default(), &run.done())
    }

    #[test]
    fn nobody_left_passes() {
        assert_eq!(judge(Run::new().fork(1).exit(1, 0).exit(0, 0)), None);
    }

    #[test]
    fn a_zombie_is_called_one() {
        let run = Run::new().fork(1).exit(1, 0).exit(0, 0).unreaped(1);
        let failure = judge(run).expect("a zombie");
        assert_eq!(
            failure.actual,
            "P1 had died but was not waited for (a zombie)"
        );
        assert_eq!(failure.step, Some(2));
    }

    #[test]
    fn a_running_child_is_called_so() {
        let run = Run::new().fork(1).exit(0, 0).exit(1, 0).left_behind(1);
        let failure = judge(run).expect("left behind");
        assert_eq!(failure.message, "no process may be running when P0 exits");
        assert_eq!(failure.actual, "P1 was still running when P0 exited");
        assert_eq!(failure.step, Some(1));
    }

    #[test]
    fn both_are_told() {
        let run = Run::new().fork(1).fork(2).fork(3).exit(1, 0).exit(0, 0);
        let failure = judge(run.unreaped(1).left_behind(2).left_behind(3)).expect("both");
        assert_eq!(
            failure.actual,
            "P2 and P3 were still running when P0 exited; \
             P1 had died but was not waited for (a zombie)"
        );
    }

    #[test]
    fn a_p0_that_was_killed_could_not_wait() {
        let run = Run::new().fork(1).end(0, ExitStatus::Signalled(11));
        assert_eq!(judge(run.left_behind(1)), None);
    }
}
