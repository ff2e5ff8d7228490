//! From one access to shared memory to the next without running what lies
//! between, where that is plain work on registers and private memory: two
//! changes of processes less, and what the kernel does at a fault.

use std::io;

use iced_x86::{Code as Form, ConditionCode, FlowControl, Instruction, Mnemonic, OpKind, Register};

use super::access::{general, value};
use super::arithmetic::{Arithmetic, Width};
use super::code::Code;
use super::emulate::{
    Cell, arithmetic, is_unary, on_operand, on_register, other, put, value_of, vector_number,
};
use super::inject::NO_CALL;
use super::known::{Known, View};
use super::memory::Memory;
use super::stop::{Registers, Stopped};
use super::vectors::VECTORS;

/// So many instructions at most from one access to the next.
const INSTRUCTIONS_MAX: u32 = 256;

const WORD: Width = match Width::of_bytes(8) {
    Some(width) => width,
    None => unreachable!(),
};

/// What came of an instruction.
enum Done {
    /// It has been carried out.
    Yes,
    /// It works on closed memory.
    Closed,
    /// It is not known here.
    Unknown,
}

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
        && memory.write_back()
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

/// Carries one instruction out. In an error, or if it is not known here,
/// `registers` may be anything.
fn carry_out(
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

/// The address of the operand in memory.
fn address(instruction: &Instruction, registers: &Registers) -> Option<u64> {
    let operand = (0..instruction.op_count())
        .find(|&operand| instruction.op_kind(operand) == OpKind::Memory)?;
    match instruction.is_ip_rel_memory_operand() {
        true => Some(instruction.ip_rel_memory_address()),
        false => {
            instruction.virtual_address(operand, 0, |register, _, _| value(registers, register))
        }
    }
}

/// The rip that an indirect jump or call has.
fn goes_to(
    instruction: &Instruction,
    registers: &mut Registers,
    in_memory: Option<&Cell<'_>>,
) -> io::Result<bool> {
    let target = match in_memory {
        Some(cell) if cell.width == WORD => Some(cell.read()?),
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

/// SETcc and CMOVcc.
fn conditional(
    instruction: &Instruction,
    registers: &mut Registers,
    in_memory: Option<&Cell<'_>>,
) -> io::Result<bool> {
    let Some(holds) = holds(instruction, registers.eflags) else {
        return Ok(false);
    };
    let to = instruction.op0_register();
    match (instruction.op_count(), in_memory) {
        (1, Some(cell)) => cell.write(u64::from(holds))?,
        (1, None) if to != Register::None => put(registers, to, u64::from(holds)),
        (2, _) => {
            // Read even if it does not hold (Intel SDM, volume 2, CMOVcc).
            let from = match in_memory {
                Some(cell) => Some(cell.read()?),
                None => other(instruction, registers),
            };
            let (Some(from), Some(own)) = (from, value_of(registers, to)) else {
                return Ok(false);
            };
            put(registers, to, if holds { from } else { own });
        }
        _ => return Ok(false),
    }
    Ok(true)
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

/// Whether an instruction's condition holds (Intel SDM, volume 1, appendix B);
/// `None` if it has none.
fn holds(instruction: &Instruction, flags: u64) -> Option<bool> {
    let flag = |bit: u32| flags >> bit & 1 == 1;
    let (carry, parity, zero) = (flag(0), flag(2), flag(6));
    let (sign, overflow) = (flag(7), flag(11));
    Some(match instruction.condition_code() {
        ConditionCode::None => return None,
        ConditionCode::o => overflow,
        ConditionCode::no => !overflow,
        ConditionCode::b => carry,
        ConditionCode::ae => !carry,
        ConditionCode::e => zero,
        ConditionCode::ne => !zero,
        ConditionCode::be => carry || zero,
        ConditionCode::a => !carry && !zero,
        ConditionCode::s => sign,
        ConditionCode::ns => !sign,
        ConditionCode::p => parity,
        ConditionCode::np => !parity,
        ConditionCode::l => sign != overflow,
        ConditionCode::ge => sign == overflow,
        ConditionCode::le => zero || sign != overflow,
        ConditionCode::g => !zero && sign == overflow,
    })
}

/// The stack of a tracee, in private memory.
struct Stack<'a> {
    memory: &'a View<'a>,
    is_closed: &'a dyn Fn(u64) -> bool,
}

impl Stack<'_> {
    fn push(&self, registers: &mut Registers, value: u64) -> io::Result<()> {
        let to = registers.rsp.wrapping_sub(8);
        self.check(to)?;
        self.memory.put(to, &value.to_le_bytes())?;
        registers.rsp = to;
        Ok(())
    }

    fn pop(&self, registers: &mut Registers) -> io::Result<u64> {
        self.check(registers.rsp)?;
        let mut bytes = [0; 8];
        self.memory.get(registers.rsp, &mut bytes)?;
        registers.rsp = registers.rsp.wrapping_add(8);
        Ok(u64::from_le_bytes(bytes))
    }

    fn check(&self, address: u64) -> io::Result<()> {
        match (self.is_closed)(address) {
            true => Err(io::ErrorKind::Unsupported.into()),
            false => Ok(()),
        }
    }

    /// PUSH, POP and LEAVE of 64 bits; false for others.
    fn moves(
        &self,
        instruction: &Instruction,
        registers: &mut Registers,
        in_memory: Option<&Cell<'_>>,
    ) -> io::Result<bool> {
        match instruction.code() {
            Form::Push_r64 => {
                let Some(&mut value) = general(registers, instruction.op0_register()) else {
                    return Ok(false);
                };
                self.push(registers, value)?;
            }
            Form::Pushq_imm8 | Form::Pushq_imm32 => {
                self.push(registers, instruction.immediate(0))?;
            }
            Form::Push_rm64 => match in_memory {
                Some(cell) => {
                    let value = cell.read()?;
                    self.push(registers, value)?;
                }
                None => return Ok(false),
            },
            Form::Pop_r64 => {
                let value = self.pop(registers)?;
                let Some(register) = general(registers, instruction.op0_register()) else {
                    return Ok(false);
                };
                *register = value;
            }
            Form::Leaveq => {
                registers.rsp = registers.rbp;
                registers.rbp = self.pop(registers)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}
