//! System calls that the grader has a tracee make, and what a fault says.

use std::io;

use nix::sys::signal::{Signal, kill};

use super::displaced::Pages;
use super::stop::{Look, Registers, Stop, Stopped, Until};
use super::stub::{self, SCRATCH_BYTES, Stub};
use super::sys;

/// From sys/mman.h: reading, writing and executing.
const ALL_ACCESS: u64 = (libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC) as u64;

/// The length of the `syscall` instruction, in bytes.
pub const SYSCALL_BYTES: u64 = 2;
/// "In no system call", as the kernel keeps it: nothing is restarted.
pub const NO_CALL: u64 = u64::MAX;

/// Where a tracee is stopped, and is to be again once it has made our calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// At the entry of a call that the filter traces.
    CallEntry,
    /// At the exit of a call, at an event or about to get a signal.
    Elsewhere,
}

/// A tracee that makes calls for us; [`Injection::finish`] puts it back.
#[derive(Debug)]
pub struct Injection {
    stopped: Stopped,
    before: Registers,
    stub: Stub,
    at: At,
    /// True if it is at the entry of a call by now, its own or the stub's.
    at_entry: bool,
    held: Held,
}

impl Injection {
    /// Begins with a tracee stopped at `at` that has a stub.
    ///
    /// # Errors
    /// If the tracee has been killed.
    pub fn begin(stopped: Stopped, at: At, stub: Stub) -> io::Result<Self> {
        Ok(Self {
            before: stopped.registers()?,
            stopped,
            stub,
            at,
            at_entry: at == At::CallEntry,
            held: Held::default(),
        })
    }

    /// Begins with a tracee that has no stub yet: gives it these pages and the
    /// stub behind them. `site` is the address of a `syscall` instruction in it.
    ///
    /// # Errors
    /// If the tracee has been killed, or the pages cannot be had: of the kind
    /// that mmap(2)'s error is.
    pub fn with_pages(stopped: Stopped, at: At, site: u64, pages: Pages) -> io::Result<Self> {
        let mut injection = Self::begin(stopped, at, Stub::behind(pages))?;
        let flags = (libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED_NOREPLACE) as u64;
        let start = pages.code;
        let arguments = [start, SCRATCH_BYTES, ALL_ACCESS, flags, u64::MAX, 0];
        let mut registers = with_call(injection.before, libc::SYS_mmap, arguments);
        if at == At::Elsewhere {
            registers.rip = site;
            registers.rax = registers.orig_rax;
            registers.orig_rax = NO_CALL;
            injection.stopped.set_registers(&registers);
            injection = injection.go(Until::CallExit, Stop::CallExit)?;
        } else {
            injection.stopped.set_registers(&registers);
        }
        injection = injection.go(Until::CallExit, Stop::CallExit)?;
        injection.at_entry = false;
        let result = injection.stopped.registers()?.rax;
        if result != start {
            let result = result.cast_signed();
            let kind = io::Error::from_raw_os_error((-result) as i32).kind();
            return Err(io::Error::new(kind, format!("mmap gave {result}")));
        }
        injection.stub.write(&injection.stopped)?;
        Ok(injection)
    }

    /// Makes one call and gives its result, negative errno values for errors.
    ///
    /// # Errors
    /// If the tracee has been killed.
    pub fn call(self, number: i64, arguments: [u64; 6]) -> io::Result<(Self, i64)> {
        let injection = self.to_entry()?;
        let mut registers = with_call(injection.before, number, arguments);
        registers.rip = injection.stub.to_trap();
        injection.stopped.set_registers(&registers);
        let injection = injection.to_trap()?;
        let result = stub::last_result(&injection.stopped.registers()?);
        Ok((injection, result))
    }

    /// Puts the tracee back to where it was.
    ///
    /// # Errors
    /// If the tracee has been killed.
    pub fn finish(self) -> io::Result<Stopped> {
        let injection = match self.at {
            At::CallEntry => self.to_entry()?,
            At::Elsewhere if !self.at_entry => self,
            At::Elsewhere => {
                self.stopped.set_registers(&skipping(self.before));
                self.go(Until::CallExit, Stop::CallExit)?
            }
        };
        injection.stopped.set_registers(&injection.before);
        injection.released()
    }

    /// Has the tracee go on from where it was with its own call, which it has
    /// made in here and which gave `result`.
    ///
    /// # Errors
    /// If the tracee has been killed.
    pub fn finish_with(self, result: i64) -> io::Result<Stopped> {
        let injection = self.to_entry()?;
        let mut registers = skipping(injection.before);
        registers.rax = result.cast_unsigned();
        injection.stopped.set_registers(&registers);
        injection.released()
    }

    /// To the entry of a call, if it is not there.
    fn to_entry(self) -> io::Result<Self> {
        if self.at_entry {
            return Ok(self);
        }
        let mut registers = self.before;
        registers.rip = self.stub.to_trap();
        registers.orig_rax = NO_CALL;
        self.stopped.set_registers(&registers);
        self.to_trap()
    }

    fn to_trap(self) -> io::Result<Self> {
        let mut injection = self.go(Until::NextStop, Stop::CallEntry)?;
        injection.at_entry = true;
        match stub::is_trap(&injection.stopped.registers()?) {
            true => Ok(injection),
            false => Err(gone("the tracee has left its stub")),
        }
    }

    fn go(mut self, until: Until, wanted: Stop) -> io::Result<Self> {
        let stopped = self.held.go(self.stopped, until, wanted)?;
        Ok(Self { stopped, ..self })
    }

    /// Leaves the tracee where it is.
    ///
    /// # Errors
    /// If the tracee has been killed.
    pub(super) fn released(self) -> io::Result<Stopped> {
        self.held.release(&self.stopped)?;
        Ok(self.stopped)
    }
}

/// Registers for the kernel to make this call at the entry of another one.
const fn with_call(from: Registers, number: i64, arguments: [u64; 6]) -> Registers {
    let [rdi, rsi, rdx, r10, r8, r9] = arguments;
    Registers {
        orig_rax: number.cast_unsigned(),
        rdi,
        rsi,
        rdx,
        r10,
        r8,
        r9,
        ..from
    }
}

/// Registers for the kernel to skip the call at whose entry a tracee is.
const fn skipping(from: Registers) -> Registers {
    Registers {
        orig_rax: NO_CALL,
        ..from
    }
}

/// Signals that come to a tracee while it does something for us: they wait.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// What it had blocked before the first of them came.
    mask: Option<u64>,
    /// True if SIGSTOP came, which cannot be blocked.
    stop: bool,
}

impl Held {
    /// Lets a tracee go on to its next stop of this kind.
    pub fn go(&mut self, stopped: Stopped, until: Until, wanted: Stop) -> io::Result<Stopped> {
        let mut running = stopped.resume(until, 0)?;
        loop {
            running = match running.wait()? {
                Look::Stopped(stopped, stop) if stop == wanted => return Ok(stopped),
                Look::Stopped(stopped, Stop::Signal(libc::SIGSTOP)) => {
                    self.stop = true;
                    stopped.resume(until, 0)?
                }
                Look::Stopped(stopped, Stop::Signal(signal)) => {
                    self.hold(&stopped)?;
                    stopped.resume(until, signal)?
                }
                Look::Stopped(_, Stop::CallEntry | Stop::CallExit) => {
                    return Err(gone("the tracee makes a call of its own"));
                }
                Look::Stopped(stopped, _) => stopped.resume(until, 0)?,
                Look::Running(running) => running,
                Look::Ended(_) => return Err(gone("the tracee was killed")),
            };
        }
    }

    /// A signal that is blocked by the time it would be delivered is pending
    /// again, with all that is known of it (`ptrace_signal` in
    /// kernel/signal.c).
    fn hold(&mut self, stopped: &Stopped) -> io::Result<()> {
        if is_fault(&sys::fault(stopped.tid().as_raw())?) {
            return Err(gone("the tracee's stub is gone"));
        }
        if self.mask.is_none() {
            self.mask = Some(stopped.signal_mask()?);
        }
        stopped.set_signal_mask(u64::MAX)
    }

    /// From when the tracee goes on, they come.
    pub fn release(&self, stopped: &Stopped) -> io::Result<()> {
        if self.stop {
            kill(stopped.tid(), Signal::SIGSTOP)?;
        }
        self.mask
            .map_or(Ok(()), |mask| stopped.set_signal_mask(mask))
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
    if is_fault(&fault) && translate(fault.address) != fault.address {
        sys::set_fault_address(tid, translate(fault.address))?;
    }
    Ok(())
}

/// True if an instruction has raised the signal, at some address.
fn is_fault(fault: &sys::Fault) -> bool {
    let memory = matches!(
        fault.signal,
        libc::SIGSEGV | libc::SIGBUS | libc::SIGFPE | libc::SIGILL
    );
    // What the kernel itself raises has a positive code (sigaction(2)).
    memory && fault.code > 0
}

/// From asm-generic/siginfo.h.
const SEGV_ACCERR: i32 = 2;
