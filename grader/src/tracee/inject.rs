//! System calls that the grader has a tracee make, and what a fault says.

use std::io;

use super::stop::{Look, Registers, Stop, Stopped, Until};
use super::sys;

/// The length of the `syscall` instruction, in bytes.
pub const SYSCALL_BYTES: u64 = 2;
/// "In no system call", as the kernel keeps it: nothing is restarted.
pub const NO_CALL: u64 = u64::MAX;

/// Where a tracee is stopped, which decides how it gets to make another call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// At the entry of a call that the filter traces; that call is made anew
    /// afterwards, and the tracee comes to its entry again.
    CallEntry,
    /// At the exit of a call, at an event or about to get a signal.
    Elsewhere,
}

/// A tracee that makes calls for us; [`Injection::finish`] puts it back.
#[derive(Debug)]
pub struct Injection {
    stopped: Stopped,
    before: Registers,
    site: u64,
    at: At,
}

impl Injection {
    /// Begins with a tracee stopped at `at`; `site` is the address of a
    /// `syscall` instruction in it.
    ///
    /// # Errors
    /// If the tracee has been killed.
    pub fn begin(stopped: Stopped, at: At, site: u64) -> io::Result<Self> {
        let before = stopped.registers()?;
        let stopped = match at {
            At::Elsewhere => stopped,
            At::CallEntry => {
                let mut skipped = before;
                skipped.orig_rax = NO_CALL;
                stopped.set_registers(&skipped);
                to_syscall_stop(stopped)?
            }
        };
        Ok(Self {
            stopped,
            before,
            site,
            at,
        })
    }

    /// Makes one call and gives its result, negative errno values for errors.
    ///
    /// # Errors
    /// If the tracee has been killed.
    pub fn call(self, number: i64, arguments: [u64; 6]) -> io::Result<(Self, i64)> {
        let mut registers = self.before;
        registers.rip = self.site;
        registers.rax = number.cast_unsigned();
        registers.orig_rax = NO_CALL;
        [
            registers.rdi,
            registers.rsi,
            registers.rdx,
            registers.r10,
            registers.r8,
            registers.r9,
        ] = arguments;
        self.stopped.set_registers(&registers);
        // First to the entry, then to the exit.
        let stopped = to_syscall_stop(to_syscall_stop(self.stopped)?)?;
        let result = stopped.registers()?.rax.cast_signed();
        Ok((Self { stopped, ..self }, result))
    }

    /// Puts the tracee back to where it was.
    ///
    /// # Errors
    /// If the tracee has been killed.
    pub fn finish(self) -> io::Result<Stopped> {
        if self.at == At::Elsewhere {
            self.stopped.set_registers(&self.before);
            return Ok(self.stopped);
        }
        let mut registers = self.before;
        registers.rip -= SYSCALL_BYTES;
        registers.rax = self.before.orig_rax;
        registers.orig_rax = NO_CALL;
        self.stopped.set_registers(&registers);
        match self.stopped.resume(Until::NextStop, 0)?.wait()? {
            Look::Stopped(stopped, Stop::CallEntry) => Ok(stopped),
            _ => Err(gone("the tracee did not come to its call again")),
        }
    }
}

/// Lets a tracee go to its next system-call stop. Signals wait.
pub(super) fn to_syscall_stop(stopped: Stopped) -> io::Result<Stopped> {
    let mut running = stopped.resume(Until::CallExit, 0)?;
    loop {
        running = match running.wait()? {
            Look::Stopped(stopped, Stop::CallExit) => return Ok(stopped),
            Look::Stopped(stopped, _) => stopped.resume(Until::CallExit, 0)?,
            Look::Running(running) => running,
            Look::Ended(_) => return Err(gone("the tracee was killed")),
        };
    }
}

pub(super) fn gone(what: &'static str) -> io::Error {
    io::Error::other(what)
}

/// The address whose access raised the SIGSEGV that a tracee is about to get,
/// if it is one of a page that does not allow it (SEGV_ACCERR, sigaction(2)).
///
/// # Errors
/// If the tracee has been killed.
pub fn refused_address(stopped: &Stopped) -> io::Result<Option<u64>> {
    let fault = sys::fault(stopped.tid().as_raw())?;
    Ok((fault.signal == libc::SIGSEGV && fault.code == SEGV_ACCERR).then_some(fault.address))
}

/// Gives the fault that a tracee is about to be told of another address.
///
/// # Errors
/// If the tracee has been killed.
pub(super) fn translate_fault(stopped: &Stopped, translate: impl Fn(u64) -> u64) -> io::Result<()> {
    let tid = stopped.tid().as_raw();
    let fault = sys::fault(tid)?;
    let memory = matches!(
        fault.signal,
        libc::SIGSEGV | libc::SIGBUS | libc::SIGFPE | libc::SIGILL
    );
    // What the kernel itself raises has a positive code (sigaction(2)).
    if memory && fault.code > 0 && translate(fault.address) != fault.address {
        sys::set_fault_address(tid, translate(fault.address))?;
    }
    Ok(())
}

/// From asm-generic/siginfo.h.
const SEGV_ACCERR: i32 = 2;
