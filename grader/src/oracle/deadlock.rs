//! Deadlock, in words: who waits for what.

use crate::fault::Fault;
use crate::finding::Failure;
use crate::operation::{Call, Object, Operation, TaskName};
use crate::trace::{Execution, LockPlace, Outcome};

use super::text::names;

/// The failure of an execution that ended in a deadlock.
pub(super) fn failure(execution: &Execution) -> Failure {
    let living = execution.tasks.iter().filter(|task| task.status.is_none());
    let waits: Vec<String> = living
        .filter_map(|task| {
            let operation = task.waiting_for.as_ref()?;
            Some(format!(
                "{} {}",
                task.name,
                waits(execution, task.name, operation)
            ))
        })
        .collect();
    let mut actual = match waits.as_slice() {
        [] => "nobody can move".to_owned(),
        [one] => format!("{one}, and nobody is left to wake it"),
        all => format!("{}; nobody is left to wake any of them", all.join("; ")),
    };
    let killed: Vec<TaskName> = execution
        .steps
        .iter()
        .filter(|step| step.fault == Some(Fault::Death))
        .map(|step| step.task)
        .collect();
    if !killed.is_empty() {
        actual.push_str(&format!(" (after {} had been killed)", names(&killed)));
    }
    let blocked = |outcome| outcome == Outcome::Blocked;
    let last_to_block = execution
        .steps
        .iter()
        .rposition(|step| blocked(step.outcome));
    Failure {
        rule: "deadlock".to_owned(),
        message: "no process may wait for something that never happens".to_owned(),
        expected: "every process that waits is woken, and P0 exits".to_owned(),
        actual,
        step: last_to_block.or_else(|| execution.steps.len().checked_sub(1)),
    }
}

/// What a blocked task is doing.
fn waits(execution: &Execution, task: TaskName, operation: &Operation) -> String {
    let object = &operation.object;
    match (operation.call, object) {
        (Call::FutexWait, Object::Private { .. }) => {
            format!("sleeps on a lock in its own memory, {object}, which no other process can open")
        }
        (Call::FutexWait, _) if sleeps_privately(execution, task) => format!(
            "sleeps on the lock at {object} as on a private one: \
             no other process can wake it, as it was not made process-shared"
        ),
        (Call::FutexWait, _) => format!("sleeps on the lock at {object}"),
        (Call::Wait, Object::AnyChild) => "waits for a child to end".to_owned(),
        (Call::Wait, _) => format!("waits for {object} to end"),
        (Call::Read, _) => format!("waits for data from {object}"),
        (Call::Write, _) => format!("waits for room in {object}"),
        (Call::Open, _) => format!("waits for somebody to open the other end of {object}"),
        (Call::FileLock, _) => format!("waits for the file lock on {object}"),
        (Call::Semaphore, _) => "waits for a System V semaphore".to_owned(),
        (Call::Pause, _) => "waits for a signal or an event".to_owned(),
        _ => format!("is blocked in `{operation}`"),
    }
}

/// True if the last futex this task slept on was FUTEX_PRIVATE_FLAG in shared
/// memory (futex(2)).
fn sleeps_privately(execution: &Execution, task: TaskName) -> bool {
    let mut sleeps = execution.lock_sleeps.iter().rev();
    let last = sleeps.find(|sleep| sleep.task == task);
    last.is_some_and(|sleep| matches!(sleep.place, LockPlace::SharedButPrivate { .. }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::testing::{Run, operation};
    use crate::trace::{Ending, ExitStatus};

    fn lock() -> Object {
        Object::Shared {
            mapping: 0,
            offset: 64,
        }
    }

    fn shared() -> LockPlace {
        LockPlace::Shared {
            mapping: 0,
            offset: 64,
            before_fork: true,
        }
    }

    #[test]
    fn each_waiting_process_is_named_with_what_it_waits_for() {
        let run = Run::new()
            .fork(1)
            .sleep(1, shared())
            .waits(1, operation(Call::FutexWait, lock(), None))
            .step(
                0,
                operation(Call::Wait, Object::AnyChild, None),
                Outcome::Blocked,
            )
            .waits(0, operation(Call::Wait, Object::AnyChild, None))
            .ending(Ending::Deadlock);
        let failure = failure(&run.done());
        assert_eq!((failure.rule.as_str(), failure.step), ("deadlock", Some(2)));
        assert_eq!(
            failure.actual,
            "P0 waits for a child to end; P1 sleeps on the lock at shared0+0x40; \
             nobody is left to wake any of them"
        );
    }

    #[test]
    fn a_futex_that_is_not_process_shared_is_called_so() {
        let run = Run::new()
            .fork(1)
            .sleep(1, LockPlace::SharedButPrivate { mapping: 0 })
            .waits(1, operation(Call::FutexWait, lock(), None));
        let failure = failure(&run.done());
        assert!(
            failure.actual.contains("not made process-shared"),
            "{failure:?}"
        );
    }

    #[test]
    fn a_killed_holder_is_mentioned() {
        let run = Run::new()
            .fork(1)
            .end(1, ExitStatus::Signalled(9))
            .fault(Fault::Death)
            .sleep(0, shared())
            .waits(0, operation(Call::FutexWait, lock(), None));
        let failure = failure(&run.done());
        assert_eq!(
            failure.actual,
            "P0 sleeps on the lock at shared0+0x40, and nobody is left to wake it \
             (after P1 had been killed)"
        );
    }

    #[test]
    fn other_waits_have_words_too() {
        let execution = Run::new().done();
        let words = |call, object| {
            waits(
                &execution,
                TaskName::process(0),
                &operation(call, object, None),
            )
        };
        assert_eq!(words(Call::Wait, Object::Process(2)), "waits for P2 to end");
        assert_eq!(
            words(Call::Read, Object::Pipe(0)),
            "waits for data from pipe0"
        );
        assert_eq!(
            words(Call::FileLock, Object::File),
            "waits for the file lock on FILE"
        );
        assert_eq!(
            words(Call::Other("msgrcv"), Object::Nothing),
            "is blocked in `msgrcv`"
        );
    }
}
