//! Which steps of different tracees may not change places: the one table of
//! what the kernel and the processor let others notice.

use super::overlap::{extents_overlap, memory_conflict, overlap};
use crate::operation::{Call, Extent, Object, Operation, TaskName};

/// True if the order of the two steps can make a difference. Errs on the side
/// of true.
#[must_use]
pub fn dependent(a: (TaskName, &Operation), b: (TaskName, &Operation)) -> bool {
    a.0 == b.0
        || memory_conflict(a.1, b.1)
        || !is_local(a.1) && !is_local(b.1) && (ordered(a, b) || ordered(b, a))
}

/// What is a tracee's own business.
const fn is_local(operation: &Operation) -> bool {
    matches!(
        operation.call,
        Call::Start | Call::Return | Call::RunOn | Call::Sleep | Call::Yield
    )
}

/// One direction of the table.
fn ordered((a, one): (TaskName, &Operation), (b, other): (TaskName, &Operation)) -> bool {
    let same = one.object == other.object;
    // Its handler runs wherever the parent is then (signal(7)).
    if one.tells == Some(b.process) {
        return true;
    }
    match (one.call, other.call) {
        // Not known: any order may matter.
        (Call::Other(_), _) => true,
        // Waiting for an event: a signal, or something at the other end of a
        // pipe.
        (Call::Pause, Call::Pause | Call::Close | Call::Exit) => true,
        (Call::Pause, _) => is_channel(&other.object),

        // A signal may end any call of its target.
        (Call::Signal, _) => match one.object {
            // It may be the target's end.
            Object::Process(target) => {
                target == b.process
                    || other.call == Call::Signal && same
                    || notices_end(target, (b, other))
            }
            _ => true,
        },

        // Processes are named in the order of their birth.
        (Call::Fork, Call::Fork) => true,
        (Call::Fork | Call::Exec, _) => false,

        // A thread's end wakes whoever joins it.
        (Call::Exit, Call::FutexWait | Call::FutexWake) => {
            is_private(other) && a.process == b.process || one.object != Object::Nothing
        }
        (Call::Exit, _) => {
            notices_end(a.process, (b, other))
                || !matches!(other.call, Call::Wait | Call::Exit) && one.object != Object::Nothing
        }
        (Call::Wait, _) => false,

        // Memory: two accesses to the same bytes, one of them a write.
        (Call::Load, Call::Store | Call::Update) | (Call::Store | Call::Update, _)
            if is_memory(other.call) =>
        {
            overlap(one, other)
        }
        (Call::Load, _) | (Call::Store | Call::Update, _) => false,
        // A futex: the queue of its sleepers, and for a wait its value too.
        (Call::FutexWait | Call::FutexWake, Call::FutexWait | Call::FutexWake) => same,
        (Call::FutexWait | Call::FutexWake, _) => false,

        // Names: rename(2) and kin may touch any file.
        (Call::Change, _) => is_file(&other.object),
        // An open that neither makes nor empties the file touches no byte.
        (
            Call::Open,
            Call::Open | Call::Read | Call::Write | Call::Seek | Call::Stat | Call::Sync,
        ) => same && extents_overlap(one.extent, other.extent),
        // Said by the other direction.
        (
            Call::Read | Call::Write | Call::Seek | Call::Stat | Call::Sync,
            Call::Open | Call::Change,
        ) => false,
        (Call::Stat, Call::Read | Call::Stat) | (Call::Read, Call::Stat) => false,
        // A shared offset, from which any byte may be read, moves with every
        // read (open(2)).
        (Call::Read, Call::Read) if is_file(&one.object) => {
            same && [one.extent, other.extent] == [Extent::Whole; 2]
        }
        (Call::Read | Call::Write | Call::Stat, Call::Read | Call::Write | Call::Stat) => {
            same && extents_overlap(one.extent, other.extent)
        }
        (
            Call::Seek
            | Call::Stat
            | Call::Sync
            | Call::Close
            | Call::FileLock
            | Call::Semaphore
            | Call::Read
            | Call::Write
            | Call::Open,
            _,
        ) => same,
        (Call::Start | Call::Return | Call::RunOn | Call::Sleep | Call::Yield, _) => false,
    }
}

/// True if an operation may notice that a process has ended. Whoever waits
/// learns of a child's end, and P0's end shows who is left; the end of a process
/// releases its locks and closes its pipes.
fn notices_end(process: u32, (task, operation): (TaskName, &Operation)) -> bool {
    match operation.call {
        Call::Wait => match operation.object {
            Object::Process(child) => child == process,
            _ => true,
        },
        Call::Exit => process == 0 || task.process == 0,
        Call::FileLock | Call::Semaphore => true,
        Call::FutexWait | Call::FutexWake => false,
        _ => is_channel(&operation.object),
    }
}

/// What touches the bytes of shared memory; a futex wait reads its word.
const fn is_memory(call: Call) -> bool {
    matches!(
        call,
        Call::Load | Call::Store | Call::Update | Call::FutexWait
    )
}

const fn is_private(operation: &Operation) -> bool {
    matches!(operation.object, Object::Private { .. })
}

const fn is_file(object: &Object) -> bool {
    matches!(object, Object::File | Object::Path(_))
}

/// What has two ends.
const fn is_channel(object: &Object) -> bool {
    matches!(object, Object::Pipe(_) | Object::Kernel(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::{Touch, Use};

    fn op(call: Call, object: Object, amount: Option<u64>, extent: Extent) -> Operation {
        Operation {
            extent,
            ..Operation::new(call, object, amount)
        }
    }

    fn shared(call: Call, offset: u64, bytes: u64) -> Operation {
        op(
            call,
            Object::Shared { mapping: 0, offset },
            Some(bytes),
            Extent::Whole,
        )
    }

    fn wait_word(offset: u64) -> Operation {
        op(
            Call::FutexWait,
            Object::Shared { mapping: 0, offset },
            None,
            Extent::Whole,
        )
    }

    fn from_memory(start: u64, end: u64, used: Use) -> Operation {
        let mut operation = plain(Call::Write, Object::File);
        operation.memory.push(Touch {
            mapping: 0,
            start,
            end,
            used,
        });
        operation
    }

    fn write(extent: Extent) -> Operation {
        op(Call::Write, Object::File, Some(4), extent)
    }

    fn plain(call: Call, object: Object) -> Operation {
        op(call, object, None, Extent::Whole)
    }

    #[test]
    fn the_table_reads_like_the_kernels_rules() {
        let bytes = |start, end| Extent::Bytes { start, end };
        let plain_open = op(Call::Open, Object::File, None, bytes(0, 0));
        let truncating_open = op(Call::Open, Object::File, None, Extent::Whole);
        let read = op(Call::Read, Object::File, Some(4), bytes(0, 4));
        let path = |name: &str| Object::Path(name.to_owned());
        let rows = [
            (
                "two appends",
                write(Extent::Append),
                write(Extent::Append),
                true,
            ),
            ("two reads", read.clone(), read.clone(), false),
            (
                "two reads at one offset",
                plain(Call::Read, Object::File),
                plain(Call::Read, Object::File),
                true,
            ),
            (
                "a read at its own offset and one at a shared one",
                read.clone(),
                plain(Call::Read, Object::File),
                false,
            ),
            (
                "a read and an append",
                read.clone(),
                write(Extent::Append),
                true,
            ),
            (
                "writes apart",
                write(bytes(0, 4)),
                write(bytes(4, 8)),
                false,
            ),
            (
                "writes over each other",
                write(bytes(0, 4)),
                write(bytes(3, 8)),
                true,
            ),
            (
                "two files",
                write(Extent::Append),
                plain(Call::Write, path("b")),
                false,
            ),
            ("plain opens", plain_open.clone(), plain_open.clone(), false),
            (
                "a plain open and an append",
                plain_open.clone(),
                write(Extent::Append),
                false,
            ),
            (
                "a truncating open and a write",
                truncating_open,
                write(bytes(0, 4)),
                true,
            ),
            (
                "an unlink and an open",
                plain(Call::Change, Object::File),
                plain_open,
                true,
            ),
            (
                "two loads",
                shared(Call::Load, 0, 4),
                shared(Call::Load, 0, 4),
                false,
            ),
            (
                "load and store",
                shared(Call::Load, 0, 4),
                shared(Call::Store, 2, 4),
                true,
            ),
            (
                "store and load",
                shared(Call::Store, 2, 4),
                shared(Call::Load, 0, 4),
                true,
            ),
            (
                "stores apart",
                shared(Call::Store, 0, 4),
                shared(Call::Store, 4, 4),
                false,
            ),
            (
                "updates",
                shared(Call::Update, 0, 4),
                shared(Call::Update, 0, 4),
                true,
            ),
            ("futex value", wait_word(0), shared(Call::Store, 0, 4), true),
            (
                "futex value, read",
                wait_word(0),
                shared(Call::Load, 0, 4),
                false,
            ),
            (
                "futex queue",
                wait_word(0),
                plain(Call::FutexWake, wait_word(0).object),
                true,
            ),
            (
                "a wake and a store",
                plain(Call::FutexWake, wait_word(0).object),
                shared(Call::Store, 0, 4),
                false,
            ),
            (
                "a write from memory and a store there",
                from_memory(0, 4, Use::Read),
                shared(Call::Store, 2, 4),
                true,
            ),
            (
                "a write from memory and a load there",
                from_memory(0, 4, Use::Read),
                shared(Call::Load, 0, 4),
                false,
            ),
            (
                "a read to memory and a load beside it",
                from_memory(0, 4, Use::Written),
                shared(Call::Load, 4, 4),
                false,
            ),
            (
                "a read to memory and a futex there",
                from_memory(0, 4, Use::Written),
                wait_word(0),
                true,
            ),
            (
                "local",
                plain(Call::Start, Object::Nothing),
                write(Extent::Append),
                false,
            ),
            (
                "births",
                plain(Call::Fork, Object::Nothing),
                plain(Call::Fork, Object::Nothing),
                true,
            ),
            (
                "an end and its wait",
                plain(Call::Exit, Object::Nothing),
                plain(Call::Wait, Object::Process(1)),
                true,
            ),
            (
                "an end and another's wait",
                plain(Call::Exit, Object::Nothing),
                plain(Call::Wait, Object::Process(3)),
                false,
            ),
            (
                "an end and any wait",
                plain(Call::Exit, Object::Nothing),
                plain(Call::Wait, Object::AnyChild),
                true,
            ),
            (
                "two ends",
                plain(Call::Exit, Object::Nothing),
                plain(Call::Exit, Object::Nothing),
                false,
            ),
            (
                "a pipe",
                plain(Call::Read, Object::Pipe(0)),
                plain(Call::Write, Object::Pipe(0)),
                true,
            ),
            (
                "an end and a pipe",
                plain(Call::Exit, Object::Nothing),
                plain(Call::Read, Object::Pipe(0)),
                true,
            ),
        ];
        for (what, one, other, expected) in rows {
            let (a, b) = (TaskName::process(1), TaskName::process(2));
            assert_eq!(dependent((a, &one), (b, &other)), expected, "{what}");
            assert_eq!(
                dependent((b, &other), (a, &one)),
                expected,
                "{what}, turned round"
            );
        }
    }

    #[test]
    fn a_tracees_own_steps_keep_their_order() {
        let start = plain(Call::Start, Object::Nothing);
        assert!(dependent(
            (TaskName::process(1), &start),
            (TaskName::process(1), &start)
        ));
    }
}
