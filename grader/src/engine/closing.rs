//! Closing the shared pages of a process, so that its accesses stop it, and
//! opening them where the kernel itself has to get at them.

use std::io;
use std::rc::Rc;

use super::error::{EngineError, doing};
use super::process::Process;
use super::step::Run;
use crate::tracee::code::Code;
use crate::tracee::displaced::Copies;
use crate::tracee::inject::{At, Injection};
use crate::tracee::stop::Stopped;
use crate::tracee::stub::{SCRATCH_BYTES, Stub, pages_at};

/// From sys/mman.h.
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
        let closed = process.inject(stopped, at).and_then(|mut injection| {
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
        let opened = process.inject(stopped, at).and_then(|mut injection| {
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

impl Process {
    /// Begins to have one of its threads make calls; it gets its scratch pages
    /// if it has none.
    pub(super) fn inject(&mut self, stopped: Stopped, at: At) -> io::Result<Injection> {
        if let Some(copies) = &self.copies {
            return Injection::begin(stopped, at, Stub::behind(copies.pages()));
        }
        let pages = pages_at(self.take_room(SCRATCH_BYTES));
        let injection = Injection::with_pages(stopped, at, self.site, pages)?;
        self.copies = Some(Copies::new(pages));
        Ok(injection)
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
