//! From one access to shared memory to the next without running what lies
//! between, where that is plain work on registers and private memory: two
//! changes of processes less, and what the kernel does at a fault.

use std::io;

use iced_x86::{Code as Form, Instruction, OpKind};

use super::code::Code;
use super::emulate::vector_number;
use super::inject::NO_CALL;
use super::interpret::{Done, carry_out};
use super::known::{Known, View};
use super::memory::Memory;
use super::stop::{Registers, Stopped};
use super::vectors::VECTORS;

/// So many instructions at most from one access to the next.
const INSTRUCTIONS_MAX: u32 = 256;

/// Carries out what a tracee does next, from where `registers` have it, up to
/// an instruction on memory that `is_closed`; `registers` are then those in
/// front of it, and what is known of its memory comes back. `None` if it does
/// not come to one: then nothing has been done. `known` is what has been known of
/// its memory before, if that still holds.
///
/// Only for a tracee that no signal is waiting for: it would get that in
/// between.
pub fn run_ahead(
    stopped: &Stopped,
    registers: &mut Registers,
    code: &Code,
    known: Option<Known>,
    is_closed: &dyn Fn(u64) -> bool,
) -> Option<Known> {
    let begin = registers.rip;
    let known = known.unwrap_or_else(|| Known::around(stopped, registers));
    let memory = View::new(stopped, &known);
    let mut after = *registers;
    let mut cleared = 0;
    let arrived = arrives(stopped, &mut after, &mut cleared, code, &memory, is_closed)
        && memory.keep().is_ok()
        && clear_vectors(stopped, cleared).is_ok();
    code.tried(begin, arrived);
    arrived.then(|| {
        // The kernel has no call to restart any more.
        after.orig_rax = NO_CALL;
        *registers = after;
        known
    })
}

/// Clears the vector registers whose bits are set.
fn clear_vectors(stopped: &Stopped, cleared: u16) -> io::Result<()> {
    if cleared == 0 {
        return Ok(());
    }
    let mut vectors = stopped.vectors()?;
    for number in (0..VECTORS).filter(|number| cleared >> number & 1 == 1) {
        vectors.clear(number);
    }
    stopped.set_vectors(&vectors)
}

/// True if the tracee comes to an access. Bits are set in `cleared` for vector
/// registers that are then zero.
fn arrives(
    stopped: &Stopped,
    registers: &mut Registers,
    cleared: &mut u16,
    code: &Code,
    memory: &View<'_>,
    is_closed: &dyn Fn(u64) -> bool,
) -> bool {
    for _ in 0..INSTRUCTIONS_MAX {
        let Some(instruction) = code.instruction(stopped, registers.rip) else {
            return false;
        };
        if let Some(number) = clears_vector(&instruction) {
            *cleared |= 1 << number;
            registers.rip = instruction.next_ip();
            continue;
        }
        match carry_out(&instruction, registers, memory, is_closed) {
            Ok(Done::Yes) => {}
            Ok(Done::Closed) => return true,
            Ok(Done::Unknown) | Err(_) => return false,
        }
    }
    false
}

/// The vector register that an instruction clears by combining it with itself,
/// its upper half untouched.
fn clears_vector(instruction: &Instruction) -> Option<usize> {
    let exclusive = matches!(
        instruction.code(),
        Form::Pxor_xmm_xmmm128 | Form::Xorps_xmm_xmmm128
    );
    let to = instruction.op0_register();
    let itself = instruction.op1_kind() == OpKind::Register && instruction.op1_register() == to;
    vector_number(to).filter(|_| exclusive && itself)
}
