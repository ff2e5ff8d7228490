//! What a program does to its shared mappings once they are closed: each such
//! call is carried out as it is, and then on the second, open mapping.

use std::io;

use super::call;
use super::closing::{check, duplicate, shut};
use super::error::{EngineError, doing};
use super::hidden::{Exit, to_exit};
use super::mappings::{Mapping, whole_pages};
use super::step::Run;
use crate::tracee::inject::{At, Injection};
use crate::tracee::stop::{Running, Stopped, Until};

/// From linux/mman.h; takes the pages away but leaves the mapping.
const MREMAP_DONTUNMAP: u64 = 4;

/// The arguments of an mremap(2).
#[derive(Debug, Clone, Copy)]
pub(super) struct Remap {
    pub start: u64,
    pub old_bytes: u64,
    pub new_bytes: u64,
    pub flags: u64,
}

impl Run<'_> {
    /// mmap(2) of shared memory, at its exit.
    pub(super) fn mapped(
        &mut self,
        index: usize,
        stopped: Stopped,
        start: u64,
        mapping: Mapping,
    ) -> Result<Stopped, EngineError> {
        let stopped = self.forget(index, stopped, start, mapping.length)?;
        let process = self.book.process_of(index);
        self.book.processes[process].mappings.add(start, mapping);
        match self.forked() {
            true => self.close_shared(index, stopped, At::Elsewhere),
            false => Ok(stopped),
        }
    }

    /// These bytes are no shared memory any more: munmap(2), or something
    /// else mapped over them.
    pub(super) fn unmap(
        &mut self,
        index: usize,
        stopped: Stopped,
        start: u64,
        length: u64,
    ) -> Result<Running, EngineError> {
        let number = self.book.process_of(index);
        let process = &mut self.book.processes[number];
        let known = process.mappings.cut(start, length);
        if known.is_empty() {
            return resume(stopped);
        }
        if known.iter().all(|(_, mapping)| mapping.alias.is_none()) {
            return match to_exit(stopped)? {
                Exit::Elsewhere(running) => Ok(running),
                Exit::Returned(stopped, result) if result >= 0 => {
                    process.mappings.remove(start, length);
                    resume(stopped)
                }
                Exit::Returned(stopped, _) => resume(stopped),
            };
        }
        let registers = stopped.registers().map_err(doing("read registers"))?;
        let begun = process.inject(stopped, At::CallEntry);
        let unmapped = begun.and_then(|injection| {
            // The program's own call, and then ours.
            let (call, arguments) = (call::number(&registers), call::arguments(&registers));
            let (mut injection, result) = injection.call(call, arguments)?;
            if result >= 0 {
                let gone = process.mappings.remove(start, length);
                injection = unmap_aliases(injection, &gone)?;
            }
            injection.finish_with(result)
        });
        resume(unmapped.map_err(doing("unmap shared memory"))?)
    }

    /// Forgets these bytes and unmaps their open mapping, at a call's exit.
    fn forget(
        &mut self,
        index: usize,
        stopped: Stopped,
        start: u64,
        length: u64,
    ) -> Result<Stopped, EngineError> {
        let number = self.book.process_of(index);
        let process = &mut self.book.processes[number];
        let gone = process.mappings.remove(start, length);
        if gone.iter().all(|(_, mapping)| mapping.alias.is_none()) {
            return Ok(stopped);
        }
        let unmapped = process
            .inject(stopped, At::Elsewhere)
            .and_then(|injection| unmap_aliases(injection, &gone)?.finish());
        unmapped.map_err(doing("unmap shared memory"))
    }

    /// mprotect(2): it concerns the open mapping, and the closed one stays
    /// closed.
    pub(super) fn protect(
        &mut self,
        index: usize,
        stopped: Stopped,
        start: u64,
        length: u64,
    ) -> Result<Running, EngineError> {
        let number = self.book.process_of(index);
        let process = &mut self.book.processes[number];
        let mut pieces = process.mappings.cut(start, length);
        pieces.retain(|(_, mapping)| mapping.alias.is_some());
        if pieces.is_empty() {
            return resume(stopped);
        }
        let registers = stopped.registers().map_err(doing("read registers"))?;
        let (stopped, done) = match to_exit(stopped)? {
            Exit::Elsewhere(running) => return Ok(running),
            Exit::Returned(stopped, result) => (stopped, result == 0),
        };
        let process = &mut self.book.processes[number];
        let begun = process.inject(stopped, At::Elsewhere);
        let protected = begun.and_then(|mut injection| {
            for (start, mapping) in pieces {
                injection = shut(injection, start, mapping.length)?;
                if let Some(alias) = mapping.alias.filter(|_| done) {
                    let arguments = [alias, mapping.length, registers.rdx, 0, 0, 0];
                    (injection, _) = injection.call(libc::SYS_mprotect, arguments)?;
                }
            }
            injection.finish()
        });
        resume(protected.map_err(doing("protect shared memory"))?)
    }

    /// mremap(2).
    pub(super) fn remap(
        &mut self,
        index: usize,
        stopped: Stopped,
        remap: Remap,
    ) -> Result<Running, EngineError> {
        let number = self.book.process_of(index);
        let mappings = &mut self.book.processes[number].mappings;
        let old_bytes = whole_pages(remap.old_bytes);
        let pieces = mappings.cut(remap.start, old_bytes.max(1));
        let task = self.book.tracees[index].name;
        let Some(&(_, mapping)) = pieces.first() else {
            // Not shared memory; but it may move over some.
            let over = stopped.registers().map_err(doing("read registers"))?.r8;
            let moves_over = remap.flags & libc::MREMAP_FIXED as u64 != 0
                && mappings.touches_closed(over, remap.new_bytes);
            return match moves_over {
                true => Err(unsupported(task)),
                false => resume(stopped),
            };
        };
        let duplicates = old_bytes == 0;
        let whole = duplicates || pieces.len() == 1 && mapping.length == old_bytes;
        if !whole || remap.flags & MREMAP_DONTUNMAP != 0 {
            return Err(unsupported(task));
        }
        let (stopped, to) = match to_exit(stopped)? {
            Exit::Elsewhere(running) => return Ok(running),
            Exit::Returned(stopped, to) if to > 0 => (stopped, to.cast_unsigned()),
            Exit::Returned(stopped, _) => return resume(stopped),
        };
        let new = Mapping {
            length: whole_pages(remap.new_bytes),
            alias: None,
            ..mapping
        };
        if !duplicates {
            let mappings = &mut self.book.processes[number].mappings;
            mappings.remove(remap.start, old_bytes);
        }
        // What it has moved over is gone.
        let stopped = self.forget(index, stopped, to, new.length)?;
        let process = &mut self.book.processes[number];
        process.mappings.add(to, new);
        let Some(alias) = mapping.alias else {
            return resume(stopped);
        };
        let there = process.take_room(new.length);
        let moved = process.inject(stopped, At::Elsewhere).and_then(|begun| {
            if duplicates {
                // Of a closed mapping, so closed as well.
                return duplicate(begun, alias, new.length, there)?.finish();
            }
            let flags = (libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED) as u64;
            let arguments = [alias, old_bytes, new.length, flags, there, 0];
            let (injection, result) = begun.call(libc::SYS_mremap, arguments)?;
            check(injection, result, there, "mremap")?.finish()
        });
        process.mappings.set_alias(to, Some(there));
        resume(moved.map_err(doing("move shared memory"))?)
    }
}

/// Unmaps the open mappings of what is unmapped itself.
fn unmap_aliases(mut injection: Injection, gone: &[(u64, Mapping)]) -> io::Result<Injection> {
    for (_, mapping) in gone {
        if let Some(alias) = mapping.alias {
            let arguments = [alias, mapping.length, 0, 0, 0, 0];
            (injection, _) = injection.call(libc::SYS_munmap, arguments)?;
        }
    }
    Ok(injection)
}

fn resume(stopped: Stopped) -> Result<Running, EngineError> {
    stopped
        .resume(Until::NextStop, 0)
        .map_err(doing("resume a tracee"))
}

fn unsupported(task: crate::operation::TaskName) -> EngineError {
    EngineError::Unsupported {
        task,
        what: "mremap of part of shared memory".to_owned(),
    }
}
