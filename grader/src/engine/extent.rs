//! Which part of a file a call touches.

use libc::c_long;

use super::call::arguments;
use crate::operation::{Call as Kind, Extent, Object, Operation};
use crate::tracee::proc;
use crate::tracee::stop::{Registers, Stopped};

/// A size tells of every byte.
pub(super) const ALL_BYTES: Extent = Extent::Bytes {
    start: 0,
    end: u64::MAX,
};

/// Completes an operation on a descriptor with the bytes that it touches: with
/// an offset that others move too, they can be any.
pub(super) fn complete(
    operation: Operation,
    stopped: &Stopped,
    registers: &Registers,
    number: c_long,
    shared_offset: bool,
) -> Operation {
    if !matches!(operation.object, Object::File | Object::Path(_)) {
        return operation;
    }
    let [fd, _, _, offset, ..] = arguments(registers);
    let extent = match (operation.call, number) {
        (Kind::Stat, _) => ALL_BYTES,
        (Kind::Seek, _) if !shared_offset => ALL_BYTES,
        (Kind::Write, libc::SYS_pwrite64) | (Kind::Read, libc::SYS_pread64 | libc::SYS_preadv) => {
            bytes(offset, operation.amount)
        }
        (Kind::Write, libc::SYS_write | libc::SYS_writev)
        | (Kind::Read, libc::SYS_read | libc::SYS_readv) => {
            match proc::open_file(stopped.tid(), fd.cast_signed()) {
                Some(file) if operation.call == Kind::Write && file.append => Extent::Append,
                Some(_) if shared_offset => Extent::Whole,
                Some(file) => bytes(file.position_bytes, operation.amount),
                None => Extent::Whole,
            }
        }
        _ => Extent::Whole,
    };
    Operation {
        extent,
        ..operation
    }
}

fn bytes(start: u64, count: Option<u64>) -> Extent {
    match count {
        Some(count) => Extent::Bytes {
            start,
            end: start.saturating_add(count),
        },
        None => Extent::Whole,
    }
}

/// What an open with these flags touches of a file that is there or not: all
/// of it if it is emptied, made, or must not be there yet; otherwise no byte, but
/// without O_CREAT it fails if there is none.
pub(super) fn of_open(flags: u64, exists: bool) -> Extent {
    let flag = |flag: i32| flags & flag as u64 != 0;
    let makes = flag(libc::O_CREAT) && !exists;
    if flag(libc::O_TRUNC) || flag(libc::O_EXCL) || makes {
        Extent::Whole
    } else if flag(libc::O_CREAT) {
        bytes(0, Some(0))
    } else {
        Extent::Existence
    }
}
