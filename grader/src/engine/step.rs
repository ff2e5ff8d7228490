//! One step: a tracee from its scheduling point to its next.

use std::collections::HashMap;

use nix::unistd::Pid;

use super::ahead::Since;
use super::arrive::Woken;
use super::call::{self, AtExit, Call};
use super::descriptions::Descriptions;
use super::error::{EngineError, doing};
use super::locks::Locks;
use super::made::Made;
use super::naming::Naming;
use super::process::{Process, bit};
use super::setup::Setup;
use super::sight;
use super::timed::take_limit;
use super::tracees::{Pending, Sleep, State, Tracee, Tracees};
use super::usage::Watch;
use super::waiting::{changed_nothing, question};
use crate::fault::Fault;
use crate::limit::Limit;
use crate::operation::{Call as Kind, Object, Operation, TaskName};
use crate::trace::{ExitStatus, Outcome, Sight, Step};
use crate::tracee::alarm::Alarm;
use crate::tracee::inject::At;
use crate::tracee::stop::{Look, Running, Stop, Stopped, Until};
use crate::tracee::wait::{Waited, wait};

/// From sched.h.
const CLONE_THREAD: u64 = 0x0001_0000;
const CLONE_VFORK: u64 = 0x0000_4000;
const CLONE_VM: u64 = 0x0000_0100;

/// An execution under way.
#[derive(Debug)]
pub(super) struct Run<'a> {
    pub setup: &'a Setup,
    pub alarm: Alarm,
    pub book: Tracees,
    pub naming: Naming,
    pub locks: Locks,
    pub made: Made,
    pub steps: Vec<Step>,
    pub last: Option<TaskName>,
    pub preemptions: u32,
    pub sights: Vec<Sight>,
    pub mapped: u32,
    /// Numbers of the mapped files, by device and inode.
    pub objects: HashMap<(u64, u64), u32>,
    /// The last access to shared memory left there what was there.
    pub unchanged: bool,
    /// Whoever makes this step has made the one before, too.
    pub goes_on: bool,
    /// In this step nobody has gone on running.
    pub not_run: bool,
    pub watch: Watch,
    /// The limit that has been reached.
    pub over: Option<Limit>,
    pub unreaped: Vec<TaskName>,
    pub left_behind: Vec<TaskName>,
    /// How each tracee stood when the execution ended.
    pub last_states: Vec<(Option<ExitStatus>, Option<Operation>)>,
}

impl<'a> Run<'a> {
    /// An execution whose first process has just been started.
    pub fn new(setup: &'a Setup, alarm: Alarm, process: Process) -> Self {
        let mut book = Tracees::default();
        let first = Tracee::new(TaskName::process(0), process.pid, None, None, State::Moving);
        book.processes.push(process);
        book.tracees.push(first);
        Self {
            setup,
            alarm,
            book,
            naming: Naming::new(&setup.scratch),
            locks: Locks::default(),
            made: Made::new(setup.scratch.folder()),
            steps: Vec::new(),
            last: None,
            preemptions: 0,
            sights: Vec::new(),
            mapped: 0,
            objects: HashMap::new(),
            unchanged: false,
            goes_on: false,
            not_run: false,
            watch: Watch::start(),
            over: None,
            unreaped: Vec::new(),
            left_behind: Vec::new(),
            last_states: Vec::new(),
        }
    }

    /// The ids of all its processes.
    pub fn pids(&self) -> Vec<Pid> {
        let processes = self.book.processes.iter();
        processes.map(|process| process.pid).collect()
    }

    /// The ids of those of its processes that live. Another program's process may
    /// have the id of one that does not.
    pub fn living_pids(&self) -> Vec<Pid> {
        let processes = self.book.processes.iter().enumerate();
        let living = processes.filter(|(number, _)| self.book.alive(*number as u32));
        living.map(|(_, process)| process.pid).collect()
    }

    /// Now and then, notes a limit that has been reached; true if it was time
    /// to look.
    pub fn look_at_usage(&mut self) -> bool {
        let due = self.watch.is_due();
        if due && self.over.is_none() {
            let living = self.living_pids();
            self.over = self.watch.over(&living, &self.setup.scratch);
        }
        due
    }

    /// True once the program has made a second process.
    pub fn forked(&self) -> bool {
        self.book.processes.len() > 1
    }

    /// Has `task` make its step.
    pub fn step(
        &mut self,
        task: TaskName,
        operation: Operation,
        fault: Option<Fault>,
    ) -> Result<(), EngineError> {
        let Some(index) = self.book.index(task) else {
            return Ok(());
        };
        let State::Ready(stopped, pending) =
            std::mem::replace(&mut self.book.tracees[index].state, State::Moving)
        else {
            return Ok(());
        };
        self.goes_on = self.last == Some(task);
        self.not_run = false;
        self.last = Some(task);
        let at = self.steps.len();
        if self.setup.looks_at_steps() {
            let place = sight::place(&stopped);
            self.sights.push(Sight {
                place,
                ..Sight::default()
            });
        }
        self.steps.push(Step {
            task,
            operation,
            fault,
            outcome: Outcome::Returned(0),
        });
        let asked = match &pending {
            Pending::Call(call) => question(call),
            _ => None,
        };
        let accesses = matches!(pending, Pending::Access(_));
        let called = matches!(pending, Pending::Call(_));
        if fault == Some(Fault::Death) {
            self.book.tracees[index].state = State::Ready(stopped, pending);
            self.kill(task.process)?;
            self.steps[at].outcome = Outcome::Ended(ExitStatus::Signalled(libc::SIGKILL));
        } else {
            match pending {
                Pending::Start | Pending::RunOn => self.go_on(index, stopped)?,
                Pending::Return(sleep) => self.come_back(index, stopped, &sleep)?,
                Pending::Call(call) => self.call(index, stopped, &call)?,
                Pending::Access(access) => self.touch(index, stopped, *access)?,
            }
        }
        self.account(index, at, asked);
        let operation = &self.steps[at].operation;
        match (operation.call, &operation.object) {
            (Kind::Write, Object::File) => self.book.tracees[index].wrote = true,
            (Kind::Update | Kind::FutexWake | Kind::Semaphore, _) => {
                self.book.tracees[index].wrote = false;
            }
            _ => {}
        }
        if self.over.is_some() {
            return Ok(());
        }
        // An access alone wakes nobody.
        if !(accesses && self.not_run) {
            let dead = !matches!(self.book.tracees[index].state, State::Ready(..));
            self.settle(match called || dead {
                true => Woken::Anybody,
                false => Woken::NobodyOnFutex,
            })?;
        }
        if self.steps[at].operation.call != Kind::Load {
            self.locks.look_for_destroyed(&self.book, at, index);
        }
        if let Some(sight) = self.sights.last_mut() {
            let operation = &self.steps[at].operation;
            sight.file = sight::file(self.setup, &operation.object);
            sight.held = self.locks.held(&self.book, operation, index);
        }
        Ok(())
    }

    /// Keeps count of who only waits; `asked` is the call that was made.
    fn account(&mut self, index: usize, at: usize, asked: Option<u64>) {
        let runs_on = matches!(
            self.book.tracees[index].state,
            State::Ready(_, Pending::RunOn)
        );
        match self.steps[at].operation.call {
            Kind::Sleep | Kind::Yield => self.book.tracees[index].idle += 1,
            Kind::RunOn if runs_on => self.book.tracees[index].idle += 1,
            _ if self.only_looked(at) => {
                let tracee = &mut self.book.tracees[index];
                tracee.idle = if tracee.spinning { tracee.idle + 1 } else { 0 };
            }
            _ => match asked.filter(|_| changed_nothing(&self.steps[at])) {
                Some(asked) => self.book.tracees[index].asked(asked),
                None => {
                    self.book.progress();
                    self.book.tracees[index].idle = u32::from(runs_on);
                }
            },
        }
    }

    pub(super) fn go_on(&mut self, index: usize, stopped: Stopped) -> Result<(), EngineError> {
        let running = stopped
            .resume(Until::NextStop, 0)
            .map_err(doing("resume a tracee"))?;
        self.advance(index, running)
    }

    /// Returns from a call that had blocked.
    fn come_back(
        &mut self,
        index: usize,
        stopped: Stopped,
        sleep: &Sleep,
    ) -> Result<(), EngineError> {
        let at = self.steps.len() - 1;
        let registers = stopped.registers().map_err(doing("read registers"))?;
        self.steps[at].outcome = self.outcome(&sleep.operation, call::result(&registers));
        if let Some(original) = &sleep.original {
            call::put_back(&stopped, original).map_err(doing("restore registers"))?;
        }
        if let Some(mask) = sleep.mask {
            stopped
                .set_signal_mask(mask)
                .map_err(doing("restore the signal mask"))?;
        }
        self.go_ahead(index, stopped, Since::Perhaps)
    }

    /// Carries a system call out.
    fn call(&mut self, index: usize, stopped: Stopped, call: &Call) -> Result<(), EngineError> {
        let at = self.steps.len() - 1;
        let fault = self.steps[at].fault;
        self.unchanged = false;
        if call.operation.call == Kind::Exit && self.book.process_of(index) == 0 {
            self.note_children();
        }
        let waited = self.made.entering(&stopped, call);
        if waited.map_err(doing("wait for other graders"))? {
            // That was not the program's time.
            self.watch = Watch::start();
        }
        let stopped = self.readied(index, stopped, call)?;
        let original = self.redirect(index, &stopped)?;
        let time_up = take_limit(&stopped, call).map_err(doing("start a wait"))?;
        let original = original.or(time_up.map(|_| call.registers));
        let mask = self.hide_unnoticed_signals(index, &stopped, call)?;
        let watch = self.locks.before_sleep(&stopped, call);
        let at_exit = call
            .enter(&stopped, fault)
            .map_err(doing("enter a call"))?
            .after_redirection(original.is_some());
        let sleep = Sleep {
            operation: call.operation.clone(),
            mask,
            vfork: false,
            original: original.map(Box::new),
            time_up,
        };
        let interrupting = fault == Some(Fault::Interruption) && at_exit != AtExit::Interrupt;
        let mut running = stopped
            .resume(Until::CallExit, 0)
            .map_err(doing("resume a tracee"))?;
        if call.operation.call == Kind::Exit && call.ends_process() && self.has_threads(index) {
            return self.ends_with_threads(index, running);
        }
        loop {
            let waited = match call.may_sleep() {
                true => wait(running),
                false => self.alarm.wait(running),
            };
            running = match waited.map_err(doing("wait for a tracee"))? {
                Waited::Stopped(stopped, Stop::CallExit) => {
                    return self.leave(index, stopped, call, at_exit, sleep);
                }
                Waited::Stopped(stopped, Stop::Forked { child }) => {
                    let vfork = self.born(index, child, call)?;
                    if !vfork && at_exit == AtExit::Nothing && sleep.mask.is_none() {
                        // The call has its result, and nothing is to be done
                        // at its exit.
                        let result = i64::from(child.as_raw());
                        self.steps[at].outcome = self.outcome(&call.operation, result);
                        return self.go_on(index, stopped);
                    }
                    let running = stopped
                        .resume(Until::CallExit, 0)
                        .map_err(doing("resume"))?;
                    if vfork {
                        self.steps[at].outcome = Outcome::Blocked;
                        let sleep = Sleep { vfork, ..sleep };
                        self.book.tracees[index].state = State::Blocked(running, sleep);
                        return Ok(());
                    }
                    running
                }
                Waited::Stopped(stopped, Stop::Exec) => {
                    let process = self.book.process_of(index);
                    self.book.processes[process].executed();
                    if stopped.is_readable() {
                        stopped
                            .resume(Until::CallExit, 0)
                            .map_err(doing("resume a tracee"))?
                    } else {
                        // Nobody runs unseen.
                        let pid = self.book.processes[process].pid;
                        stopped
                            .signal(pid, libc::SIGKILL)
                            .map_err(doing("end a tracee that cannot be read"))?;
                        Running::born(stopped.tid())
                    }
                }
                Waited::Stopped(stopped, Stop::GroupStop(_)) => {
                    stopped.listen().map_err(doing("leave a tracee stopped"))?
                }
                Waited::Stopped(stopped, Stop::Signal(signal)) => stopped
                    .resume(Until::CallExit, signal)
                    .map_err(doing("resume a tracee"))?,
                Waited::Stopped(stopped, _) | Waited::RanOn(stopped) => stopped
                    .resume(Until::CallExit, 0)
                    .map_err(doing("resume a tracee"))?,
                Waited::Asleep(running) if interrupting => {
                    let pid = self.book.processes[self.book.process_of(index)].pid;
                    running
                        .signal(pid, libc::SIGUSR1)
                        .map_err(doing("send SIGUSR1"))?;
                    self.steps[at].outcome = Outcome::Returned(-i64::from(libc::EINTR));
                    let sleep = sleep.clone();
                    self.book.tracees[index].state = State::Blocked(running, sleep);
                    return Ok(());
                }
                Waited::Asleep(running) => {
                    self.steps[at].outcome = Outcome::Blocked;
                    self.locks.slept(at, self.steps[at].task, call, watch);
                    self.book.tracees[index].state = State::Blocked(running, sleep);
                    return Ok(());
                }
                Waited::Ended(status) => return self.ended(index, status, call.ends_process()),
            };
        }
    }

    /// True if other threads of the tracee's process live.
    pub(super) fn has_threads(&self, index: usize) -> bool {
        let name = self.book.tracees[index].name;
        self.book.tracees.iter().any(|tracee| {
            tracee.name.process == name.process
                && tracee.name != name
                && !matches!(tracee.state, State::Ended(_))
        })
    }

    /// The exit of a call that did not block.
    fn leave(
        &mut self,
        index: usize,
        stopped: Stopped,
        call: &Call,
        at_exit: AtExit,
        sleep: Sleep,
    ) -> Result<(), EngineError> {
        let at = self.steps.len() - 1;
        call.leave(&stopped, at_exit)
            .map_err(doing("leave a call"))?;
        let registers = stopped.registers().map_err(doing("read registers"))?;
        if at_exit == AtExit::Interrupt {
            self.signal_stopped(index, &stopped)?;
        } else if self.steps[at].fault == Some(Fault::Interruption) {
            // It did not block, so there was nothing to interrupt.
            self.steps[at].fault = None;
        }
        let result = call::result(&registers);
        self.made.returned(stopped.tid(), result);
        self.refuse_unknown_pointers(index, call::number(&call.registers), result)?;
        self.steps[at].outcome = self.outcome(&call.operation, result);
        if let Some(mask) = sleep.mask {
            stopped
                .set_signal_mask(mask)
                .map_err(doing("restore the signal mask"))?;
        }
        if call.operation.call == Kind::Signal {
            self.signalled(&call.operation, call::result(&registers))?;
        }
        let stopped = match call.operation.call {
            // An exec that failed leaves the process as it was.
            Kind::Exec | Kind::Signal if self.forked() => {
                self.close_shared(index, stopped, At::Elsewhere)?
            }
            _ => stopped,
        };
        self.go_ahead(index, stopped, Since::Perhaps)
    }

    fn signal_stopped(&self, index: usize, stopped: &Stopped) -> Result<(), EngineError> {
        let pid = self.book.processes[self.book.process_of(index)].pid;
        stopped
            .signal(pid, libc::SIGUSR1)
            .map_err(doing("send SIGUSR1"))
    }

    /// Blocks the signals that an untraced process would not notice for the
    /// time of a call that may block: under ptrace they would end it.
    fn hide_unnoticed_signals(
        &self,
        index: usize,
        stopped: &Stopped,
        call: &Call,
    ) -> Result<Option<u64>, EngineError> {
        if !call.may_block() || call.sets_mask() {
            return Ok(None);
        }
        let mask = stopped
            .signal_mask()
            .map_err(doing("read the signal mask"))?;
        let unnoticed = self.book.processes[self.book.process_of(index)]
            .signals
            .unnoticed();
        if mask | unnoticed == mask {
            return Ok(None);
        }
        // SIGCONT must go through, or nothing would end a group stop.
        let hidden = mask | (unnoticed & !bit(libc::SIGCONT));
        stopped
            .set_signal_mask(hidden)
            .map_err(doing("set the signal mask"))?;
        Ok(Some(mask))
    }

    /// Takes a new tracee into the book; true if its parent now waits for it
    /// as vfork(2) does.
    fn born(&mut self, parent: usize, child: Pid, call: &Call) -> Result<bool, EngineError> {
        let flags = match call::number(&call.registers) {
            libc::SYS_clone => call.registers.rdi,
            libc::SYS_vfork => CLONE_VFORK,
            _ => 0,
        };
        let at = self.steps.len() - 1;
        let parent_name = self.book.tracees[parent].name;
        let process = &mut self.book.processes[parent_name.process as usize];
        let name = if flags & CLONE_THREAD != 0 {
            process.descriptions = Descriptions::OfAll;
            self.book.next_thread(parent_name.process)
        } else {
            process.descriptions.fork(process.pid);
            let mut process = process.forked(child);
            process.borrows_memory = flags & (CLONE_VM | CLONE_VFORK) != 0;
            self.book.processes.push(process);
            TaskName::process(self.book.processes.len() as u32 - 1)
        };
        let state = match Running::born(child)
            .wait()
            .map_err(doing("wait for a new tracee"))?
        {
            Look::Stopped(stopped, _) => State::Ready(stopped, Pending::Start),
            Look::Ended(status) => State::Ended(status),
            Look::Running(running) => State::Blocked(
                running,
                Sleep {
                    operation: call.operation.clone(),
                    mask: None,
                    vfork: false,
                    original: None,
                    time_up: None,
                },
            ),
        };
        let tracee = Tracee::new(name, child, Some(parent_name), Some(at), state);
        self.book.tracees.push(tracee);
        Ok(flags & CLONE_VFORK != 0)
    }

    /// A result in terms that do not change from run to run.
    fn outcome(&mut self, operation: &Operation, result: i64) -> Outcome {
        let number = match operation.call {
            Kind::Wait | Kind::Fork if result > 0 => {
                let pid = Pid::from_raw(result as i32);
                let number = self.book.process_number(pid);
                // One that has only stopped is waited for again.
                if let (Kind::Wait, Some(number)) = (operation.call, number)
                    && !self.book.alive(number)
                {
                    self.book.processes[number as usize].reaped = true;
                }
                number.map_or(result, i64::from)
            }
            Kind::Other(call @ ("shmget" | "semget" | "msgget")) if result >= 0 => {
                self.naming.system_v(call, result)
            }
            _ => result,
        };
        Outcome::Returned(number)
    }
}
