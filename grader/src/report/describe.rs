//! The words for one step: what it did and what came of it.

use nix::errno::Errno;
use nix::sys::signal::Signal;

use crate::fault::Fault;
use crate::operation::{Call, Object, Operation};
use crate::report::{escape, paint};
use crate::trace::{Execution, ExitStatus, Outcome, Step};

/// What the step did and what came of it.
pub(super) fn describe(index: usize, step: &Step, execution: &Execution) -> String {
    let operation = escape::one_line(&step.operation.to_string());
    match step.outcome {
        Outcome::Blocked => format!("{operation}: blocked"),
        Outcome::Ended(ExitStatus::Exited(status)) => match step.operation.call {
            Call::Exit => operation,
            _ => format!("{operation}: exited with {status}"),
        },
        Outcome::Ended(ExitStatus::Signalled(number)) => {
            format!("{operation}: killed by {}", signal_name(number))
        }
        Outcome::Returned(value) => match slept_in(index, step, execution) {
            Some(call) => format!("return: {}", returned(index, call, value, execution)),
            None => returned(index, &step.operation, value, execution),
        },
    }
}

/// The call that a `return` step returns from.
fn slept_in<'a>(index: usize, step: &Step, execution: &'a Execution) -> Option<&'a Operation> {
    if step.operation.call != Call::Return {
        return None;
    }
    let mut earlier = execution.steps[..index].iter().rev();
    let blocked =
        |earlier: &&Step| earlier.task == step.task && earlier.outcome == Outcome::Blocked;
    earlier.find(blocked).map(|earlier| &earlier.operation)
}

/// `operation` and the value that it returned, where that says something.
fn returned(index: usize, operation: &Operation, value: i64, execution: &Execution) -> String {
    let text = escape::one_line(&operation.to_string());
    match operation.call {
        _ if value < 0 => format!("{text} = {}", errno_name(value)),
        Call::Fork => match execution.tasks.iter().find(|task| task.born == Some(index)) {
            Some(child) => format!("{text} = {}", child.name),
            None => text,
        },
        Call::Wait if value > 0 && operation.object == Object::AnyChild => {
            format!("{text} = P{value}")
        }
        Call::Write | Call::Read => format!("{text} = {value}"),
        Call::Seek | Call::FutexWake if value != 0 => format!("{text} = {value}"),
        _ => text,
    }
}

/// The words for what was injected.
pub(super) fn describe_fault(fault: Fault, step: &Step) -> String {
    match (fault, step.operation.amount) {
        (Fault::ShortWrite { bytes }, Some(asked)) => {
            format!("short write: {bytes} of {asked} bytes")
        }
        (Fault::ShortWrite { bytes }, None) => {
            format!("short write: {}", paint::count(bytes, "byte"))
        }
        (Fault::Interruption, _) => "interrupted by SIGUSR1".to_owned(),
        (Fault::WakeUp, _) => "woken for nothing".to_owned(),
        (Fault::Death, _) => "killed by SIGKILL".to_owned(),
    }
}

/// The name of a negative errno value, such as `EINTR`.
fn errno_name(value: i64) -> String {
    let number = i32::try_from(-value).unwrap_or(0);
    match Errno::from_raw(number) {
        Errno::UnknownErrno => format!("error {number}"),
        errno => format!("{errno:?}"),
    }
}

/// The name of a signal, such as `SIGSEGV`.
fn signal_name(number: i32) -> String {
    Signal::try_from(number).map_or_else(
        |_| format!("signal {number}"),
        |signal| signal.as_str().to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_and_signals_have_names() {
        assert_eq!(errno_name(-28), "ENOSPC");
        assert_eq!(errno_name(-512), "error 512");
        assert_eq!(signal_name(11), "SIGSEGV");
        assert_eq!(signal_name(40), "signal 40");
    }
}
