//! Carrying the instructions that locks are made of out without running them:
//! a stop less than on a copy.

use std::io;

use iced_x86::{Code as Form, Instruction, Mnemonic, OpKind, Register};

use super::access::{Access, Shape, general};
use super::arithmetic::{Arithmetic, Width};
use super::known::{Known, View};
use super::memory::Memory;
use super::stop::{Registers, Stopped};
use super::vectors::{VECTOR_BYTES, VECTORS};

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Emulated {
    /// It is done.
    Done {
        /// The memory holds something else than before.
        changed: bool,
    },
    /// Not an instruction that is known here, or the memory does not allow it.
    NotHere,
}

/// Memory of one width that an instruction works on.
pub(super) struct Cell<'a> {
    pub memory: &'a dyn Memory,
    pub address: u64,
    pub width: Width,
    /// What is taken to be there.
    pub assumed: Option<u64>,
}

impl Cell<'_> {
    pub fn read(&self) -> io::Result<u64> {
        if let Some(assumed) = self.assumed {
            return Ok(assumed);
        }
        let mut bytes = [0; 8];
        let length = self.width.bytes();
        self.memory.get(self.address, &mut bytes[..length])?;
        Ok(u64::from_le_bytes(bytes))
    }

    pub fn write(&self, value: u64) -> io::Result<()> {
        let bytes = value.to_le_bytes();
        self.memory.put(self.address, &bytes[..self.width.bytes()])
    }
}

impl Access {
    /// Carries the instruction out at another address. `old` is what it is to
    /// take for the memory's content, if its first half has read that before;
    /// `known` what is known of memory, which is kept up to date.
    ///
    /// # Errors
    /// If the tracee has been killed or the memory cannot be got at.
    pub fn emulate(
        &self,
        stopped: &Stopped,
        registers: &Registers,
        address: u64,
        old: Option<&[u8]>,
        known: Option<&Known>,
    ) -> io::Result<Emulated> {
        let view = known.map(|known| View::new(stopped, known));
        let memory: &dyn Memory = match &view {
            Some(view) => view,
            None => stopped,
        };
        let done = match self.shape {
            Shape::Branch => self.branch(stopped, registers, address).map(Some),
            Shape::Operand { index_bytes: 0 } => {
                self.operand(stopped, memory, registers, address, old)
            }
            Shape::Operand { .. } | Shape::Strings { .. } => Ok(None),
        };
        match done {
            Ok(Some(changed)) => Ok(Emulated::Done { changed }),
            Ok(None) => Ok(Emulated::NotHere),
            Err(error) if error.raw_os_error() == Some(libc::EFAULT) => Ok(Emulated::NotHere),
            // Across two lines of what is known.
            Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(Emulated::NotHere),
            Err(error) => Err(error),
        }
    }

    fn branch(&self, stopped: &Stopped, registers: &Registers, address: u64) -> io::Result<bool> {
        let mut after = *registers;
        after.rip += self.length_bytes();
        let target = stopped.read_u64(address)?;
        if self.instruction.is_call_near_indirect() {
            after.rsp -= 8;
            stopped.write(after.rsp, &after.rip.to_le_bytes())?;
        }
        after.rip = target;
        stopped.set_registers(&after);
        Ok(false)
    }

    /// True if the memory has changed; `None` for what is not known here.
    fn operand(
        &self,
        stopped: &Stopped,
        memory: &dyn Memory,
        registers: &Registers,
        address: u64,
        old: Option<&[u8]>,
    ) -> io::Result<Option<bool>> {
        let instruction = &self.instruction;
        let mut after = *registers;
        after.rip += self.length_bytes();
        let Some(width) = Width::of_bytes(instruction.memory_size().size()) else {
            if !stores_vector(instruction, stopped, memory, address)? {
                return Ok(None);
            }
            memory.keep()?;
            stopped.set_registers(&after);
            return Ok(Some(true));
        };
        let assumed = old.map(|old| {
            let mut bytes = [0; 8];
            let length = old.len().min(8);
            bytes[..length].copy_from_slice(&old[..length]);
            u64::from_le_bytes(bytes)
        });
        let cell = Cell {
            memory,
            address,
            width,
            assumed,
        };
        let changed = on_operand(instruction, &cell, &mut after)?;
        if changed.is_some() {
            memory.keep()?;
            stopped.set_registers(&after);
        }
        Ok(changed)
    }
}

/// Carries out a move of 16 bytes from a vector register to memory; false for
/// another instruction, or if the processor would refuse it.
fn stores_vector(
    instruction: &Instruction,
    stopped: &Stopped,
    memory: &dyn Memory,
    address: u64,
) -> io::Result<bool> {
    let aligned = match instruction.code() {
        Form::Movups_xmmm128_xmm | Form::Movdqu_xmmm128_xmm => false,
        Form::Movaps_xmmm128_xmm | Form::Movdqa_xmmm128_xmm => true,
        _ => return Ok(false),
    };
    if aligned && !address.is_multiple_of(VECTOR_BYTES as u64) {
        return Ok(false);
    }
    let Some(register) = vector_number(instruction.op1_register()) else {
        return Ok(false);
    };
    let bytes = stopped.vectors()?.get(register);
    let (low, high) = bytes.split_at(VECTOR_BYTES / 2);
    memory.put(address, low)?;
    memory.put(address + low.len() as u64, high)?;
    Ok(true)
}

/// The number of a 128-bit vector register that PTRACE_GETFPREGS gives.
pub(super) fn vector_number(register: Register) -> Option<usize> {
    let known = register.is_xmm() && register.number() < VECTORS;
    known.then(|| register.number())
}

/// Carries an instruction out that has an operand in memory: whether the memory
/// has changed; `None` for what is not known here, with nothing done.
pub(super) fn on_operand(
    instruction: &Instruction,
    cell: &Cell<'_>,
    after: &mut Registers,
) -> io::Result<Option<bool>> {
    if instruction.op0_kind() == OpKind::Memory {
        return on_memory(instruction, cell, after);
    }
    if instruction.op1_kind() != OpKind::Memory || instruction.op_count() != 2 {
        return Ok(None);
    }
    let done = on_register(instruction, cell.width, || cell.read(), after)?;
    Ok(done.then_some(false))
}

/// The memory is the first operand: what is written, if anything.
fn on_memory(
    instruction: &Instruction,
    cell: &Cell<'_>,
    after: &mut Registers,
) -> io::Result<Option<bool>> {
    let width = cell.width;
    let mnemonic = instruction.mnemonic();
    let Some(other) = other(instruction, after) else {
        return Ok(None);
    };
    if mnemonic == Mnemonic::Mov {
        cell.write(other)?;
        return Ok(Some(true));
    }
    if let Some(comparison) = comparison(mnemonic) {
        let before = cell.read()?;
        after.eflags = comparison.result(width, before, other, after.eflags).1;
        return Ok(Some(false));
    }
    let (known, accumulates) = (arithmetic(mnemonic), mnemonic == Mnemonic::Cmpxchg);
    if known.is_none() && !accumulates && !matches!(mnemonic, Mnemonic::Xchg | Mnemonic::Xadd) {
        return Ok(None);
    }
    let before = cell.read()?;
    let register = instruction.op1_register();
    let new = match (mnemonic, known) {
        (_, Some(arithmetic)) => {
            let (new, flags) = arithmetic.result(width, before, other, after.eflags);
            after.eflags = flags;
            new
        }
        (Mnemonic::Xadd, _) => {
            let (new, flags) = Arithmetic::Add.result(width, before, other, after.eflags);
            after.eflags = flags;
            put(after, register, before);
            new
        }
        (Mnemonic::Cmpxchg, _) => {
            let expected = width.cut(after.rax);
            after.eflags = Arithmetic::Sub
                .result(width, expected, before, after.eflags)
                .1;
            if expected == before {
                other
            } else {
                put_wide(after, Register::RAX, width, before);
                before
            }
        }
        _ => {
            put(after, register, before);
            other
        }
    };
    // Written even if it stays as it is (Intel SDM, volume 2, CMPXCHG).
    cell.write(new)?;
    Ok(Some(width.cut(new) != before))
}

/// The first operand is a register, the second is read by `second` and has this
/// width: true if it is done, false for what is not known here.
pub(super) fn on_register(
    instruction: &Instruction,
    width: Width,
    second: impl FnOnce() -> io::Result<u64>,
    after: &mut Registers,
) -> io::Result<bool> {
    let register = instruction.op0_register();
    let Some(own) = value_of(after, register) else {
        return Ok(false);
    };
    let mnemonic = instruction.mnemonic();
    let compared = comparison(mnemonic);
    let loads = matches!(
        mnemonic,
        Mnemonic::Mov | Mnemonic::Movzx | Mnemonic::Movsx | Mnemonic::Movsxd
    );
    let two = arithmetic(mnemonic).filter(|known| !is_unary(*known));
    if !loads && compared.is_none() && two.is_none() {
        return Ok(false);
    }
    let second = second()?;
    match (compared, two) {
        (Some(comparison), _) => {
            after.eflags = comparison.result(width, own, second, after.eflags).1;
        }
        (None, Some(arithmetic)) => {
            let (new, flags) = arithmetic.result(width, own, second, after.eflags);
            after.eflags = flags;
            put(after, register, new);
        }
        (None, None) => match mnemonic {
            Mnemonic::Movsx | Mnemonic::Movsxd => put(after, register, width.signed(second)),
            _ => put(after, register, second),
        },
    }
    Ok(true)
}

/// The operand beside the memory: a register or a constant, or nothing.
pub(super) fn other(instruction: &Instruction, registers: &Registers) -> Option<u64> {
    match (instruction.op_count(), instruction.op1_kind()) {
        (1, _) => Some(0),
        (2, OpKind::Register) => value_of(registers, instruction.op1_register()),
        (
            2,
            OpKind::Immediate8
            | OpKind::Immediate16
            | OpKind::Immediate32
            | OpKind::Immediate8to16
            | OpKind::Immediate8to32
            | OpKind::Immediate8to64
            | OpKind::Immediate32to64
            | OpKind::Immediate64,
        ) => Some(instruction.immediate(1)),
        _ => None,
    }
}

pub(super) const fn arithmetic(mnemonic: Mnemonic) -> Option<Arithmetic> {
    Some(match mnemonic {
        Mnemonic::Add => Arithmetic::Add,
        Mnemonic::Sub => Arithmetic::Sub,
        Mnemonic::And => Arithmetic::And,
        Mnemonic::Or => Arithmetic::Or,
        Mnemonic::Xor => Arithmetic::Xor,
        Mnemonic::Inc => Arithmetic::Inc,
        Mnemonic::Dec => Arithmetic::Dec,
        Mnemonic::Neg => Arithmetic::Neg,
        Mnemonic::Not => Arithmetic::Not,
        _ => return None,
    })
}

pub(super) const fn is_unary(arithmetic: Arithmetic) -> bool {
    matches!(
        arithmetic,
        Arithmetic::Inc | Arithmetic::Dec | Arithmetic::Neg | Arithmetic::Not
    )
}

/// What an instruction that only sets flags does to its operands.
const fn comparison(mnemonic: Mnemonic) -> Option<Arithmetic> {
    match mnemonic {
        Mnemonic::Cmp => Some(Arithmetic::Sub),
        Mnemonic::Test => Some(Arithmetic::And),
        _ => None,
    }
}

const fn is_high_byte(register: Register) -> bool {
    matches!(
        register,
        Register::AH | Register::BH | Register::CH | Register::DH
    )
}

/// A general register's value, as wide as it is.
pub(super) fn value_of(registers: &Registers, register: Register) -> Option<u64> {
    let width = Width::of_bytes(register.size())?;
    let whole = *general(&mut { *registers }, register.full_register())?;
    Some(width.cut(if is_high_byte(register) {
        whole >> 8
    } else {
        whole
    }))
}

/// Changes a general register, as wide as it is.
pub(super) fn put(registers: &mut Registers, register: Register, value: u64) {
    if is_high_byte(register) {
        if let Some(whole) = general(registers, register.full_register()) {
            *whole = *whole & !0xff00 | (value & 0xff) << 8;
        }
    } else if let Some(width) = Width::of_bytes(register.size()) {
        put_wide(registers, register.full_register(), width, value);
    }
}

/// Changes the low part of a whole register. A 32-bit result clears the upper
/// half, narrower ones leave the rest (Intel SDM, volume 1, 3.4.1.1).
fn put_wide(registers: &mut Registers, whole: Register, width: Width, value: u64) {
    if let Some(register) = general(registers, whole) {
        *register = match width.bytes() {
            4 | 8 => width.cut(value),
            _ => *register - width.cut(*register) + width.cut(value),
        };
    }
}
