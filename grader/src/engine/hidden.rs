//! Calls that others cannot notice, but of which the engine keeps track:
//! mappings and signal handlers.

use super::call;
use super::decode::Hidden;
use super::error::{EngineError, doing};
use super::mappings::{Mapping, whole_pages};
use super::step::Run;
use crate::limit::Limit;
use crate::tracee::proc;
use crate::tracee::stop::{Look, Running, Stop, Stopped, Until};

/// A hidden call at its exit, or the tracee itself if it got elsewhere.
pub(super) enum Exit {
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
            Hidden::Plain | Hidden::Open | Hidden::Shares => stopped,
            Hidden::TooLarge => {
                self.over.get_or_insert(Limit::Memory);
                stopped
            }
            Hidden::Protect(start, length) => {
                self.forget_code(process, start, length);
                return self.protect(index, stopped, start, length);
            }
            Hidden::Unmap(start, length) => {
                self.forget_code(process, start, length);
                return self.unmap(index, stopped, start, length);
            }
            Hidden::Remap(remap) => {
                self.forget_code(process, remap.start, remap.old_bytes);
                if remap.flags & libc::MREMAP_FIXED as u64 != 0 {
                    // It may land on code.
                    self.book.processes[process].code = None;
                }
                return self.remap(index, stopped, remap);
            }
            Hidden::Map(length, fd, base) => {
                let object = fd.and_then(|fd| proc::file_identity(stopped.tid(), fd));
                match to_exit(stopped)? {
                    Exit::Elsewhere(running) => return Ok(running),
                    Exit::Returned(stopped, start) if start > 0 => {
                        self.forget_code(process, start.cast_unsigned(), length);
                        let mapping = Mapping {
                            number: self.mapping_number(object),
                            length: whole_pages(length),
                            before_fork: !self.forked(),
                            base,
                            alias: None,
                        };
                        self.mapped(index, stopped, start.cast_unsigned(), mapping)?
                    }
                    Exit::Returned(stopped, _) => stopped,
                }
            }
        };
        stopped
            .resume(Until::NextStop, 0)
            .map_err(doing("resume a tracee"))
    }

    /// Forgets what is known of a process's code if these bytes of it change.
    fn forget_code(&mut self, process: usize, start: u64, length: u64) {
        let code = &mut self.book.processes[process].code;
        if code.as_ref().is_some_and(|code| code.has(start, length)) {
            *code = None;
        }
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
}

/// Runs a hidden call to its exit.
pub(super) fn to_exit(stopped: Stopped) -> Result<Exit, EngineError> {
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
