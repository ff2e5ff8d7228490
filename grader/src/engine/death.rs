//! The end of a process that may hold robust mutexes: the kernel walks its list
//! of them, and could not on closed pages.

use nix::unistd::Pid;

use super::call::Call;
use super::error::{EngineError, doing};
use super::step::Run;
use super::tracees::{Pending, State};
use crate::operation::{Call as Kind, Object, Operation};
use crate::tracee::inject::At;
use crate::tracee::stop::{Look, Running, Stopped, Until};

/// Where a robust list's head holds the mutex that is just being taken or
/// released (`struct robust_list_head`, linux/futex.h).
const PENDING_OFFSET_BYTES: u64 = 16;

impl Run<'_> {
    /// A tracee that is about to make a call, with its shared pages as the call
    /// needs them.
    pub(super) fn readied(
        &mut self,
        index: usize,
        stopped: Stopped,
        call: &Call,
    ) -> Result<Stopped, EngineError> {
        match call.operation.call {
            Kind::Fork => self.close_shared(index, stopped, At::CallEntry),
            Kind::Exit => self.end_ready(index, stopped, call),
            // The kernel reads arguments wherever they lie, and walks the
            // robust list as at an exit.
            Kind::Exec => self.open_shared(index, stopped, At::CallEntry),
            Kind::Signal => {
                self.ready_victims(&call.operation)?;
                // It may be among them.
                let own = Object::Process(self.book.tracees[index].name.process);
                let kills = call.operation.amount == Some(libc::SIGKILL as u64);
                let at_itself = matches!(call.operation.object, Object::Kernel(_));
                match kills && (at_itself || call.operation.object == own) {
                    true => self.open_for_death(index, stopped, At::CallEntry),
                    false => Ok(stopped),
                }
            }
            _ => Ok(stopped),
        }
    }

    /// Readies a tracee for its exit.
    fn end_ready(
        &mut self,
        index: usize,
        stopped: Stopped,
        call: &Call,
    ) -> Result<Stopped, EngineError> {
        let name = self.book.tracees[index].name;
        if call.ends_process() || !self.has_threads(index) {
            return self.open_for_death(index, stopped, At::CallEntry);
        }
        let closed = self.book.processes[name.process as usize]
            .mappings
            .any_closed();
        if closed && self.thread_holds(index, &stopped, stopped.tid())? {
            return Err(EngineError::Unsupported {
                task: name,
                what: "the end of a thread that holds a robust mutex".to_owned(),
            });
        }
        Ok(stopped)
    }

    /// SIGKILL to a process.
    pub(super) fn kill(&mut self, process: u32) -> Result<(), EngineError> {
        self.ready_for_death(process)?;
        let pid = self.book.processes[process as usize].pid;
        let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL);
        self.bury(process)
    }

    /// Whom a signal that kills is about to be sent to.
    fn ready_victims(&mut self, operation: &Operation) -> Result<(), EngineError> {
        if operation.amount != Some(libc::SIGKILL as u64) {
            return Ok(());
        }
        match operation.object {
            Object::Process(process) => self.ready_for_death(process),
            _ => (0..self.book.processes.len() as u32)
                .try_for_each(|process| self.ready_for_death(process)),
        }
    }

    /// Opens the shared pages of a process that is about to die with robust
    /// mutexes: the kernel cannot walk their list on closed pages.
    fn open_for_death(
        &mut self,
        index: usize,
        stopped: Stopped,
        at: At,
    ) -> Result<Stopped, EngineError> {
        match self.holds_robust_mutex(index, &stopped)? {
            true => self.open_shared(index, stopped, at),
            false => Ok(stopped),
        }
    }

    /// The same for a process that another one is about to kill.
    fn ready_for_death(&mut self, process: u32) -> Result<(), EngineError> {
        let of_process = |index: &usize| self.book.tracees[*index].name.process == process;
        let mut threads: Vec<usize> = (0..self.book.tracees.len()).filter(of_process).collect();
        // Those that sleep only if none is stopped.
        threads.sort_by_key(|&index| match &self.book.tracees[index].state {
            State::Ready(..) => 0,
            State::Blocked(_, sleep) if !sleep.vfork => 1,
            _ => 2,
        });
        let Some(&index) = threads.first() else {
            return Ok(());
        };
        if !self.book.processes[process as usize].mappings.any_closed() {
            return Ok(());
        }
        let state = std::mem::replace(&mut self.book.tracees[index].state, State::Moving);
        self.book.tracees[index].state = match state {
            State::Ready(stopped, pending) => {
                let at = match pending {
                    Pending::Call(_) => At::CallEntry,
                    _ => At::Elsewhere,
                };
                State::Ready(self.open_for_death(index, stopped, at)?, pending)
            }
            State::Blocked(running, sleep) if !sleep.vfork => {
                // SIGKILL would end its sleep as well.
                let woken = running.interrupt().and_then(|()| running.wait());
                match woken.map_err(doing("wake a tracee"))? {
                    Look::Stopped(stopped, _) => {
                        let stopped = self.open_for_death(index, stopped, At::Elsewhere)?;
                        State::Ready(stopped, Pending::RunOn)
                    }
                    Look::Running(running) => State::Blocked(running, sleep),
                    Look::Ended(status) => State::Ended(status),
                }
            }
            other => other,
        };
        Ok(())
    }

    /// Delivers a signal; if the process dies of it, ready for that.
    pub(super) fn deliver(
        &mut self,
        index: usize,
        stopped: Stopped,
        signal: i32,
    ) -> Result<Running, EngineError> {
        let process = self.book.process_of(index);
        let stopped = match self.book.processes[process].signals.kills(signal) {
            true => self.open_for_death(index, stopped, At::Elsewhere)?,
            false => stopped,
        };
        stopped
            .resume(Until::NextStop, signal)
            .map_err(doing("deliver a signal"))
    }

    /// True if a thread of the process has told the kernel of a robust list
    /// that is not empty (get_robust_list(2)): its head then does not point to
    /// itself, or a mutex is just being taken.
    fn holds_robust_mutex(&self, index: usize, stopped: &Stopped) -> Result<bool, EngineError> {
        let process = self.book.tracees[index].name.process;
        let threads = self.book.tracees.iter().filter_map(|tracee| {
            let tid = match &tracee.state {
                State::Ready(stopped, _) => stopped.tid(),
                State::Blocked(running, _) => running.tid(),
                State::Moving | State::Ended(_) => return None,
            };
            (tracee.name.process == process).then_some(tid)
        });
        for thread in threads.chain([stopped.tid()]) {
            if self.thread_holds(index, stopped, thread)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The same for one thread.
    fn thread_holds(
        &self,
        index: usize,
        stopped: &Stopped,
        thread: Pid,
    ) -> Result<bool, EngineError> {
        let Some(head) = stopped.robust_list_head(thread) else {
            return Ok(false);
        };
        let mappings = &self.book.processes[self.book.process_of(index)].mappings;
        if mappings.alias(head).is_some() {
            return Err(EngineError::Unsupported {
                task: self.book.tracees[index].name,
                what: "a pointer into shared memory behind an argument of set_robust_list"
                    .to_owned(),
            });
        }
        let at = |address| stopped.read_u64(address).ok();
        Ok(at(head).is_some_and(|first| first != head)
            || at(head + PENDING_OFFSET_BYTES).is_some_and(|pending| pending != 0))
    }
}
