//! Where a resumed tracee arrives: its next scheduling point, sleep or death.

use std::time::Duration;

use nix::unistd::Pid;

use super::call::{self, Call};
use super::decode::{Decoded, Decoder};
use super::error::{EngineError, doing};
use super::step::Run;
use super::tracees::{Pending, Sleep, State};
use crate::limit::Limit;
use crate::operation::{Call as Kind, Object, Operation, TaskName};
use crate::trace::{Ending, Execution, ExitStatus, Task};
use crate::tracee::inject::SYSCALL_BYTES;
use crate::tracee::proc::{self, ProcState};
use crate::tracee::stop::{Look, Running, Stop, Stopped, Until};
use crate::tracee::wait::{Waited, leave_processor};

/// Processor time that a tracee may use between two scheduling points for
/// calls that nobody can notice.
const HIDDEN_MAX: Duration = Duration::from_secs(1);

/// Whom a step can have woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Woken {
    /// Whoever sleeps.
    Anybody,
    /// Nobody who sleeps on a futex: that takes a call that others notice, or a
    /// death.
    NobodyOnFutex,
}

impl Run<'_> {
    /// Follows a resumed tracee to its next scheduling point.
    pub(super) fn advance(&mut self, index: usize, running: Running) -> Result<(), EngineError> {
        let mut running = running;
        let mut since = None;
        loop {
            let waited = self
                .alarm
                .wait(running)
                .map_err(doing("wait for a tracee"))?;
            match self.arrived(index, waited)? {
                Some(further) => running = further,
                None => return Ok(()),
            }
            if self.over_between_points(running.tid(), &mut since) {
                return self.stop_for_good(index, running);
            }
        }
    }

    /// True if a limit has been reached by a tracee that goes on without
    /// coming to a scheduling point, `since` this much processor time.
    pub(super) fn over_between_points(&mut self, tid: Pid, since: &mut Option<Duration>) -> bool {
        if self.look_at_usage()
            && let Some(now) = proc::cpu_time(tid)
            && now.saturating_sub(*since.get_or_insert(now)) >= HIDDEN_MAX
        {
            self.over.get_or_insert(Limit::Cpu);
        }
        self.over.is_some()
    }

    /// Stops a tracee, whatever it is at: the execution ends here.
    fn stop_for_good(&mut self, index: usize, running: Running) -> Result<(), EngineError> {
        let stopped = running.interrupt().and_then(|()| running.wait());
        match stopped.map_err(doing("stop a tracee"))? {
            Look::Stopped(stopped, _) => {
                self.book.tracees[index].state = State::Ready(stopped, Pending::RunOn);
                Ok(())
            }
            Look::Ended(status) => self.ended(index, status, true),
            Look::Running(running) => {
                self.book.tracees[index].state = State::Blocked(running, unknown_sleep());
                Ok(())
            }
        }
    }

    /// Where a tracee has got to; it comes back running if that is no
    /// scheduling point.
    pub(super) fn arrived(
        &mut self,
        index: usize,
        waited: Waited,
    ) -> Result<Option<Running>, EngineError> {
        let state = match waited {
            Waited::Stopped(stopped, Stop::CallEntry) => match self.decode(index, &stopped)? {
                Decoded::Visible(call) => State::Ready(stopped, Pending::Call(call)),
                Decoded::Hidden(hidden) => {
                    return self.let_through(index, stopped, hidden).map(Some);
                }
            },
            Waited::Stopped(stopped, Stop::Signal(libc::SIGSEGV)) => {
                match self.refused(index, &stopped)? {
                    Some(access) => State::Ready(stopped, access),
                    None => return self.deliver(index, stopped, libc::SIGSEGV).map(Some),
                }
            }
            Waited::Stopped(stopped, Stop::Signal(signal)) => {
                return self.deliver(index, stopped, signal).map(Some);
            }
            Waited::Stopped(stopped, stop) => {
                let running = match stop {
                    Stop::GroupStop(_) => stopped.listen(),
                    _ => stopped.resume(Until::NextStop, 0),
                };
                return running.map(Some).map_err(doing("resume a tracee"));
            }
            Waited::RanOn(stopped) => State::Ready(stopped, Pending::RunOn),
            Waited::Asleep(running) if proc::state(running.tid()) == ProcState::Zombie => {
                return self.ends_with_threads(index, running).map(|()| None);
            }
            Waited::Asleep(running) => State::Blocked(running, unknown_sleep()),
            Waited::Ended(status) => return self.ended(index, status, true).map(|()| None),
        };
        self.book.tracees[index].state = state;
        Ok(None)
    }

    pub(super) fn decode(
        &mut self,
        index: usize,
        stopped: &Stopped,
    ) -> Result<Decoded, EngineError> {
        let registers = stopped.registers().map_err(doing("read registers"))?;
        let forked = self.forked();
        let number = self.book.tracees[index].name.process;
        let pids = self.pids();
        let process = &mut self.book.processes[number as usize];
        process.site = registers.rip - SYSCALL_BYTES;
        let decoder = Decoder {
            stopped,
            registers,
            process,
            number,
            naming: &mut self.naming,
            pids: &pids,
            forked,
        };
        let decoded = decoder.decode().map_err(doing("decode a call"))?;
        self.with_memory(index, stopped, &registers, decoded)
    }

    /// Finds out who of the sleeping has been woken by the last step.
    pub(super) fn settle(&mut self, woken: Woken) -> Result<(), EngineError> {
        let may_wake = |state: &State| match state {
            State::Blocked(_, sleep) => {
                woken == Woken::Anybody || sleep.operation.call != Kind::FutexWait
            }
            _ => false,
        };
        let mut changed = true;
        while changed {
            changed = false;
            for index in 0..self.book.tracees.len() {
                if may_wake(&self.book.tracees[index].state) {
                    changed |= self.settle_one(index)?;
                }
            }
        }
        Ok(())
    }

    /// True if the tracee does not sleep any more.
    fn settle_one(&mut self, index: usize) -> Result<bool, EngineError> {
        let state = std::mem::replace(&mut self.book.tracees[index].state, State::Moving);
        let State::Blocked(mut running, sleep) = state else {
            return Ok(false);
        };
        let mut looks = 0;
        loop {
            running = match running.look().map_err(doing("look at a tracee"))? {
                Look::Running(running) => {
                    let asleep = match proc::state(running.tid()) {
                        ProcState::Sleeping => proc::asleep_in_call(running.tid()),
                        ProcState::Uninterruptible => sleep.vfork,
                        // A process's first thread, dead before the others.
                        ProcState::Zombie | ProcState::Stopped => true,
                        ProcState::Running | ProcState::Gone => false,
                    };
                    if asleep {
                        // It may have stopped between the look and the question.
                        match running.look().map_err(doing("look at a tracee"))? {
                            Look::Running(running) => {
                                self.book.tracees[index].state = State::Blocked(running, sleep);
                                return Ok(false);
                            }
                            Look::Ended(status) => {
                                self.ended(index, status, true)?;
                                return Ok(true);
                            }
                            Look::Stopped(stopped, stop) => {
                                match self.woken(index, stopped, stop, &sleep)? {
                                    Some(running) => running,
                                    None => return Ok(true),
                                }
                            }
                        }
                    } else {
                        looks += 1;
                        leave_processor(looks);
                        running
                    }
                }
                Look::Ended(status) => {
                    self.ended(index, status, true)?;
                    return Ok(true);
                }
                Look::Stopped(stopped, stop) => match self.woken(index, stopped, stop, &sleep)? {
                    Some(running) => running,
                    None => return Ok(true),
                },
            };
        }
    }

    fn woken(
        &mut self,
        index: usize,
        stopped: Stopped,
        stop: Stop,
        sleep: &Sleep,
    ) -> Result<Option<Running>, EngineError> {
        let running = match stop {
            Stop::CallExit => {
                self.book.tracees[index].state =
                    State::Ready(stopped, Pending::Return(sleep.clone()));
                return Ok(None);
            }
            Stop::Signal(signal) => stopped.resume(Until::CallExit, signal),
            Stop::GroupStop(_) => stopped.listen(),
            _ => stopped.resume(Until::CallExit, 0),
        };
        running.map(Some).map_err(doing("resume a tracee"))
    }

    /// A tracee is dead; `whole` if its process dies with it.
    pub(super) fn ended(
        &mut self,
        index: usize,
        status: ExitStatus,
        whole: bool,
    ) -> Result<(), EngineError> {
        self.book.tracees[index].state = State::Ended(status);
        if let Some(step) = self.steps.last_mut()
            && step.task == self.book.tracees[index].name
            && step.operation.call == Kind::Exit
        {
            step.outcome = crate::trace::Outcome::Ended(status);
        }
        if whole {
            let process = self.book.tracees[index].name.process;
            self.bury(process)?;
        }
        Ok(())
    }

    /// A tracee whose whole process ends: where it is the first thread, its
    /// death is told once all others are buried.
    pub(super) fn ends_with_threads(
        &mut self,
        index: usize,
        running: Running,
    ) -> Result<(), EngineError> {
        self.book.tracees[index].state = State::Blocked(running, unknown_sleep());
        self.bury(self.book.tracees[index].name.process)?;
        match self.book.tracees[index].state {
            State::Ended(status) => self.ended(index, status, true),
            _ => Ok(()),
        }
    }

    /// Waits for the death of all threads of a process that has been killed.
    pub(super) fn bury(&mut self, process: u32) -> Result<(), EngineError> {
        // The first thread's death is told last (ptrace(2)).
        for index in (0..self.book.tracees.len()).rev() {
            if self.book.tracees[index].name.process != process {
                continue;
            }
            let state = std::mem::replace(&mut self.book.tracees[index].state, State::Moving);
            let tid = match state {
                State::Ended(status) => {
                    self.book.tracees[index].state = State::Ended(status);
                    continue;
                }
                State::Ready(stopped, _) => stopped.tid(),
                State::Blocked(running, _) => running.tid(),
                // Lost sight of in an error.
                State::Moving => {
                    let tid = self.book.tracees[index].tid;
                    let status = death(tid).unwrap_or(ExitStatus::Signalled(libc::SIGKILL));
                    self.book.tracees[index].state = State::Ended(status);
                    continue;
                }
            };
            let status = death(tid)?;
            self.book.tracees[index].state = State::Ended(status);
        }
        Ok(())
    }

    /// A signal has been sent by the program itself: SIGKILL takes effect on
    /// stopped tracees too.
    pub(super) fn signalled(
        &mut self,
        operation: &Operation,
        result: i64,
    ) -> Result<(), EngineError> {
        if result != 0 || operation.amount != Some(libc::SIGKILL as u64) {
            return Ok(());
        }
        match operation.object {
            Object::Process(process) => self.bury(process),
            _ => (0..self.book.processes.len() as u32).try_for_each(|process| self.bury(process)),
        }
    }

    /// Notes, as P0 exits, who has not been waited for.
    pub(super) fn note_children(&mut self) {
        self.unreaped.clear();
        self.left_behind.clear();
        for number in 1..self.book.processes.len() as u32 {
            let name = TaskName::process(number);
            let process = &self.book.processes[number as usize];
            if self.book.alive(number) {
                self.left_behind.push(name);
            } else if !process.reaped && proc::state(process.pid) == ProcState::Zombie {
                self.unreaped.push(name);
            }
        }
    }

    /// Kills and reaps everything that is left.
    pub(super) fn finish(&mut self) {
        for (number, process) in self.book.processes.iter().enumerate() {
            if self.book.alive(number as u32) {
                let _ = nix::sys::signal::kill(process.pid, nix::sys::signal::Signal::SIGKILL);
            }
        }
        self.last_states = self
            .book
            .tracees
            .iter()
            .map(|tracee| last_state(&tracee.state))
            .collect();
        for process in 0..self.book.processes.len() as u32 {
            let _ = self.bury(process);
        }
        for process in self.book.processes.iter().filter(|process| !process.reaped) {
            // Orphans come to us a second time, now as their parent.
            while let Ok(true) = crate::tracee::wait::reap(process.pid) {}
        }
        self.made.remove();
    }

    /// The finished trace.
    pub(super) fn into_execution(self, ending: Ending) -> Execution {
        let tasks = self
            .book
            .tracees
            .iter()
            .enumerate()
            .map(|(index, tracee)| Task {
                name: tracee.name,
                parent: tracee.parent,
                born: tracee.born,
                status: self.last_states[index].0,
                waiting_for: self.last_states[index].1.clone(),
            })
            .collect();
        let scratch = &self.setup.scratch;
        Execution {
            steps: self.steps,
            preemptions: self.preemptions,
            sights: self.sights,
            tasks,
            ending,
            file: scratch.content(),
            stdout: scratch.printed_stdout(),
            stderr: scratch.printed_stderr(),
            unreaped: self.unreaped,
            left_behind: self.left_behind,
            lock_sleeps: self.locks.sleeps,
            locks_destroyed: self.locks.destroyed,
        }
    }
}

/// Follows a killed tracee to its death.
fn death(tid: nix::unistd::Pid) -> Result<ExitStatus, EngineError> {
    loop {
        match Running::born(tid)
            .wait()
            .map_err(doing("wait for a tracee's death"))?
        {
            Look::Ended(status) => return Ok(status),
            // Refused if the kill has already got it going again.
            Look::Stopped(stopped, _) => drop(stopped.resume(Until::NextStop, 0)),
            Look::Running(_) => {}
        }
    }
}

/// How a tracee has ended, or what it waits for.
fn last_state(state: &State) -> (Option<ExitStatus>, Option<Operation>) {
    match state {
        State::Ended(status) => (Some(*status), None),
        State::Blocked(_, sleep) => (None, Some(sleep.operation.clone())),
        State::Ready(_, Pending::Call(call)) => (None, Some(call.operation.clone())),
        State::Ready(..) | State::Moving => (None, None),
    }
}

/// A sleep outside any call that the filter traces.
fn unknown_sleep() -> Sleep {
    Sleep {
        operation: Operation::new(Kind::Pause, Object::Kernel("untraced-call"), None),
        mask: None,
        vfork: false,
        original: None,
        time_up: None,
    }
}

impl Call {
    /// True if the caller's whole process ends by it.
    pub(super) fn ends_process(&self) -> bool {
        call::number(&self.registers) != libc::SYS_exit
    }

    /// True if the call is told not to wait (WNOHANG).
    pub(super) fn returns_at_once(&self) -> bool {
        let options = match call::number(&self.registers) {
            libc::SYS_waitid => self.registers.r10,
            _ => self.registers.rdx,
        };
        options & libc::WNOHANG as u64 != 0
    }

    /// True if the call puts a signal mask of its own in place.
    pub(super) fn sets_mask(&self) -> bool {
        matches!(
            call::number(&self.registers),
            libc::SYS_rt_sigsuspend
                | libc::SYS_rt_sigtimedwait
                | libc::SYS_ppoll
                | libc::SYS_pselect6
                | libc::SYS_epoll_pwait
        )
    }

    /// True if the caller is likely enough to be asleep soon. A wait for a
    /// child is mostly made once the child is dead; the first thread that
    /// exits alone is no more heard of before the others are gone.
    pub(super) fn may_sleep(&self) -> bool {
        match self.operation.call {
            Kind::Wait => false,
            Kind::Exit => !self.ends_process(),
            _ => self.may_block(),
        }
    }

    /// True if the kernel may have the caller sleep.
    pub(super) fn may_block(&self) -> bool {
        self.manner == call::Manner::MayBlock
    }
}
