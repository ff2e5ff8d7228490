//! System calls that the grader has a tracee make, and what a fault says.

use std::io;

use super::displaced::Pages;
use super::held::Held;
use super::stop::{Registers, Stop, Stopped, Until};
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
///
/// The first call is made in place of the one at whose entry it is stopped; if
/// it is elsewhere, its stub brings it to such an entry first.
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
        let injection = self.until_entry()?;
        let mut registers = with_call(injection.before, number, arguments);
        registers.rip = injection.stub.to_trap();
        injection.stopped.set_registers(&registers);
        let injection = injection.until_trap()?;
        let result = stub::last_result(&injection.stopped.registers()?);
        Ok((injection, result))
    }

    /// Puts the tracee back to where it was.
    ///
    /// # Errors
    /// If the tracee has been killed.
    pub fn finish(self) -> io::Result<Stopped> {
        let injection = match self.at {
            At::CallEntry => self.until_entry()?,
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
        let injection = self.until_entry()?;
        let mut registers = skipping(injection.before);
        registers.rax = result.cast_unsigned();
        injection.stopped.set_registers(&registers);
        injection.released()
    }

    /// To the entry of a call, if it is not there.
    fn until_entry(self) -> io::Result<Self> {
        if self.at_entry {
            return Ok(self);
        }
        let mut registers = self.before;
        registers.rip = self.stub.to_trap();
        registers.orig_rax = NO_CALL;
        self.stopped.set_registers(&registers);
        self.until_trap()
    }

    fn until_trap(self) -> io::Result<Self> {
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
pub(super) fn is_fault(fault: &sys::Fault) -> bool {
    let memory = matches!(
        fault.signal,
        libc::SIGSEGV | libc::SIGBUS | libc::SIGFPE | libc::SIGILL
    );
    // What the kernel itself raises has a positive code (sigaction(2)).
    memory && fault.code > 0
}

/// From asm-generic/siginfo.h.
const SEGV_ACCERR: i32 = 2;

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::fd::OwnedFd;
    use std::path::Path;

    use nix::sys::signal::{Signal, kill};

    use super::*;
    use crate::tracee::confinement::Confinement;
    use crate::tracee::spawn::{Control, Limits, Plan};
    use crate::tracee::stop::{Look, Running};
    use crate::tracee::stub::pages_at;

    const PAGES: Pages = pages_at(0x2000_0000_1000);

    /// A program at the entry of its first call that the filter traces.
    fn program() -> Stopped {
        let nothing = || OwnedFd::from(File::open("/dev/null").expect("it opens"));
        let plan = Plan::new(
            Path::new("/bin/true"),
            &[] as &[&str],
            Path::new("/"),
            Limits::default(),
            Control::Traced,
            Confinement::none(),
            [nothing(), nothing(), nothing()],
        );
        let stopped = plan.and_then(|plan| plan.start_traced().map_err(io::Error::other));
        next(
            stopped.expect("it starts"),
            Until::NextStop,
            Stop::CallEntry,
        )
    }

    fn next(stopped: Stopped, until: Until, expected: Stop) -> Stopped {
        match stopped.resume(until, 0).and_then(Running::wait) {
            Ok(Look::Stopped(stopped, stop)) if stop == expected => stopped,
            other => panic!("{other:?}"),
        }
    }

    fn with_pages(stopped: Stopped) -> Injection {
        let site = stopped.registers().expect("it lives").rip - SYSCALL_BYTES;
        Injection::with_pages(stopped, At::CallEntry, site, PAGES).expect("it gets pages")
    }

    /// Makes a call that gives something and one that fails.
    fn calls(injection: Injection) -> Injection {
        let tid = i64::from(injection.stopped.tid().as_raw());
        let (injection, result) = injection.call(libc::SYS_getpid, [0; 6]).expect("it lives");
        assert_eq!(result, tid);
        let all = [u64::MAX; 6];
        let (injection, result) = injection.call(libc::SYS_close, all).expect("it lives");
        assert_eq!(result, -i64::from(libc::EBADF));
        injection
    }

    fn end(stopped: Stopped) {
        let tid = stopped.tid();
        kill(tid, Signal::SIGKILL).expect("it lives");
        while !matches!(Running::born(tid).wait(), Ok(Look::Ended(_)) | Err(_)) {}
    }

    /// What a program could notice, and what the engine goes by.
    fn seen(stopped: &Stopped) -> [u64; 20] {
        let r = stopped.registers().expect("it lives");
        [
            r.rax, r.rbx, r.rcx, r.rdx, r.rsi, r.rdi, r.rbp, r.rsp, r.r8, r.r9, r.r10, r.r11,
            r.r12, r.r13, r.r14, r.r15, r.rip, r.eflags, r.orig_rax, r.fs_base,
        ]
    }

    #[test]
    fn a_tracee_is_put_back_to_where_it_was() {
        let stopped = program();
        let before = seen(&stopped);
        let stopped = calls(with_pages(stopped)).finish().expect("it lives");
        assert_eq!(seen(&stopped), before);
        // Its own call is made, and once.
        let stopped = next(stopped, Until::CallExit, Stop::CallExit);
        let before = seen(&stopped);
        assert_ne!(before[0].cast_signed(), -i64::from(libc::ENOSYS));
        let begun = Injection::begin(stopped, At::Elsewhere, Stub::behind(PAGES));
        let stopped = calls(begun.expect("it lives")).finish().expect("it lives");
        assert_eq!(seen(&stopped), before);
        let stopped = next(stopped, Until::NextStop, Stop::CallEntry);
        // As if it had made its next call in here.
        let begun = Injection::begin(stopped, At::CallEntry, Stub::behind(PAGES));
        let stopped = calls(begun.expect("it lives")).finish_with(7);
        let stopped = stopped.expect("it lives");
        let stopped = next(stopped, Until::CallExit, Stop::CallExit);
        assert_eq!(seen(&stopped)[0], 7);
        end(stopped);
    }

    #[test]
    fn signals_wait() {
        let stopped = program();
        let mask = stopped.signal_mask().expect("it lives");
        for signal in [libc::SIGUSR1, libc::SIGSTOP] {
            stopped.signal(stopped.tid(), signal).expect("it lives");
        }
        let stopped = calls(with_pages(stopped)).finish().expect("it lives");
        assert_eq!(stopped.signal_mask().expect("it lives"), mask);
        let stopped = next(stopped, Until::CallExit, Stop::CallExit);
        let stopped = next(stopped, Until::NextStop, Stop::Signal(libc::SIGUSR1));
        let stopped = next(stopped, Until::NextStop, Stop::Signal(libc::SIGSTOP));
        end(stopped);
    }

    #[test]
    fn who_is_killed_or_has_lost_its_stub_is_an_error() {
        let injection = calls(with_pages(program()));
        let tid = injection.stopped.tid();
        kill(tid, Signal::SIGKILL).expect("it lives");
        assert!(injection.call(libc::SYS_getpid, [0; 6]).is_err());
        while !matches!(Running::born(tid).wait(), Ok(Look::Ended(_)) | Err(_)) {}

        let injection = calls(with_pages(program()));
        let tid = injection.stopped.tid();
        let arguments = [PAGES.code, SCRATCH_BYTES, 0, 0, 0, 0];
        assert!(injection.call(libc::SYS_munmap, arguments).is_err());
        kill(tid, Signal::SIGKILL).expect("it lives");
        while !matches!(Running::born(tid).wait(), Ok(Look::Ended(_)) | Err(_)) {}
    }
}
