//! A stopped tracee can be read, changed and resumed; a running one can only
//! be waited for. The two are different types.

use std::cell::{Cell, RefCell};
use std::io;

use libc::{c_int, user_regs_struct};
use nix::unistd::Pid;

use super::sys;
use super::vectors::Vectors;
use crate::trace::ExitStatus;

/// A tracee that is stopped. Its registers are asked for once and put back once:
/// nobody else changes them while it is stopped.
#[derive(Debug)]
pub struct Stopped {
    tid: Pid,
    registers: RefCell<Option<Box<Registers>>>,
    /// They have been changed, and the kernel does not know yet.
    changed: Cell<bool>,
}

/// A tracee that has been resumed and not yet been seen to stop.
#[derive(Debug)]
pub struct Running {
    tid: Pid,
    listening: bool,
}

/// How far a resumed tracee goes if nothing else stops it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// To its next seccomp stop, event or signal.
    NextStop,
    /// The same, and to the exit of the system call it is in.
    CallExit,
}

/// Why a tracee has stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// At the entry of a system call that the filter traces.
    CallEntry,
    /// At the exit of a system call.
    CallExit,
    /// A new process or thread was made by fork, vfork or clone.
    Forked {
        /// Its id.
        child: Pid,
    },
    /// A new program image was loaded.
    Exec,
    /// A vfork(2) child has gone its own way.
    VforkDone,
    /// A signal is about to be delivered.
    Signal(c_int),
    /// All threads of the process are stopped by this signal.
    GroupStop(c_int),
    /// The first stop of a new tracee, or the answer to an interrupt.
    Interrupted,
}

/// The registers of a tracee.
pub type Registers = user_regs_struct;

impl Stopped {
    /// Takes control of a process that waits for it; it goes on running.
    ///
    /// # Errors
    /// EPERM if this machine does not let us trace.
    pub fn seize(tid: Pid) -> io::Result<Running> {
        let options = libc::PTRACE_O_EXITKILL
            | libc::PTRACE_O_TRACESYSGOOD
            | libc::PTRACE_O_TRACEFORK
            | libc::PTRACE_O_TRACEVFORK
            | libc::PTRACE_O_TRACECLONE
            | libc::PTRACE_O_TRACEEXEC
            | libc::PTRACE_O_TRACEVFORKDONE
            | libc::PTRACE_O_TRACESECCOMP;
        sys::seize(tid.as_raw(), options)?;
        Ok(Running::born(tid))
    }

    /// The thread's id; for system calls only, never for people.
    #[must_use]
    pub const fn tid(&self) -> Pid {
        self.tid
    }

    /// Its registers.
    ///
    /// # Errors
    /// ESRCH if it has been killed.
    pub fn registers(&self) -> io::Result<Registers> {
        if let Some(registers) = &*self.registers.borrow() {
            return Ok(**registers);
        }
        let registers = sys::registers(self.tid.as_raw())?;
        self.registers.replace(Some(Box::new(registers)));
        Ok(registers)
    }

    /// Changes its registers, from when it goes on.
    pub fn set_registers(&self, registers: &Registers) {
        self.registers.replace(Some(Box::new(*registers)));
        self.changed.set(true);
    }

    /// Its vector registers.
    ///
    /// # Errors
    /// ESRCH if it has been killed.
    pub fn vectors(&self) -> io::Result<Vectors> {
        sys::vectors(self.tid.as_raw()).map(Vectors)
    }

    /// Changes its vector registers, at once.
    ///
    /// # Errors
    /// ESRCH if it has been killed.
    pub fn set_vectors(&self, vectors: &Vectors) -> io::Result<()> {
        sys::set_vectors(self.tid.as_raw(), &vectors.0)
    }

    /// Where a thread of its process has told the kernel that its list of
    /// robust mutexes begins.
    #[must_use]
    pub fn robust_list_head(&self, thread: Pid) -> Option<u64> {
        let list = sys::robust_list(thread.as_raw()).ok()?;
        (list.head != 0).then_some(list.head)
    }

    /// Its blocked signals; bit n-1 is signal n.
    ///
    /// # Errors
    /// ESRCH if it has been killed.
    pub fn signal_mask(&self) -> io::Result<u64> {
        sys::signal_mask(self.tid.as_raw())
    }

    /// Changes its blocked signals.
    ///
    /// # Errors
    /// ESRCH if it has been killed.
    pub fn set_signal_mask(&self, mask: u64) -> io::Result<()> {
        sys::set_signal_mask(self.tid.as_raw(), mask)
    }

    /// True if a signal waits for it or for its process, blocked or not.
    ///
    /// # Errors
    /// ESRCH if it has been killed.
    pub fn has_signals(&self) -> io::Result<bool> {
        sys::has_signals(self.tid.as_raw())
    }

    /// Lets it go on, with `signal` delivered (0 for none).
    ///
    /// # Errors
    /// ESRCH if it has been killed.
    pub fn resume(self, until: Until, signal: c_int) -> io::Result<Running> {
        self.tell_registers()?;
        match until {
            Until::NextStop => sys::cont(self.tid.as_raw(), signal)?,
            Until::CallExit => sys::cont_to_syscall(self.tid.as_raw(), signal)?,
        }
        Ok(Running::born(self.tid))
    }

    fn tell_registers(&self) -> io::Result<()> {
        match &*self.registers.borrow() {
            Some(registers) if self.changed.get() => {
                sys::set_registers(self.tid.as_raw(), registers)
            }
            _ => Ok(()),
        }
    }

    /// Sends it a signal, which it gets once it goes on.
    ///
    /// # Errors
    /// ESRCH if it is gone.
    pub fn signal(&self, process: Pid, signal: c_int) -> io::Result<()> {
        sys::signal_thread(process.as_raw(), self.tid.as_raw(), signal)
    }

    /// Leaves it in its group stop until SIGCONT comes (PTRACE_LISTEN).
    ///
    /// # Errors
    /// ESRCH if it has been killed.
    pub fn listen(self) -> io::Result<Running> {
        self.tell_registers()?;
        sys::listen(self.tid.as_raw())?;
        Ok(Running {
            tid: self.tid,
            listening: true,
        })
    }
}

/// What a look at a running tracee showed.
#[derive(Debug)]
pub enum Look {
    /// Nothing has happened.
    Running(Running),
    /// It has stopped.
    Stopped(Stopped, Stop),
    /// It has ended.
    Ended(ExitStatus),
}

impl Running {
    /// A tracee that the kernel attached by itself, as the child of another.
    #[must_use]
    pub const fn born(tid: Pid) -> Self {
        Self {
            tid,
            listening: false,
        }
    }

    /// True if it has been left in a group stop until SIGCONT comes.
    #[must_use]
    pub const fn is_listening(&self) -> bool {
        self.listening
    }

    /// The thread's id; for system calls only, never for people.
    #[must_use]
    pub const fn tid(&self) -> Pid {
        self.tid
    }

    /// Looks without waiting.
    ///
    /// # Errors
    /// ECHILD if it is no tracee of ours.
    pub fn look(self) -> io::Result<Look> {
        match sys::wait(self.tid.as_raw(), libc::WNOHANG)? {
            None => Ok(Look::Running(self)),
            Some(status) => Self::decode(self.tid, status),
        }
    }

    /// Waits until it stops or ends; only where it cannot block.
    ///
    /// # Errors
    /// ECHILD if it is no tracee of ours.
    pub fn wait(self) -> io::Result<Look> {
        match sys::wait(self.tid.as_raw(), 0)? {
            None => Ok(Look::Running(self)),
            Some(status) => Self::decode(self.tid, status),
        }
    }

    /// Waits until it stops or ends, or until a signal comes to this thread.
    ///
    /// # Errors
    /// ECHILD if it is no tracee of ours.
    pub(super) fn wait_for_alarm(self) -> io::Result<Look> {
        match sys::wait_for_alarm(self.tid.as_raw())? {
            None => Ok(Look::Running(self)),
            Some(status) => Self::decode(self.tid, status),
        }
    }

    /// Asks it to stop. Never while it may be blocked in a call: that would
    /// cut a pipe's write short.
    ///
    /// # Errors
    /// ESRCH if it is gone.
    pub fn interrupt(&self) -> io::Result<()> {
        sys::interrupt(self.tid.as_raw())
    }

    /// Sends it a signal.
    ///
    /// # Errors
    /// ESRCH if it is gone.
    pub fn signal(&self, process: Pid, signal: c_int) -> io::Result<()> {
        sys::signal_thread(process.as_raw(), self.tid.as_raw(), signal)
    }

    fn decode(tid: Pid, status: c_int) -> io::Result<Look> {
        if libc::WIFEXITED(status) {
            return Ok(Look::Ended(ExitStatus::Exited(libc::WEXITSTATUS(status))));
        }
        if libc::WIFSIGNALED(status) {
            return Ok(Look::Ended(ExitStatus::Signalled(libc::WTERMSIG(status))));
        }
        let signal = libc::WSTOPSIG(status);
        let stop = match status >> 16 {
            0 if signal == libc::SIGTRAP | 0x80 => Stop::CallExit,
            0 => Stop::Signal(signal),
            libc::PTRACE_EVENT_SECCOMP => Stop::CallEntry,
            libc::PTRACE_EVENT_FORK | libc::PTRACE_EVENT_VFORK | libc::PTRACE_EVENT_CLONE => {
                let child = sys::event_message(tid.as_raw())?;
                Stop::Forked {
                    child: Pid::from_raw(child as i32),
                }
            }
            libc::PTRACE_EVENT_EXEC => Stop::Exec,
            libc::PTRACE_EVENT_VFORK_DONE => Stop::VforkDone,
            libc::PTRACE_EVENT_STOP if signal != libc::SIGTRAP => Stop::GroupStop(signal),
            _ => Stop::Interrupted,
        };
        let stopped = Stopped {
            tid,
            registers: RefCell::new(None),
            changed: Cell::new(false),
        };
        Ok(Look::Stopped(stopped, stop))
    }
}
