//! Closing the shared pages of a process, so that its accesses stop it, and
//! opening them where the kernel itself has to get at them.

use std::io;
use std::rc::Rc;

use super::error::{EngineError, doing};
use super::mappings::PAGE_BYTES;
use super::step::Run;
use crate::tracee::code::Code;
use crate::tracee::displaced::{Copies, DATA_BYTES, Pages};
use crate::tracee::inject::{At, Injection};
use crate::tracee::stop::Stopped;

/// From sys/mman.h: reading, writing and executing.
const ALL_ACCESS: u64 = (libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC) as u64;
const READ_WRITE: u64 = (libc::PROT_READ | libc::PROT_WRITE) as u64;
impl Run<'_> {
    /// Closes the shared pages of a process that has company or is about to.
    pub(super) fn close_shared(
        &mut self,
        index: usize,
        stopped: Stopped,
        at: At,
    ) -> Result<Stopped, EngineError> {
        let process = self.book.process_of(index);
        let open = self.book.processes[process].mappings.open();
        if open.is_empty() || !self.setup.shared_points() {
            return Ok(stopped);
        }
        let process = &mut self.book.processes[process];
        if process.code.is_none() {
            process.code = Some(Rc::new(Code::of(process.pid)));
        }
        let closed = Injection::begin(stopped, at, process.site).and_then(|mut injection| {
            if process.copies.is_none() {
                let code = process.take_room(PAGE_BYTES + DATA_BYTES);
                injection = scratch_pages(injection, code)?;
                let data = code + PAGE_BYTES;
                process.copies = Some(Copies::new(Pages { code, data }));
            }
            for (start, mapping) in open {
                let alias = process.take_room(mapping.length);
                injection = duplicate(injection, start, mapping.length, alias)?;
                injection = shut(injection, start, mapping.length)?;
                process.mappings.set_alias(start, Some(alias));
            }
            injection.finish()
        });
        closed.map_err(doing("close shared memory"))
    }

    /// Opens the shared pages of a process whose own they are.
    pub(super) fn open_shared(
        &mut self,
        index: usize,
        stopped: Stopped,
        at: At,
    ) -> Result<Stopped, EngineError> {
        let process = self.book.process_of(index);
        let process = &mut self.book.processes[process];
        let closed = process.mappings.closed();
        if closed.is_empty() || process.borrows_memory {
            return Ok(stopped);
        }
        let opened = Injection::begin(stopped, at, process.site).and_then(|mut injection| {
            for &(start, mapping) in &closed {
                // Refused for a file that is open for reading only.
                let arguments = [start, mapping.length, READ_WRITE, 0, 0, 0];
                let (further, result) = injection.call(libc::SYS_mprotect, arguments)?;
                injection = further;
                if result != 0 {
                    let arguments = [start, mapping.length, libc::PROT_READ as u64, 0, 0, 0];
                    (injection, _) = injection.call(libc::SYS_mprotect, arguments)?;
                }
            }
            injection.finish()
        });
        for (start, _) in closed {
            process.mappings.set_alias(start, None);
        }
        opened.map_err(doing("open shared memory"))
    }
}

/// Makes one more mapping, at `to`, of the pages at `start`, with the same
/// protection (mremap(2), with an old length of 0).
pub(super) fn duplicate(
    injection: Injection,
    start: u64,
    length: u64,
    to: u64,
) -> io::Result<Injection> {
    let flags = (libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED) as u64;
    let (injection, result) = injection.call(libc::SYS_mremap, [start, 0, length, flags, to, 0])?;
    check(injection, result, to, "mremap")
}

/// The result that a call should have had.
pub(super) fn check(
    injection: Injection,
    result: i64,
    expected: u64,
    call: &str,
) -> io::Result<Injection> {
    match result.cast_unsigned() == expected {
        true => Ok(injection),
        false => Err(io::Error::other(format!("{call} gave {result}"))),
    }
}

/// Takes all access to some pages away.
pub(super) fn shut(injection: Injection, start: u64, length: u64) -> io::Result<Injection> {
    let arguments = [start, length, libc::PROT_NONE as u64, 0, 0, 0];
    let (injection, result) = injection.call(libc::SYS_mprotect, arguments)?;
    check(injection, result, 0, "mprotect")
}

fn scratch_pages(injection: Injection, code: u64) -> io::Result<Injection> {
    let flags = (libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED_NOREPLACE) as u64;
    let length = PAGE_BYTES + DATA_BYTES;
    let arguments = [code, length, ALL_ACCESS, flags, u64::MAX, 0];
    let (injection, result) = injection.call(libc::SYS_mmap, arguments)?;
    check(injection, result, code, "mmap")
}
