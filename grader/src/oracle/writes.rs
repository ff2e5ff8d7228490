//! What a trace says about the writes to FILE: who, when, how much.

use std::collections::BTreeMap;

use crate::operation::{Call, Object, TaskName};
use crate::trace::{Ending, Execution, Outcome};

/// A write to FILE that has come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileWrite {
    /// Index of the step.
    pub step: usize,
    /// Who wrote.
    pub task: TaskName,
    /// Bytes asked for.
    pub asked: u64,
    /// Bytes transferred; 0 for a write that failed.
    pub written: u64,
}

/// All writes to FILE, also those that failed.
pub(super) fn attempts(execution: &Execution) -> Vec<FileWrite> {
    let steps = execution.steps.iter().enumerate();
    let writes = steps.filter_map(|(index, step)| {
        let operation = &step.operation;
        if operation.call != Call::Write || operation.object != Object::File {
            return None;
        }
        let Outcome::Returned(result) = step.outcome else {
            return None;
        };
        let written = u64::try_from(result).unwrap_or(0);
        Some(FileWrite {
            step: index,
            task: step.task,
            asked: operation.amount.unwrap_or(written),
            written,
        })
    });
    writes.collect()
}

/// The writes to FILE that transferred something.
pub(super) fn transfers(execution: &Execution) -> Vec<FileWrite> {
    let mut writes = attempts(execution);
    writes.retain(|write| write.written > 0);
    writes
}

/// The write of the byte at `offset` of FILE, if FILE was only added to.
pub(super) fn writing<'a>(
    transfers: &'a [FileWrite],
    initial: &[u8],
    offset: usize,
) -> Option<&'a FileWrite> {
    let mut end = initial.len() as u64;
    transfers.iter().find(|write| {
        end += write.written;
        (offset as u64) < end
    })
}

/// True if nobody cut the execution off: what is in FILE is what the program
/// leaves there.
pub(super) fn ran_to_its_end(execution: &Execution) -> bool {
    matches!(execution.ending, Ending::Finished | Ending::LeftSleeping)
}

/// The first write that fell short, or failed, and was not made good by the
/// same task: it wrote nothing more, or started over.
pub(super) fn unfinished(attempts: &[FileWrite]) -> Option<FileWrite> {
    for (index, write) in attempts.iter().enumerate() {
        let missing = write.asked.saturating_sub(write.written);
        if missing == 0 {
            continue;
        }
        let later = attempts[index + 1..].iter();
        let mut later = later.filter(|other| other.task == write.task).peekable();
        let made_good = match later.peek() {
            None => false,
            // The rest in one call; whether that call falls short is judged
            // when it is its turn.
            Some(next) if next.asked == missing => true,
            Some(next) if next.asked > missing => false,
            Some(_) => later.map(|next| next.written).sum::<u64>() >= missing,
        };
        if !made_good {
            return Some(*write);
        }
    }
    None
}

/// The first write that landed between two writes of another process, and
/// that process.
pub(super) fn intruder(transfers: &[FileWrite]) -> Option<(FileWrite, TaskName)> {
    let mut spans: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
    for write in transfers {
        let span = spans.entry(write.task.process);
        span.or_insert((write.step, write.step)).1 = write.step;
    }
    transfers.iter().find_map(|write| {
        let around = spans.iter().find(|(process, (first, last))| {
            **process != write.task.process && *first < write.step && write.step < *last
        });
        around.map(|(process, _)| (*write, TaskName::process(*process)))
    })
}

/// The processes that wrote to FILE, in the order of their numbers.
pub(super) fn writing_processes(transfers: &[FileWrite]) -> Vec<u32> {
    let mut processes: Vec<u32> = transfers.iter().map(|write| write.task.process).collect();
    processes.sort_unstable();
    processes.dedup();
    processes
}

/// Who among `processes` waited for another of them to end before its own
/// first write.
pub(super) fn waiters(
    execution: &Execution,
    transfers: &[FileWrite],
    processes: &[u32],
) -> Vec<TaskName> {
    let steps = execution.steps.iter().enumerate();
    let waits = steps.filter(|(_, step)| match step.outcome {
        Outcome::Returned(process) => {
            let waited = step.operation.call == Call::Wait
                || step.operation.call == Call::Return && is_process(&step.operation.object);
            waited && processes.iter().any(|&other| i64::from(other) == process)
        }
        _ => false,
    });
    let mut early: Vec<TaskName> = waits
        .filter(|(index, step)| {
            let own = |write: &&FileWrite| write.task.process == step.task.process;
            transfers
                .iter()
                .find(own)
                .is_some_and(|write| *index < write.step)
        })
        .map(|(_, step)| TaskName::process(step.task.process))
        .collect();
    early.dedup();
    early
}

const fn is_process(object: &Object) -> bool {
    matches!(object, Object::Process(_) | Object::AnyChild)
}

/// Who among `processes` was born only after the first byte had been written.
///
/// All of them write later, so none of the others has ended by then.
pub(super) fn late_comers(
    execution: &Execution,
    transfers: &[FileWrite],
    processes: &[u32],
) -> Vec<TaskName> {
    let Some(first) = transfers.first() else {
        return Vec::new();
    };
    let late = processes.iter().map(|process| TaskName::process(*process));
    let late = late.filter(|name| {
        let task = execution.tasks.iter().find(|task| task.name == *name);
        task.and_then(|task| task.born)
            .is_some_and(|born| born >= first.step)
    });
    late.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::testing::Run;

    #[test]
    fn a_short_write_that_is_continued_is_finished() {
        let run = Run::new().write(0, 17, 8).write(0, 9, 4).write(0, 5, 5);
        assert_eq!(unfinished(&attempts(&run.done())), None);
    }

    #[test]
    fn a_retry_of_an_interrupted_write_finishes_it() {
        let run = Run::new().write(0, 17, -4).write(0, 17, 17);
        assert_eq!(unfinished(&attempts(&run.done())), None);
    }

    #[test]
    fn a_second_short_write_that_is_dropped_is_the_culprit() {
        let run = Run::new().write(0, 17, 8).write(0, 9, 4);
        let culprit = unfinished(&attempts(&run.done()));
        assert_eq!(culprit.map(|write| write.step), Some(1));
    }

    #[test]
    fn starting_over_is_not_finishing() {
        let run = Run::new().write(0, 17, 8).write(0, 17, 17);
        let culprit = unfinished(&attempts(&run.done()));
        assert_eq!(culprit.map(|write| write.step), Some(0));
    }

    #[test]
    fn a_newline_of_its_own_does_not_hide_a_short_write() {
        let run = Run::new().write(0, 17, 8).write(0, 1, 1);
        let culprit = unfinished(&attempts(&run.done()));
        assert_eq!(culprit.map(|write| write.step), Some(0));
    }

    #[test]
    fn small_writes_may_finish_a_large_one() {
        let run = Run::new()
            .write(0, 4, 2)
            .write(0, 1, 1)
            .write(1, 9, 9)
            .write(0, 1, 1);
        assert_eq!(unfinished(&attempts(&run.done())), None);
    }

    #[test]
    fn the_intruder_is_the_write_inside() {
        let run = Run::new().write(1, 4, 2).write(0, 9, 9).write(1, 2, 2);
        let found = intruder(&transfers(&run.done()));
        let (write, inside) = found.expect("P0 wrote inside");
        assert_eq!((write.step, inside), (1, TaskName::process(1)));
    }

    #[test]
    fn one_after_the_other_has_no_intruder() {
        let run = Run::new()
            .write(1, 4, 2)
            .write(1, 2, 2)
            .write(0, 9, 1)
            .write(0, 8, 8);
        assert_eq!(intruder(&transfers(&run.done())), None);
    }
}
