//! Opening FILE, and writing all of something to it.

use std::ffi::OsStr;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::sys::stat::Mode;
use nix::unistd::write;

use crate::failure::Failure;

/// Opens FILE for appending; creates it, rw-r--r--, if it is missing.
///
/// REPAIR (opening): without O_APPEND every writer starts at the offset 0 of
/// its own open file description, over the old content and over the others'
/// lines; then no lock helps. With O_APPEND each write moves to the end of the
/// file and writes there in one atomic step (open(2), O_APPEND; POSIX write():
/// "no intervening file modification operation shall occur").
///
/// Opening FILE once, before the first fork, is not needed for that. It saves
/// the children a step that can fail, and the parent knows of the failure
/// before there are children.
pub fn open_file(path: &Path) -> Result<OwnedFd, Failure> {
    let how = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_APPEND;
    let mode = Mode::S_IRUSR | Mode::S_IWUSR | Mode::S_IRGRP | Mode::S_IROTH;
    retry(|| open(path, how, mode)).map_err(|errno| Failure::on_file("cannot open", path, errno))
}

/// `record` and its newline, in one buffer.
///
/// REPAIR: the newline must not be a write of its own that can fail, or be
/// forgotten, when the record is already out: what the loop below finishes is
/// the whole line.
pub fn line_of(record: &OsStr) -> Vec<u8> {
    let mut line = record.as_bytes().to_vec();
    line.push(b'\n');
    line
}

/// Writes all of `bytes`, or says why that cannot be.
///
/// REPAIR (the write loop), for three losses:
/// - The rest of a short write. `write` may transfer fewer bytes than asked
///   for and calls that a success: no room for more, a resource limit, a
///   signal after the first byte (write(2), "Return value"; pipe(7)). So go on
///   from where it stopped, not from the start: those bytes are out already.
/// - A record given up because of a signal. EINTR means that *nothing* was
///   written (write(2), "Errors"; signal(7)), so ask again for the same bytes;
///   its -1 is not a count and must not be added to one. It can happen any
///   number of times.
/// - A program that never ends. Any other error lasts: on ENOSPC or EFBIG the
///   next try fares no better. It is the caller's turn. The same holds for a
///   count of 0, which no rule explains, but which must not keep us here.
pub fn write_all(file: impl AsFd, bytes: &[u8]) -> Result<(), Errno> {
    let mut rest = bytes;
    while !rest.is_empty() {
        match write(&file, rest) {
            Ok(0) => return Err(Errno::EIO),
            Ok(count) => rest = &rest[count..],
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

/// Does `call` again for as long as a signal interrupts it.
///
/// REPAIR: `open` of a FIFO waits for its reader, `waitpid` for a child, and
/// `ftruncate` may wait for a disk. Without SA_RESTART a handled signal ends
/// each of them with EINTR, with nothing done (signal(7)). That is no reason
/// to lose a record or to leave a child unreaped.
pub fn retry<T>(mut call: impl FnMut() -> Result<T, Errno>) -> Result<T, Errno> {
    loop {
        match call() {
            Err(Errno::EINTR) => {}
            done => return done,
        }
    }
}
