//! The rule `exit-status`: P0's exit status tells whether the job was done.

use crate::finding::Failure;
use crate::spec::types::Rule;
use crate::trace::{Execution, ExitStatus, Outcome};

use super::builtin::{killed, signal_name};
use super::judge::{Facts, Oracle};
use super::text::{quote, rule_name};

/// Judges how P0 ended. Says nothing if it did not end, or if the grader
/// killed it.
pub(super) struct ExitStatusOracle {
    status: u8,
}

impl ExitStatusOracle {
    /// P0 must exit with this status.
    pub(super) const fn new(status: u8) -> Self {
        Self { status }
    }

    /// The expected status, and why.
    fn expected(&self, execution: &Execution) -> String {
        let because = match self.status {
            0 if execution.faults() > 0 => {
                "the whole job can be done: neither a short write nor an interrupted call is a failure"
            }
            0 => "the whole job can be done",
            1 => "the whole job cannot be done",
            2 => "the arguments cannot be used",
            _ => "the assignment asks for it",
        };
        format!("exit status {}, because {because}", self.status)
    }
}

impl Oracle for ExitStatusOracle {
    fn rule(&self) -> Rule {
        Rule::ExitStatus
    }

    fn judge(&mut self, _: &Facts, execution: &Execution) -> Option<Failure> {
        let status = execution.exit().filter(|_| !killed(execution, 0))?;
        let right = status == ExitStatus::Exited(self.status.into());
        let (message, expected, actual) = if !right {
            (
                "the exit status must tell whether the whole job was done",
                self.expected(execution),
                format!("{}{}", ended(status), said(&execution.stderr)),
            )
        } else if self.status != 0 && execution.stderr.trim_ascii().is_empty() {
            (
                "a failure must be explained on standard error",
                format!(
                    "exit status {}, and a message on standard error",
                    self.status
                ),
                format!("exit status {}, and nothing on standard error", self.status),
            )
        } else {
            return None;
        };
        let p0_ended = |outcome| matches!(outcome, Outcome::Ended(_));
        Some(Failure {
            rule: rule_name(Rule::ExitStatus).to_owned(),
            message: message.to_owned(),
            expected,
            actual,
            step: execution
                .steps
                .iter()
                .rposition(|step| step.task.process == 0 && p0_ended(step.outcome)),
        })
    }
}

fn ended(status: ExitStatus) -> String {
    match status {
        ExitStatus::Exited(status) => format!("exit status {status}"),
        ExitStatus::Signalled(signal) => format!("killed by {}", signal_name(signal)),
    }
}

/// The first line of what was written to standard error.
fn said(stderr: &[u8]) -> String {
    let text = stderr.trim_ascii();
    match text.split(|byte| *byte == b'\n').next() {
        None | Some([]) => String::new(),
        Some(line) => format!(", with the message {}", quote(line)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Fault;
    use crate::oracle::testing::Run;
    use crate::trace::Ending;

    fn judge(status: u8, run: Run) -> Option<Failure> {
        ExitStatusOracle::new(status).judge(&Facts::default(), &run.done())
    }

    #[test]
    fn the_expected_status_passes() {
        assert_eq!(judge(0, Run::new().exit(0, 0)), None);
        assert_eq!(judge(1, Run::new().exit(0, 1).stderr("no space\n")), None);
    }

    #[test]
    fn a_false_success_says_why_it_is_false() {
        let failure = judge(1, Run::new().exit(0, 0)).expect("wrong");
        assert_eq!(
            failure.expected,
            "exit status 1, because the whole job cannot be done"
        );
        assert_eq!(failure.actual, "exit status 0");
        assert_eq!(failure.step, Some(0));
    }

    #[test]
    fn a_false_failure_is_quoted() {
        let run = Run::new().write(0, 6, -4).fault(Fault::Interruption);
        let run = run
            .exit(0, 1)
            .stderr("write: Interrupted system call\nmore\n");
        let failure = judge(0, run).expect("wrong");
        assert!(failure.expected.contains("interrupted call"), "{failure:?}");
        assert_eq!(
            failure.actual,
            "exit status 1, with the message \"write: Interrupted system call\""
        );
    }

    #[test]
    fn a_silent_failure_is_one() {
        let failure = judge(1, Run::new().exit(0, 1).stderr("\n")).expect("silent");
        assert_eq!(
            failure.message,
            "a failure must be explained on standard error"
        );
    }

    #[test]
    fn a_signal_is_no_exit_status() {
        let run = Run::new().end(0, ExitStatus::Signalled(11));
        let failure = judge(0, run).expect("killed");
        assert!(
            failure.actual.starts_with("killed by SIGSEGV"),
            "{failure:?}"
        );
    }

    #[test]
    fn a_p0_that_did_not_end_is_for_other_rules() {
        assert_eq!(judge(0, Run::new().ending(Ending::Deadlock)), None);
    }

    #[test]
    fn a_p0_that_the_grader_killed_has_no_status() {
        let run = Run::new().end(0, ExitStatus::Signalled(9));
        assert_eq!(judge(0, run.fault(Fault::Death)), None);
    }
}
