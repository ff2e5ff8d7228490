//! Opening FILE and writing a record to it.

use std::ffi::OsStr;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::sys::stat::Mode;
use nix::unistd::write;

use crate::failure::Failure;

/// Puts `record` into the file at `path`, as a line of its own.
pub fn append_record(path: &Path, record: &OsStr) -> Result<(), Failure> {
    let file = open_file(path).map_err(|errno| Failure::on_file("cannot open", path, errno))?;

    // TODO 5 (using the lock): two long records arrive as one line made of
    // pieces of both. From which step to which step must nobody else write?
    write_record(&file, record).map_err(|errno| Failure::on_file("cannot write to", path, errno))
}

/// Opens FILE for writing; creates it, rw-r--r--, if it is missing.
fn open_file(path: &Path) -> Result<OwnedFd, Errno> {
    // TODO 1 (opening): the file held a line before we started, and now it is
    // gone; of two records one is missing, though both writes went well.
    let how = OFlag::O_WRONLY | OFlag::O_CREAT;
    let mode = Mode::S_IRUSR | Mode::S_IWUSR | Mode::S_IRGRP | Mode::S_IROTH;
    open(path, how, mode)
}

/// Writes `record` and a newline.
fn write_record(file: impl AsFd, record: &OsStr) -> Result<(), Errno> {
    // Record and newline in one buffer: one piece to write, not two.
    let mut line = record.as_bytes().to_vec();
    line.push(b'\n');

    // TODO 2 (the write loop): a long line sometimes ends early, without any
    // error; and a signal that means nothing makes us give up. On a full disk,
    // on the other hand, we must give up, and say so.
    write(file, &line)?;
    Ok(())
}
