//! The rules that hold in every case: no deadlock, no endless loop, no flood
//! of processes, no death by a signal.

use std::collections::BTreeMap;

use nix::errno::Errno;
use nix::sys::signal::Signal;

use crate::fault::Fault;
use crate::finding::Failure;
use crate::limit::{ENDLESS_LOOP, Limit};
use crate::operation::{Call, Operation, TaskName};
use crate::trace::{Ending, Execution, ExitStatus, Outcome};

use super::text::count;
use super::{deadlock, limits};

/// Judges an execution by the built-in rules.
pub(super) fn judge(execution: &Execution) -> Vec<Failure> {
    let ending = match execution.ending {
        // `LeftSleeping` is for the oracle `reaped`.
        Ending::Finished | Ending::LeftSleeping => None,
        Ending::Deadlock => Some(deadlock::failure(execution)),
        Ending::StepLimit if only_sleeps(execution) => {
            Some(limits::failure(Limit::Wall, execution))
        }
        Ending::StepLimit => Some(too_many_steps(execution)),
        Ending::EndlessLoop(task) => Some(runs_on(execution, task)),
        // Whatever else is wrong comes of having been ended.
        Ending::Limit(limit) => return vec![limits::failure(limit, execution)],
    };
    ending.into_iter().chain(death(execution)).collect()
}

fn endless_loop(actual: String, step: Option<usize>) -> Failure {
    Failure {
        rule: ENDLESS_LOOP.to_owned(),
        message: "every process must come to an end, whatever its calls return".to_owned(),
        expected: "every process exits".to_owned(),
        actual,
        step,
    }
}

/// One tracee computes for ever.
fn runs_on(execution: &Execution, task: TaskName) -> Failure {
    endless_loop(
        format!("{task} runs on for ever without a call that another process could notice"),
        execution.steps.iter().rposition(|step| step.task == task),
    )
}

/// True if nothing but sleeping was done in the second half of the trace.
fn only_sleeps(execution: &Execution) -> bool {
    let half = &execution.steps[execution.steps.len() / 2..];
    !half.is_empty() && half.iter().all(|step| step.operation.call == Call::Sleep)
}

/// The bound on steps was reached: show what was done over and over in the
/// second half of the trace.
fn too_many_steps(execution: &Execution) -> Failure {
    let half = execution.steps.len() / 2;
    let mut often: BTreeMap<(TaskName, &Operation), usize> = BTreeMap::new();
    for step in &execution.steps[half..] {
        *often.entry((step.task, &step.operation)).or_default() += 1;
    }
    // The first of the most frequent, so that the answer is always the same.
    let most = often.iter().max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(a.0)));
    let after = count(execution.steps.len(), "step");
    let Some(((task, operation), times)) = most else {
        return endless_loop(format!("no end after {after}"), None);
    };
    let is_it = |index: &usize| {
        let step = &execution.steps[*index];
        step.task == *task && step.operation == **operation
    };
    let last = (0..execution.steps.len()).rev().find(is_it);
    let came_of_it = match last.map(|last| execution.steps[last].outcome) {
        Some(Outcome::Returned(value)) => {
            format!(", the last time with the result {}", result(value))
        }
        _ => String::new(),
    };
    endless_loop(
        format!(
            "no end after {after}: {task} did `{operation}` {} in the second half{came_of_it}",
            count(*times, "time")
        ),
        last,
    )
}

/// A system call's result, errors by name (errno(3)).
fn result(value: i64) -> String {
    match i32::try_from(-value) {
        Ok(errno @ 1..=4095) => format!("{:?}", Errno::from_raw(errno)),
        _ => value.to_string(),
    }
}

/// Processes that a signal ended (signal(7)) which the grader did not send.
fn death(execution: &Execution) -> Option<Failure> {
    let mut dead: Vec<(TaskName, i32)> = Vec::new();
    for task in &execution.tasks {
        let process = task.name.process;
        if let Some(ExitStatus::Signalled(signal)) = task.status
            && !killed(execution, process)
            && dead.iter().all(|(name, _)| name.process != process)
        {
            dead.push((TaskName::process(process), signal));
        }
    }
    let (first, _) = dead.first()?;
    let died = |outcome| matches!(outcome, Outcome::Ended(ExitStatus::Signalled(_)));
    let step = execution
        .steps
        .iter()
        .position(|step| step.task.process == first.process && died(step.outcome))
        .or_else(|| {
            let mut steps = execution.steps.iter();
            steps.rposition(|step| step.task.process == first.process)
        });
    let told: Vec<String> = dead
        .iter()
        .map(|(name, signal)| format!("{name} was killed by {}", signal_name(*signal)))
        .collect();
    Some(Failure {
        rule: "death-by-signal".to_owned(),
        message: "no process may die of a signal".to_owned(),
        expected: "every process ends by itself, with an exit status".to_owned(),
        actual: told.join(", "),
        step,
    })
}

/// True if the grader killed a task of this process.
pub(super) fn killed(execution: &Execution, process: u32) -> bool {
    let mut steps = execution.steps.iter();
    steps.any(|step| step.task.process == process && step.fault == Some(Fault::Death))
}

/// A signal's name, with what commonly causes it.
pub(super) fn signal_name(number: i32) -> String {
    let Ok(signal) = Signal::try_from(number) else {
        return format!("signal {number}");
    };
    let cause = match signal {
        Signal::SIGSEGV => " (access to memory that is not mapped, or not so)",
        Signal::SIGBUS => " (access to a mapping beyond the end of its file, or a misaligned one)",
        Signal::SIGABRT => " (abort(3): a failed assertion or a panic)",
        Signal::SIGUSR1 => " (no handler was installed when it came)",
        Signal::SIGPIPE => " (write to a pipe that nobody reads)",
        Signal::SIGXFSZ => " (write beyond RLIMIT_FSIZE)",
        _ => "",
    };
    format!("{}{cause}", signal.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::testing::Run;

    fn only(execution: &Execution) -> Failure {
        let mut failures = judge(execution);
        assert_eq!(failures.len(), 1, "{failures:?}");
        failures.remove(0)
    }

    #[test]
    fn an_ordinary_end_is_no_failure() {
        assert_eq!(judge(&Run::new().exit(0, 1).done()), vec![]);
    }

    #[test]
    fn left_sleepers_are_for_another_oracle() {
        let run = Run::new().exit(0, 0).ending(Ending::LeftSleeping);
        assert_eq!(judge(&run.done()), vec![]);
    }

    #[test]
    fn an_endless_retry_is_shown_with_its_error() {
        let mut run = Run::new().fork(1);
        for _ in 0..40 {
            run = run.write(1, 6, -28);
        }
        let failure = only(&run.ending(Ending::StepLimit).done());
        assert_eq!(failure.rule, "endless-loop");
        assert_eq!(failure.step, Some(40));
        assert_eq!(
            failure.actual,
            "no end after 41 steps: P1 did `write FILE 6` 21 times in the second half, \
             the last time with the result ENOSPC"
        );
    }

    #[test]
    fn an_execution_without_steps_may_be_endless() {
        let run = Run::new().ending(Ending::StepLimit);
        assert_eq!(only(&run.done()).actual, "no end after 0 steps");
    }

    #[test]
    fn a_busy_loop_names_who_is_in_it() {
        let run = Run::new().fork(1).write(1, 6, 6).write(0, 6, 6);
        let endless = Ending::EndlessLoop(TaskName::process(1));
        let failure = only(&run.ending(endless).done());
        assert_eq!(
            (failure.rule.as_str(), failure.step),
            ("endless-loop", Some(1))
        );
        assert!(failure.actual.starts_with("P1 runs on"), "{failure:?}");
    }

    #[test]
    fn a_flood_of_processes_is_counted() {
        let run = Run::new()
            .fork(1)
            .fork(2)
            .ending(Ending::Limit(Limit::Processes));
        let failure = only(&run.done());
        assert_eq!(
            (failure.rule.as_str(), failure.step),
            ("process-limit", Some(1))
        );
        assert!(
            failure.actual.starts_with("3 processes and threads"),
            "{failure:?}"
        );
    }

    #[test]
    fn a_death_by_signal_is_named() {
        let run = Run::new().fork(1).end(1, ExitStatus::Signalled(11));
        let failure = only(&run.exit(0, 0).done());
        assert_eq!(
            (failure.rule.as_str(), failure.step),
            ("death-by-signal", Some(1))
        );
        assert!(
            failure.actual.contains("P1 was killed by SIGSEGV"),
            "{failure:?}"
        );
    }

    #[test]
    fn threads_of_one_process_die_once() {
        let signalled = ExitStatus::Signalled(6);
        let run = Run::new().end(0, signalled).thread(0, 1);
        let failure = only(&run.done());
        assert_eq!(failure.actual.matches("SIGABRT").count(), 1, "{failure:?}");
    }

    #[test]
    fn an_injected_death_is_not_the_student_s() {
        let run = Run::new().fork(1).end(1, ExitStatus::Signalled(9));
        let run = run.fault(Fault::Death).exit(0, 0);
        assert_eq!(judge(&run.done()), vec![]);
    }

    #[test]
    fn results_are_read_as_errors() {
        assert_eq!(result(-4), "EINTR");
        assert_eq!(result(7), "7");
        assert_eq!(
            signal_name(10),
            "SIGUSR1 (no handler was installed when it came)"
        );
        assert_eq!(signal_name(63), "signal 63");
    }
}
