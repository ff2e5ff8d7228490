//! Calls that others cannot notice, but of which the engine keeps track:
//! mappings and signal handlers.

use super::call::{self, put_back};
use super::decode::Hidden;
use super::error::{EngineError, doing};
use super::process::Mapping;
use super::step::Run;
use crate::tracee::inject::{At, Injection};
use crate::tracee::proc;
use crate::tracee::stop::{Look, Running, Stop, Stopped, Until};

/// A hidden call at its exit, or the tracee itself if it got elsewhere.
enum Exit {
    Returned(Stopped, i64),
    Elsewhere(Running),
}

impl Run<'_> {
    /// Lets a hidden call through.
    pub(super) fn let_through(
        &mut self,
        index: usize,
        stopped: Stopped,
        hidden: Hidden,
    ) -> Result<Running, EngineError> {
        let process = self.book.process_of(index);
        let stopped = match hidden {
            Hidden::Action(signal, handler) => {
                self.book.processes[process].signals.set(signal, handler);
                stopped
            }
            Hidden::Plain | Hidden::Shares => return self.plain(index, stopped),
            Hidden::Protect(start, length) => return self.protect(index, stopped, start, length),
            Hidden::Unmap(start, length) => self.unmap(index, stopped, start, length)?,
            Hidden::Map(length, fd, base) => {
                let object = fd.and_then(|fd| proc::file_identity(stopped.tid(), fd));
                match to_exit(stopped)? {
                    Exit::Elsewhere(running) => return Ok(running),
                    Exit::Returned(stopped, start) if start > 0 => {
                        let number = self.mapping_number(object);
                        let mapping = Mapping {
                            number,
                            length,
                            before_fork: !self.forked(),
                            base,
                            alias: None,
                        };
                        let mappings = &mut self.book.processes[process].mappings;
                        mappings.add(start.cast_unsigned(), mapping);
                        if self.forked() {
                            self.close_shared(index, stopped, At::Elsewhere)?
                        } else {
                            stopped
                        }
                    }
                    Exit::Returned(stopped, _) => stopped,
                }
            }
            Hidden::Remap(start, length) => {
                let mappings = &self.book.processes[process].mappings;
                if mappings.alias(start).is_some() {
                    return Err(EngineError::Unsupported {
                        task: self.book.tracees[index].name,
                        what: "mremap of shared memory after a fork".to_owned(),
                    });
                }
                match to_exit(stopped)? {
                    Exit::Elsewhere(running) => return Ok(running),
                    Exit::Returned(stopped, to) => {
                        if to > 0 {
                            let mappings = &mut self.book.processes[process].mappings;
                            mappings.moved(start, to.cast_unsigned(), length);
                        }
                        stopped
                    }
                }
            }
        };
        stopped
            .resume(Until::NextStop, 0)
            .map_err(doing("resume a tracee"))
    }

    /// What is mapped has a number of its own, however often it is mapped.
    fn mapping_number(&mut self, object: Option<(u64, u64)>) -> u32 {
        let next = self.mapped;
        let number = match object {
            Some(object) => *self.objects.entry(object).or_insert(next),
            None => next,
        };
        self.mapped = self.mapped.max(number + 1);
        number
    }

    fn plain(&mut self, index: usize, stopped: Stopped) -> Result<Running, EngineError> {
        let process = &self.book.processes[self.book.process_of(index)];
        let original = match process.mappings.closed().is_empty() {
            true => None,
            false => {
                let registers = stopped.registers().map_err(doing("read registers"))?;
                self.redirect(index, &stopped, registers)?
            }
        };
        let Some(original) = original else {
            return stopped
                .resume(Until::NextStop, 0)
                .map_err(doing("resume a tracee"));
        };
        match to_exit(stopped)? {
            Exit::Elsewhere(running) => Ok(running),
            Exit::Returned(stopped, _) => {
                put_back(&stopped, &original).map_err(doing("restore registers"))?;
                stopped
                    .resume(Until::NextStop, 0)
                    .map_err(doing("resume a tracee"))
            }
        }
    }

    /// mprotect(2): of closed pages, it concerns the open mapping.
    fn protect(
        &mut self,
        index: usize,
        stopped: Stopped,
        start: u64,
        length: u64,
    ) -> Result<Running, EngineError> {
        let mappings = &self.book.processes[self.book.process_of(index)].mappings;
        if mappings.aliases(start, length).is_empty() {
            return stopped
                .resume(Until::NextStop, 0)
                .map_err(doing("resume a tracee"));
        }
        self.plain(index, stopped)
    }

    /// munmap(2): of closed pages, the open mapping goes too.
    fn unmap(
        &mut self,
        index: usize,
        stopped: Stopped,
        start: u64,
        length: u64,
    ) -> Result<Stopped, EngineError> {
        let number = self.book.process_of(index);
        let process = &mut self.book.processes[number];
        let aliases = process.mappings.aliases(start, length);
        process.mappings.remove(start, length);
        if aliases.is_empty() {
            return Ok(stopped);
        }
        let unmapped = Injection::begin(stopped, At::CallEntry, process.site).and_then(|begun| {
            let mut injection = begun;
            for (alias, length) in aliases {
                (injection, _) = injection.call(libc::SYS_munmap, [alias, length, 0, 0, 0, 0])?;
            }
            injection.finish()
        });
        unmapped.map_err(doing("unmap shared memory"))
    }
}

/// Runs a hidden call to its exit.
fn to_exit(stopped: Stopped) -> Result<Exit, EngineError> {
    let running = stopped
        .resume(Until::CallExit, 0)
        .map_err(doing("resume a tracee"))?;
    match running.wait().map_err(doing("wait for a tracee"))? {
        Look::Stopped(stopped, Stop::CallExit) => {
            let registers = stopped.registers().map_err(doing("read registers"))?;
            Ok(Exit::Returned(stopped, call::result(&registers)))
        }
        Look::Stopped(stopped, _) => {
            let running = stopped.resume(Until::NextStop, 0);
            running
                .map(Exit::Elsewhere)
                .map_err(doing("resume a tracee"))
        }
        Look::Running(running) => Ok(Exit::Elsewhere(running)),
        Look::Ended(_) => Err(EngineError::Kernel {
            operation: "let a call through",
            cause: std::io::Error::other("the tracee ended in it"),
        }),
    }
}
