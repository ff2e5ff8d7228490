//! Whether two operations touch the same bytes, of a file or of memory.

use crate::operation::{Call, Extent, Object, Operation, Touch, Use};

/// The length of a futex, in bytes (futex(2)).
const FUTEX_BYTES: u64 = 4;

/// The shared memory that an operation is about.
fn range(operation: &Operation) -> Option<(u32, u64, u64)> {
    match operation.object {
        Object::Shared { mapping, offset } => {
            let end = offset.saturating_add(operation.amount.unwrap_or(FUTEX_BYTES));
            Some((mapping, offset, end))
        }
        _ => None,
    }
}

/// True if two accesses touch the same bytes.
pub(super) fn overlap(one: &Operation, other: &Operation) -> bool {
    match (range(one), range(other)) {
        (Some((mapping, start, end)), Some((other, from, to))) => {
            mapping == other && start < to && from < end
        }
        _ => false,
    }
}

/// True if the two touch the same bytes of shared memory and one writes them,
/// where one at least is a call whose arguments point there.
pub(super) fn memory_conflict(one: &Operation, other: &Operation) -> bool {
    if one.memory.is_empty() && other.memory.is_empty() {
        return false;
    }
    let (ones, others) = (touched(one), touched(other));
    ones.iter().any(|a| {
        others.iter().any(|b| {
            let written = a.used == Use::Written || b.used == Use::Written;
            written && a.mapping == b.mapping && a.start < b.end && b.start < a.end
        })
    })
}

/// All shared memory that an operation touches.
fn touched(operation: &Operation) -> Vec<Touch> {
    let used = match operation.call {
        Call::Load | Call::FutexWait => Some(Use::Read),
        Call::Store | Call::Update => Some(Use::Written),
        _ => None,
    };
    let own = used
        .zip(range(operation))
        .map(|(used, (mapping, start, end))| Touch {
            mapping,
            start,
            end,
            used,
        });
    own.into_iter().chain(operation.memory.clone()).collect()
}

/// True if two operations on one file touch the same bytes of it.
pub(super) fn extents_overlap(one: Extent, other: Extent) -> bool {
    match (one, other) {
        // It is there before and after, unless it is made.
        (Extent::Existence, other) | (other, Extent::Existence) => other == Extent::Whole,
        (
            Extent::Bytes { start, end },
            Extent::Bytes {
                start: from,
                end: to,
            },
        ) => start < to && from < end,
        // Nothing overlaps no byte at all.
        (Extent::Bytes { start, end }, _) | (_, Extent::Bytes { start, end }) => start < end,
        _ => true,
    }
}
