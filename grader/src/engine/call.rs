//! A system call at whose entry a tracee is stopped, and how it is carried
//! out with or without a fault.

use std::io;

use libc::c_long;

use super::mappings::Place;
use crate::fault::Fault;
use crate::operation::Operation;
use crate::tracee::stop::{Registers, Stopped};

/// The kernel's own "restart this call unless a handler runs"
/// (include/linux/errno.h); never seen by a program.
const ERESTARTSYS: i64 = 512;

/// The bytes below the stack pointer that a function may use without moving
/// it (System V ABI for x86-64, 3.2.2).
const RED_ZONE_BYTES: u64 = 128;
const IOVEC_BYTES: u64 = 16;
/// The kernel takes no more (IOV_MAX, limits.h).
const IOVEC_MAX: u64 = 1024;

/// A visible call.
#[derive(Debug)]
pub(super) struct Call {
    pub registers: Registers,
    pub operation: Operation,
    pub manner: Manner,
    pub futex: Option<Futex>,
    /// True if SIGUSR1 would reach the tracee in this call.
    pub interruptible: bool,
}

/// How a call is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// By the kernel.
    Normal,
    /// By the kernel, which may have it sleep.
    MayBlock,
    /// Not at all: it returns this at once.
    Instead(i64),
}

/// A futex as seen from its caller.
#[derive(Debug, Clone, Copy)]
pub(super) struct Futex {
    pub address: u64,
    pub place: Option<Place>,
    /// FUTEX_PRIVATE_FLAG was given.
    pub private: bool,
}

/// What has to be done at the exit of the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AtExit {
    /// Nothing.
    Nothing,
    /// Put the registers that carried arguments back.
    PutBack,
    /// Make it an interrupted call.
    Interrupt,
}

impl AtExit {
    /// The same for a call whose arguments have been redirected.
    pub fn after_redirection(self, redirected: bool) -> Self {
        match self {
            Self::Nothing if redirected => Self::PutBack,
            other => other,
        }
    }
}

/// The number of a call and its arguments in the kernel's order.
pub(super) const fn number(registers: &Registers) -> c_long {
    registers.orig_rax.cast_signed()
}

pub(super) const fn arguments(registers: &Registers) -> [u64; 6] {
    [
        registers.rdi,
        registers.rsi,
        registers.rdx,
        registers.r10,
        registers.r8,
        registers.r9,
    ]
}

/// Has the kernel skip the call and return `result`.
pub(super) fn skip(stopped: &Stopped, registers: &Registers, result: i64) {
    let mut changed = *registers;
    changed.orig_rax = u64::MAX;
    changed.rax = result.cast_unsigned();
    stopped.set_registers(&changed);
}

impl Call {
    /// A call that only reads or writes shared memory.
    pub const fn of_memory(registers: Registers, operation: Operation) -> Self {
        Self {
            registers,
            operation,
            manner: Manner::Normal,
            futex: None,
            interruptible: false,
        }
    }

    /// Readies the call at its entry; says what is to be done at its exit.
    pub fn enter(&self, stopped: &Stopped, fault: Option<Fault>) -> io::Result<AtExit> {
        if let Manner::Instead(result) = self.manner {
            skip(stopped, &self.registers, result);
            return Ok(AtExit::Nothing);
        }
        match fault {
            Some(Fault::ShortWrite { bytes }) => {
                self.shorten(stopped, bytes)?;
                Ok(AtExit::PutBack)
            }
            Some(Fault::Interruption) if self.manner == Manner::Normal => {
                skip(stopped, &self.registers, 0);
                Ok(AtExit::Interrupt)
            }
            Some(Fault::WakeUp) => {
                skip(stopped, &self.registers, 0);
                Ok(AtExit::PutBack)
            }
            Some(Fault::Interruption | Fault::Death) | None => Ok(AtExit::Nothing),
        }
    }

    /// Lowers the count, so that the kernel itself writes no more.
    fn shorten(&self, stopped: &Stopped, bytes: u64) -> io::Result<()> {
        let mut changed = stopped.registers()?;
        match number(&self.registers) {
            libc::SYS_writev | libc::SYS_pwritev | libc::SYS_pwritev2 => {
                let vector = self.shortened_vector(stopped, bytes)?;
                let room = vector.len() as u64 + RED_ZONE_BYTES;
                changed.rsi = (self.registers.rsp - room) & !(IOVEC_BYTES - 1);
                changed.rdx = vector.len() as u64 / IOVEC_BYTES;
                stopped.write(changed.rsi, &vector)?;
            }
            libc::SYS_sendfile => changed.r10 = bytes,
            libc::SYS_copy_file_range => changed.r8 = bytes,
            _ => changed.rdx = bytes,
        }
        stopped.set_registers(&changed);
        Ok(())
    }

    fn shortened_vector(&self, stopped: &Stopped, bytes: u64) -> io::Result<Vec<u8>> {
        let mut left = bytes;
        let mut out = Vec::new();
        // Redirected by now, if it leads to shared memory.
        for (base, length) in vector(stopped, &stopped.registers()?)? {
            let take = length.min(left);
            left -= take;
            out.extend_from_slice(&base.to_ne_bytes());
            out.extend_from_slice(&take.to_ne_bytes());
            if left == 0 {
                break;
            }
        }
        Ok(out)
    }

    /// Does what [`Call::enter`] asked for, at the exit of the call.
    pub fn leave(&self, stopped: &Stopped, at_exit: AtExit) -> io::Result<()> {
        if at_exit == AtExit::Nothing {
            return Ok(());
        }
        let mut registers = with_arguments(stopped.registers()?, &self.registers);
        if at_exit == AtExit::Interrupt {
            // With a signal pending, the kernel decides between EINTR and a
            // restart (arch_do_signal_or_restart in arch/x86/kernel/signal.c).
            registers.orig_rax = self.registers.orig_rax;
            registers.rax = (-ERESTARTSYS).cast_unsigned();
        }
        stopped.set_registers(&registers);
        Ok(())
    }
}

/// `registers` with the arguments of `original`.
fn with_arguments(registers: Registers, original: &Registers) -> Registers {
    Registers {
        rdi: original.rdi,
        rsi: original.rsi,
        rdx: original.rdx,
        r10: original.r10,
        r8: original.r8,
        r9: original.r9,
        ..registers
    }
}

/// At a call's exit: gives its arguments back what they were.
pub(super) fn put_back(stopped: &Stopped, original: &Registers) -> io::Result<()> {
    stopped.set_registers(&with_arguments(stopped.registers()?, original));
    Ok(())
}

/// The (base, length) pairs of a writev(2) or readv(2).
pub(super) fn vector(stopped: &Stopped, registers: &Registers) -> io::Result<Vec<(u64, u64)>> {
    let count = registers.rdx.min(IOVEC_MAX);
    (0..count)
        .map(|index| {
            let at = registers.rsi + index * IOVEC_BYTES;
            Ok((stopped.read_u64(at)?, stopped.read_u64(at + 8)?))
        })
        .collect()
}

/// A result as the program will see it: restarts show as interruptions.
pub(super) const fn result(registers: &Registers) -> i64 {
    match registers.rax.cast_signed() {
        // ERESTARTSYS, ERESTARTNOINTR, ERESTARTNOHAND, ERESTART_RESTARTBLOCK.
        -512 | -513 | -514 | -516 => -(libc::EINTR as i64),
        other => other,
    }
}
