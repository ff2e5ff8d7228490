//! A few instructions in a tracee that lead it from one call that we have it
//! make to the next.
//!
//! At the seccomp stop of any call a tracer may put another one in its place;
//! the filters then look at that one, but do not stop it again
//! (`__seccomp_filter` in kernel/seccomp.c, `recheck_after_trace`). So the stub
//! comes, behind each call, to the entry of one that stops it and that is
//! never made: one stop for each call, whether the filters trace it or not.

use std::io;

use libc::c_long;

use super::displaced::{DATA_BYTES, Pages};
use super::stop::{Registers, Stopped};

const PAGE_BYTES: u64 = 4096;

/// The call at whose entry the stub stops. Any that the filters trace would do;
/// this one would do no harm.
const TRAP: c_long = libc::SYS_sched_yield;

/// What the scratch pages and the stub take, together.
pub const SCRATCH_BYTES: u64 = PAGE_BYTES + DATA_BYTES + PAGE_BYTES;

/// Where [`CODE`] gets to its trap, the last call's result kept.
const TO_TRAP: u64 = 0;
/// Where it makes two calls and then gets to its trap.
const TWO_CALLS: u64 = 12;
/// Where it makes one call again and again.
const CLONES: u64 = 30;

#[rustfmt::skip]
const CODE: [u8; 39] = [
    // TO_TRAP
    0x49, 0x89, 0xc4,                   // mov r12, rax
    0xb8, TRAP as u8, 0, 0, 0,          // mov eax, TRAP
    0x0f, 0x05,                         // syscall
    0xeb, 0xf4,                         // jmp TO_TRAP
    // TWO_CALLS
    0x0f, 0x05,                         // syscall
    0x49, 0x89, 0xc7,                   // mov r15, rax
    0x4c, 0x89, 0xef,                   // mov rdi, r13
    0x4c, 0x89, 0xf6,                   // mov rsi, r14
    0x48, 0x89, 0xd8,                   // mov rax, rbx
    0x0f, 0x05,                         // syscall
    0xeb, 0xe2,                         // jmp TO_TRAP
    // CLONES
    0xb8, libc::SYS_clone as u8, 0, 0, 0, // mov eax, SYS_clone
    0x0f, 0x05,                         // syscall
    0xeb, 0xf7,                         // jmp CLONES
];

/// The stub of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stub {
    start: u64,
}

/// The scratch pages that begin at `start`; the stub is behind them.
#[must_use]
pub const fn pages_at(start: u64) -> Pages {
    Pages {
        code: start,
        data: start + PAGE_BYTES,
    }
}

impl Stub {
    /// The stub that is behind these pages.
    #[must_use]
    pub const fn behind(pages: Pages) -> Self {
        Self {
            start: pages.data + DATA_BYTES,
        }
    }

    /// Puts the instructions there.
    pub(super) fn write(self, stopped: &Stopped) -> io::Result<()> {
        stopped.write(self.start, &CODE)
    }

    /// Where a call returns to so that the tracee gets to the trap.
    pub(super) const fn to_trap(self) -> u64 {
        self.start + TO_TRAP
    }

    /// Where a tracee makes clone(2) again and again, its registers unchanged.
    pub(super) const fn clones(self) -> u64 {
        self.start + CLONES
    }

    /// Registers to make two calls, of two arguments each, and then get to the
    /// trap.
    pub(super) const fn two_calls(
        self,
        from: Registers,
        first: (c_long, [u64; 2]),
        second: (c_long, [u64; 2]),
    ) -> Registers {
        Registers {
            rip: self.start + TWO_CALLS,
            rax: first.0.cast_unsigned(),
            rdi: first.1[0],
            rsi: first.1[1],
            rbx: second.0.cast_unsigned(),
            r13: second.1[0],
            r14: second.1[1],
            ..from
        }
    }
}

/// True at the entry of the trap.
pub(super) const fn is_trap(registers: &Registers) -> bool {
    registers.orig_rax == TRAP.cast_unsigned()
}

/// At the trap: what the call that returned to [`Stub::to_trap`] gave.
pub(super) const fn last_result(registers: &Registers) -> i64 {
    registers.r12.cast_signed()
}

/// At the trap: what the first of [`Stub::two_calls`] gave.
pub(super) const fn first_result(registers: &Registers) -> i64 {
    registers.r15.cast_signed()
}

#[cfg(test)]
mod tests {
    use iced_x86::{Decoder, DecoderOptions, Instruction, Mnemonic};

    use super::*;
    use crate::tracee::calls::{FORBIDDEN, NOTICED};

    #[test]
    fn the_trap_is_a_call_that_stops_whatever_its_arguments() {
        assert!(NOTICED.contains(&TRAP));
        assert!(!FORBIDDEN.contains(&TRAP));
        assert!(u8::try_from(TRAP).is_ok());
        assert!(u8::try_from(libc::SYS_clone).is_ok());
    }

    #[test]
    fn every_jump_leads_where_it_should() {
        let decoder = Decoder::with_ip(64, &CODE, 0, DecoderOptions::NONE);
        let all: Vec<Instruction> = decoder.into_iter().collect();
        assert!(all.iter().all(|one| !one.is_invalid()), "{all:?}");
        let jumps = all.iter().filter(|one| one.mnemonic() == Mnemonic::Jmp);
        let targets: Vec<u64> = jumps.map(Instruction::near_branch_target).collect();
        assert_eq!(targets, [TO_TRAP, TO_TRAP, CLONES]);
        for start in [TO_TRAP, TWO_CALLS, CLONES] {
            assert!(all.iter().any(|one| one.ip() == start), "{start}");
        }
    }
}
