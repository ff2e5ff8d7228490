//! One instruction on registers and private memory, carried out without running
//! it.

use std::io;

use iced_x86::{Code as Form, ConditionCode, FlowControl, Instruction, Mnemonic, OpKind};

use super::access::address;
use super::arithmetic::{Arithmetic, Width};
use super::condition::{conditional, holds};
use super::emulate::{Cell, arithmetic, is_unary, on_operand, on_register, other, put, value_of};
use super::known::View;
use super::stack::Stack;
use super::stop::Registers;

const WORD_BYTES: usize = 8;

/// What came of an instruction.
pub(super) enum Done {
    /// It has been carried out.
    Yes,
    /// It works on closed memory.
    Closed,
    /// It is not known here.
    Unknown,
}

/// Carries one instruction out. In an error, or if it is not known here,
/// `registers` may be anything.
pub(super) fn carry_out(
    instruction: &Instruction,
    registers: &mut Registers,
    memory: &View<'_>,
    is_closed: &dyn Fn(u64) -> bool,
) -> io::Result<Done> {
    if instruction.is_vsib() || instruction.is_string_instruction() {
        return Ok(Done::Unknown);
    }
    let next = instruction.next_ip();
    let mnemonic = instruction.mnemonic();
    if matches!(mnemonic, Mnemonic::Nop | Mnemonic::Endbr64) {
        registers.rip = next;
        return Ok(Done::Yes);
    }
    let in_memory = match has_memory(instruction) && mnemonic != Mnemonic::Lea {
        true => {
            let Some(address) = address(instruction, registers) else {
                return Ok(Done::Unknown);
            };
            let bytes = instruction.memory_size().size() as u64;
            if is_closed(address) || is_closed(address + bytes.saturating_sub(1)) {
                return Ok(Done::Closed);
            }
            Width::of_bytes(bytes as usize).map(|width| Cell {
                memory,
                address,
                width,
                assumed: None,
            })
        }
        false => None,
    };
    let stack = Stack { memory, is_closed };
    let done = match instruction.flow_control() {
        FlowControl::Next => {
            registers.rip = next;
            ordinary(instruction, registers, in_memory.as_ref(), &stack)?
        }
        FlowControl::ConditionalBranch if instruction.is_jcc_short_or_near() => {
            match holds(instruction, registers.eflags) {
                Some(holds) => {
                    let target = instruction.near_branch_target();
                    registers.rip = if holds { target } else { next };
                    true
                }
                None => false,
            }
        }
        FlowControl::UnconditionalBranch if instruction.is_jmp_short_or_near() => {
            registers.rip = instruction.near_branch_target();
            true
        }
        FlowControl::IndirectBranch if instruction.is_jmp_near_indirect() => {
            goes_to(instruction, registers, in_memory.as_ref())?
        }
        FlowControl::Call if instruction.is_call_near() => {
            stack.push(registers, next)?;
            registers.rip = instruction.near_branch_target();
            true
        }
        FlowControl::IndirectCall if instruction.is_call_near_indirect() => {
            // Where to is read before the return address is pushed.
            let done = goes_to(instruction, registers, in_memory.as_ref())?;
            stack.push(registers, next)?;
            done
        }
        FlowControl::Return if instruction.code() == Form::Retnq => {
            registers.rip = stack.pop(registers)?;
            true
        }
        _ => false,
    };
    Ok(if done { Done::Yes } else { Done::Unknown })
}

fn has_memory(instruction: &Instruction) -> bool {
    (0..instruction.op_count()).any(|operand| instruction.op_kind(operand) == OpKind::Memory)
}

/// The rip that an indirect jump or call has.
fn goes_to(
    instruction: &Instruction,
    registers: &mut Registers,
    in_memory: Option<&Cell<'_>>,
) -> io::Result<bool> {
    let target = match in_memory {
        Some(cell) if cell.width.bytes() == WORD_BYTES => Some(cell.read()?),
        Some(_) => None,
        None => value_of(registers, instruction.op0_register()),
    };
    Ok(target.map(|target| registers.rip = target).is_some())
}

/// What goes on to the next instruction, which rip names already.
fn ordinary(
    instruction: &Instruction,
    registers: &mut Registers,
    in_memory: Option<&Cell<'_>>,
    stack: &Stack<'_>,
) -> io::Result<bool> {
    let mnemonic = instruction.mnemonic();
    match mnemonic {
        Mnemonic::Lea => {
            let Some(address) = address(instruction, registers) else {
                return Ok(false);
            };
            put(registers, instruction.op0_register(), address);
            return Ok(true);
        }
        Mnemonic::Push | Mnemonic::Pop | Mnemonic::Leave => {
            return stack.moves(instruction, registers, in_memory);
        }
        Mnemonic::Cdqe => {
            registers.rax = i64::from(registers.rax as i32).cast_unsigned();
            return Ok(true);
        }
        Mnemonic::Shl | Mnemonic::Shr | Mnemonic::Sar => {
            return Ok(in_memory.is_none() && shifted(instruction, registers));
        }
        _ => {}
    }
    let condition = instruction.condition_code() != ConditionCode::None;
    match (in_memory, condition) {
        (_, true) => conditional(instruction, registers, in_memory),
        (Some(cell), false) => Ok(on_operand(instruction, cell, registers)?.is_some()),
        (None, false) if has_memory(instruction) => Ok(false),
        (None, false) => on_registers(instruction, registers),
    }
}

/// An instruction on registers and constants alone.
fn on_registers(instruction: &Instruction, registers: &mut Registers) -> io::Result<bool> {
    let to = instruction.op0_register();
    let (Some(width), Some(own)) = (Width::of_bytes(to.size()), value_of(registers, to)) else {
        return Ok(false);
    };
    let mnemonic = instruction.mnemonic();
    if let Some(unary) = arithmetic(mnemonic).filter(|known| is_unary(*known)) {
        let (new, flags) = unary.result(width, own, 0, registers.eflags);
        registers.eflags = flags;
        put(registers, to, new);
        return Ok(true);
    }
    let Some(from) = other(instruction, registers).filter(|_| instruction.op_count() == 2) else {
        return Ok(false);
    };
    if mnemonic == Mnemonic::Xchg {
        put(registers, instruction.op1_register(), own);
        put(registers, to, from);
        return Ok(true);
    }
    let from_width = match instruction.op1_kind() {
        OpKind::Register => Width::of_bytes(instruction.op1_register().size()),
        _ => Some(width),
    };
    match from_width {
        Some(from_width) if !extends(mnemonic) && from_width != width => Ok(false),
        Some(from_width) => on_register(instruction, from_width, || Ok(from), registers),
        None => Ok(false),
    }
}

const fn extends(mnemonic: Mnemonic) -> bool {
    matches!(
        mnemonic,
        Mnemonic::Movzx | Mnemonic::Movsx | Mnemonic::Movsxd
    )
}

/// SHL, SHR and SAR of a register; false for an operand that is not known.
fn shifted(instruction: &Instruction, registers: &mut Registers) -> bool {
    let to = instruction.op0_register();
    let (Some(width), Some(own)) = (Width::of_bytes(to.size()), value_of(registers, to)) else {
        return false;
    };
    let kind = match instruction.mnemonic() {
        Mnemonic::Shl => Arithmetic::Shl,
        Mnemonic::Shr => Arithmetic::Shr,
        _ => Arithmetic::Sar,
    };
    let Some(by) = other(instruction, registers) else {
        return false;
    };
    let (new, flags) = kind.result(width, own, by, registers.eflags);
    registers.eflags = flags;
    put(registers, to, new);
    true
}
