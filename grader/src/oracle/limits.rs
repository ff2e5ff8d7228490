//! A limit that was reached: a verdict of its own, whatever the program would
//! have come to.

use crate::engine::usage;
use crate::finding::Failure;
use crate::limit::Limit;
use crate::trace::Execution;

use super::text::count;

/// The failure of an execution that was ended at a limit.
pub(super) fn failure(limit: Limit, execution: &Execution) -> Failure {
    let mut failure = of(limit);
    if limit == Limit::Processes {
        failure.actual = format!(
            "{} processes and threads, and then one more than the grader allows: \
             does a child go on into its parent's code and fork as well?",
            execution.tasks.len()
        );
    }
    failure.step = execution.steps.len().checked_sub(1);
    failure
}

/// The failure without a trace to show it.
#[must_use]
pub fn of(limit: Limit) -> Failure {
    let mib = |bytes: u64| format!("{} MiB", bytes >> 20);
    let (message, expected) = match limit {
        Limit::Cpu => (
            "every process must come to an end, whatever its calls return",
            format!("an end within {}", seconds()),
        ),
        Limit::Wall => (
            "a program must not sleep without an end",
            "every process exits".to_owned(),
        ),
        Limit::Memory => (
            "a program must not use more memory than its job needs",
            format!("at most {} in all processes", mib(usage::MEMORY_MAX_BYTES)),
        ),
        Limit::Processes => (
            "a program must not make more processes than its job needs",
            "one process for each record".to_owned(),
        ),
        Limit::Output => (
            "a program must not print more than messages",
            format!("at most {} printed", mib(usage::OUTPUT_MAX_BYTES)),
        ),
        Limit::Disk => (
            "a program must not write more than its job needs",
            format!(
                "at most {} in at most {}",
                mib(usage::DISK_MAX_BYTES),
                count(usage::FILES_MAX, "file")
            ),
        ),
    };
    Failure {
        rule: limit.rule().to_owned(),
        message: message.to_owned(),
        expected,
        actual: actual(limit).to_owned(),
        step: None,
    }
}

/// The same in every run: how much more it was by the time it was noticed is
/// not.
const fn actual(limit: Limit) -> &'static str {
    match limit {
        Limit::Cpu => "it uses the processor without an end in sight",
        Limit::Wall => "it sleeps again and again, or for ever",
        Limit::Memory => "more memory; the program was ended",
        Limit::Processes => "more processes and threads than the grader allows",
        Limit::Output => "more output; the program was ended",
        Limit::Disk => "more files, or more in them; the program was ended",
    }
}

fn seconds() -> String {
    count(usage::EXECUTION_MAX.as_secs() as usize, "second")
}
