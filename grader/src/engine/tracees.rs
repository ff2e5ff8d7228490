//! The engine's book of tracees: names, states, parents.

use std::collections::{HashMap, HashSet};

use nix::unistd::Pid;

use super::call::Call;
use super::process::Process;
use super::shared::SharedAccess;
use crate::operation::{Call as Kind, Object, Operation, TaskName};
use crate::trace::ExitStatus;
use crate::tracee::stop::{Registers, Running, Stopped};

/// One tracee: a process's first thread or another.
#[derive(Debug)]
pub(super) struct Tracee {
    pub name: TaskName,
    /// Its id; for system calls only.
    pub tid: Pid,
    pub parent: Option<TaskName>,
    pub born: Option<usize>,
    pub state: State,
    /// True from a write to FILE to the next change of a lock.
    pub wrote: bool,
    /// Steps of its own that did nothing (sleep, yield, run on) since anybody
    /// else did something.
    pub idle: u32,
    /// States in which it has looked at shared memory since anybody changed
    /// anything, as hashes.
    pub seen: HashSet<u64>,
    /// How often it has looked, by instruction and address.
    pub looks: HashMap<(u64, u64), u32>,
    /// Calls that it has made since then, and that changed nothing
    /// ([`super::waiting`]).
    pub asked: HashSet<u64>,
    /// True if it is in one of those states again, or looks too often: it
    /// spins.
    pub spinning: bool,
}

impl Tracee {
    /// A tracee that has not moved yet.
    pub fn new(
        name: TaskName,
        tid: Pid,
        parent: Option<TaskName>,
        born: Option<usize>,
        state: State,
    ) -> Self {
        Self {
            name,
            tid,
            parent,
            born,
            state,
            wrote: false,
            idle: 0,
            seen: HashSet::new(),
            looks: HashMap::new(),
            asked: HashSet::new(),
            spinning: false,
        }
    }

    /// It has made a call that changed nothing; one that it had not made before
    /// may have told it something.
    pub fn asked(&mut self, question: u64) {
        if self.asked.insert(question) {
            self.idle = 0;
            self.seen.clear();
            self.looks.clear();
            self.spinning = false;
        } else {
            self.idle += 1;
        }
    }
}

/// What a tracee is at.
#[derive(Debug)]
pub(super) enum State {
    /// At a scheduling point.
    Ready(Stopped, Pending),
    /// Asleep in the kernel.
    Blocked(Running, Sleep),
    /// On its way; only within a step.
    Moving,
    /// Dead.
    Ended(ExitStatus),
}

/// What a tracee will do next.
#[derive(Debug)]
pub(super) enum Pending {
    /// Its first instructions.
    Start,
    /// Go on after having been stopped between two instructions.
    RunOn,
    /// Return from a call that had it sleeping.
    Return(Sleep),
    /// This call.
    Call(Box<Call>),
    /// This access to shared memory.
    Access(Box<SharedAccess>),
}

/// A call that has a tracee sleeping.
#[derive(Debug, Clone)]
pub(super) struct Sleep {
    pub operation: Operation,
    /// The blocked signals to put back.
    pub mask: Option<u64>,
    /// True for the parent of a vfork(2), which sleeps uninterruptibly.
    pub vfork: bool,
    /// The registers to put back, if arguments were redirected.
    pub original: Option<Box<Registers>>,
    /// What the call returns when its time is up, if it has a limit.
    pub time_up: Option<i64>,
}

/// All tracees and processes of one execution.
#[derive(Debug, Default)]
pub(super) struct Tracees {
    pub tracees: Vec<Tracee>,
    pub processes: Vec<Process>,
}

impl Tracees {
    pub fn index(&self, name: TaskName) -> Option<usize> {
        self.tracees.iter().position(|tracee| tracee.name == name)
    }

    pub fn process_of(&self, index: usize) -> usize {
        self.tracees[index].name.process as usize
    }

    /// The name for the next thread of a process.
    pub fn next_thread(&self, process: u32) -> TaskName {
        let threads = self
            .tracees
            .iter()
            .filter(|tracee| tracee.name.process == process);
        TaskName {
            process,
            thread: threads.count() as u32,
        }
    }

    /// True if any thread of the process lives.
    pub fn alive(&self, process: u32) -> bool {
        self.tracees.iter().any(|tracee| {
            tracee.name.process == process && !matches!(tracee.state, State::Ended(_))
        })
    }

    /// True if `pending` of `process` waits for a child while all that it could
    /// wait for live.
    pub fn would_wait(&self, process: u32, operation: &Operation, pending: &Pending) -> bool {
        let Pending::Call(call) = pending else {
            return false;
        };
        if operation.call != Kind::Wait || call.returns_at_once() {
            return false;
        }
        let mut children = (0..self.processes.len() as u32)
            .filter(|&child| self.parent(child) == Some(process))
            .filter(|&child| !self.processes[child as usize].reaped)
            .filter(|&child| match operation.object {
                Object::Process(target) => child == target,
                _ => true,
            })
            .map(|child| self.alive(child))
            .peekable();
        children.peek().is_some() && children.all(|alive| alive)
    }

    /// The process that made a process.
    pub fn parent(&self, process: u32) -> Option<u32> {
        let index = self.index(TaskName::process(process))?;
        self.tracees[index].parent.map(|parent| parent.process)
    }

    /// Somebody did something: whoever only waits may look again.
    pub fn progress(&mut self) {
        for tracee in &mut self.tracees {
            tracee.idle = 0;
            tracee.seen.clear();
            tracee.looks.clear();
            tracee.asked.clear();
            tracee.spinning = false;
        }
    }
}

impl Tracees {
    /// The number of the process with this id, if it is one of ours.
    pub fn process_number(&self, pid: Pid) -> Option<u32> {
        let at = self.processes.iter().position(|process| process.pid == pid);
        at.map(|at| at as u32)
    }
}
