//! Bringing a tracee to its next access to shared memory without running it.

use super::error::{EngineError, doing};
use super::shared::Stack;
use super::step::Run;
use super::tracees::{Pending, State};
use crate::tracee::ahead::run_ahead;
use crate::tracee::known::Known;
use crate::tracee::stop::Stopped;

/// What may have happened to a tracee since it last ran.
#[derive(Debug)]
pub(super) enum Since {
    /// Nobody else has moved, so no signal has come to it either; what is known
    /// of its memory still holds.
    Nothing(Option<Known>),
    /// A signal may have come to it.
    Perhaps,
}

impl Run<'_> {
    /// Lets a tracee go on. Where it goes to its next access to shared memory
    /// by plain work on what is its own, that is not run but carried out.
    pub(super) fn go_ahead(
        &mut self,
        index: usize,
        stopped: Stopped,
        since: Since,
    ) -> Result<(), EngineError> {
        match self.next_access(index, &stopped, since)? {
            Some(access) => {
                self.book.tracees[index].state = State::Ready(stopped, access);
                self.not_run = true;
                Ok(())
            }
            None => self.go_on(index, stopped),
        }
    }

    fn next_access(
        &mut self,
        index: usize,
        stopped: &Stopped,
        since: Since,
    ) -> Result<Option<Pending>, EngineError> {
        let process = &self.book.processes[self.book.process_of(index)];
        let (mappings, code) = (&process.mappings, process.code.clone());
        let Some(code) = code.filter(|_| mappings.any_closed()) else {
            return Ok(None);
        };
        let mut registers = stopped.registers().map_err(doing("read registers"))?;
        let is_closed = |address| mappings.alias(address).is_some();
        if is_closed(registers.rsp) || !code.is_promising(registers.rip) {
            return Ok(None);
        }
        let known = match since {
            Since::Nothing(known) => known,
            // It would get that first.
            Since::Perhaps if stopped.has_signals().map_err(doing("look for signals"))? => {
                return Ok(None);
            }
            Since::Perhaps => None,
        };
        let arrived = run_ahead(stopped, &mut registers, &code, known, &is_closed);
        let Some(known) = arrived else {
            return Ok(None);
        };
        stopped.set_registers(&registers);
        let Some(bytes) = code.bytes(stopped, registers.rip) else {
            return Ok(None);
        };
        let stack = Stack::recalled(&known, stopped, &registers);
        // What is not supported is told once it really happens.
        let access = self.access(index, registers, bytes, &stack, None).ok();
        Ok(access.map(|access| Pending::Access(Box::new(access.knowing(known)))))
    }
}
