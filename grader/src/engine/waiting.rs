//! Waiting by asking again and again: a call that changed nothing, about to be
//! made once more although nobody has changed anything since. Whoever does that
//! lets the others go first, as the kernel's scheduler would in the end.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::call::{self, Call};
use crate::operation::{Call as Kind, Extent, Object};
use crate::trace::{Outcome, Step};

/// Tells a call from the same place, with the same stack and to the same end,
/// from others; `None` for one whose result does not say whether it did anything.
pub(super) fn question(call: &Call) -> Option<u64> {
    // Returns 0 with a child and without one (waitid(2)).
    if call::number(&call.registers) == libc::SYS_waitid {
        return None;
    }
    let mut hasher = DefaultHasher::new();
    (call.registers.rip, call.registers.rsp, &call.operation).hash(&mut hasher);
    Some(hasher.finish())
}

/// True if the step was a call that nobody else can have noticed: it failed, or
/// was told that there is nothing yet, or only looked.
pub(super) fn changed_nothing(step: &Step) -> bool {
    let Outcome::Returned(result) = step.outcome else {
        return false;
    };
    if step.fault.is_some() || result == -i64::from(libc::EINTR) {
        return false;
    }
    let operation = &step.operation;
    match operation.call {
        Kind::Stat | Kind::Sync => true,
        // One that makes no file; one that moves no offset of others.
        Kind::Open | Kind::Seek => result < 0 || operation.extent != Extent::Whole,
        Kind::Read => {
            let own = operation.extent != Extent::Whole;
            result <= 0 || own && matches!(operation.object, Object::File | Object::Path(_))
        }
        Kind::Wait | Kind::Pause => result <= 0,
        Kind::Signal => result < 0 || operation.amount == Some(0),
        Kind::Change | Kind::FileLock | Kind::Semaphore => result < 0,
        _ => false,
    }
}
