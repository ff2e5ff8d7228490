//! What an instruction does to memory.

use std::io;

use iced_x86::{
    Code, Decoder, DecoderOptions, FlowControl, Instruction, InstructionInfoFactory, Mnemonic,
    OpAccess, OpKind, Register, UsedMemory,
};

use super::stop::{Registers, Stopped};

/// The longest instruction of x86 (Intel SDM, volume 2, 2.3.11).
pub const INSTRUCTION_MAX_BYTES: usize = 15;

/// The widest operand that is carried out: a 512-bit vector.
const OPERAND_MAX_BYTES: u64 = 64;

/// An instruction that reads or writes memory.
#[derive(Debug, Clone)]
pub struct Access {
    pub(super) instruction: Instruction,
    pub(super) shape: Shape,
    references: Vec<Reference>,
}

/// One stretch of memory that an instruction touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference {
    /// The first byte.
    pub address: u64,
    /// How many.
    pub bytes: u64,
    /// What is done to them.
    pub effect: Effect,
}

/// What is done to memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It is read.
    Load,
    /// It is written.
    Store,
    /// It is read and written in one go: LOCK, or XCHG, which needs none
    /// (Intel SDM, volume 2, XCHG).
    Update,
    /// It is read, and written later: another processor may come in between.
    ReadModifyWrite,
}

/// How an instruction names its memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// By an operand of its own.
    Operand,
    /// By RSI and RDI: MOVS, STOS, LODS.
    Strings,
}

/// An instruction that cannot be carried out on another mapping.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the instruction `{0}` on shared memory")]
pub struct NotSupported(pub String);

/// Decodes the instruction at the tracee's instruction pointer, whose bytes
/// begin `code`.
///
/// # Errors
/// [`NotSupported`] for one that cannot be carried out elsewhere.
pub fn decode(registers: &Registers, code: &[u8]) -> Result<Access, NotSupported> {
    let mut decoder = Decoder::with_ip(64, code, registers.rip, DecoderOptions::NONE);
    let instruction = decoder.decode();
    let name = || NotSupported(format!("{:?}", instruction.code()).to_lowercase());
    if instruction.code() == Code::INVALID || instruction.flow_control() != FlowControl::Next {
        return Err(name());
    }
    let mut factory = InstructionInfoFactory::new();
    let info = factory.info(&instruction);
    if is_string(instruction.mnemonic()) {
        let references = strings(&instruction, registers);
        return Ok(Access {
            instruction,
            shape: Shape::Strings,
            references,
        });
    }
    if instruction.is_vsib() || instruction.is_string_instruction() {
        return Err(name());
    }
    // What goes through the stack pointer is the instruction's own business.
    let operand = info.used_memory().iter().find(|memory| {
        memory.base() != Register::RSP || instruction.memory_base() == Register::RSP
    });
    let operand = operand.ok_or_else(name)?;
    let reference = reference(&instruction, operand, registers).ok_or_else(name)?;
    if reference.bytes == 0 || reference.bytes > OPERAND_MAX_BYTES {
        return Err(name());
    }
    Ok(Access {
        instruction,
        shape: Shape::Operand,
        references: vec![reference],
    })
}

impl Access {
    /// The memory that is touched.
    #[must_use]
    pub fn references(&self) -> &[Reference] {
        &self.references
    }

    /// Carries a plain MOV between memory and a register or a constant out,
    /// without running it: `address` is where the memory can be got at. False
    /// if it is another instruction.
    ///
    /// # Errors
    /// If the tracee has been killed or the memory cannot be got at.
    pub fn move_plainly(
        &self,
        stopped: &Stopped,
        registers: &Registers,
        address: u64,
    ) -> io::Result<bool> {
        let instruction = &self.instruction;
        if instruction.mnemonic() != Mnemonic::Mov || self.shape != Shape::Operand {
            return Ok(false);
        }
        let size = instruction.memory_size().size();
        let mut after = *registers;
        after.rip += self.length_bytes();
        match (instruction.op0_kind(), instruction.op1_kind()) {
            (OpKind::Register, OpKind::Memory) if size == 4 || size == 8 => {
                let mut bytes = [0; 8];
                stopped.read(address, &mut bytes[..size])?;
                // A 32-bit result clears the upper half (Intel SDM, volume 1,
                // 3.4.1.1).
                match general(&mut after, instruction.op0_register().full_register()) {
                    Some(register) => *register = u64::from_le_bytes(bytes),
                    None => return Ok(false),
                }
            }
            (OpKind::Memory, OpKind::Register) if size == 4 || size == 8 => {
                let register = instruction.op1_register().full_register();
                match general(&mut { *registers }, register) {
                    Some(value) => stopped.write(address, &value.to_le_bytes()[..size])?,
                    None => return Ok(false),
                }
            }
            (OpKind::Memory, OpKind::Immediate32 | OpKind::Immediate32to64)
                if size == 4 || size == 8 =>
            {
                let value = instruction.immediate(1);
                stopped.write(address, &value.to_le_bytes()[..size])?;
            }
            _ => return Ok(false),
        }
        stopped.set_registers(&after)?;
        Ok(true)
    }

    /// The instruction's length, in bytes.
    #[must_use]
    pub fn length_bytes(&self) -> u64 {
        self.instruction.len() as u64
    }
}

const fn is_string(mnemonic: Mnemonic) -> bool {
    matches!(
        mnemonic,
        Mnemonic::Movsb
            | Mnemonic::Movsw
            | Mnemonic::Movsq
            | Mnemonic::Stosb
            | Mnemonic::Stosw
            | Mnemonic::Stosd
            | Mnemonic::Stosq
            | Mnemonic::Lodsb
            | Mnemonic::Lodsw
            | Mnemonic::Lodsd
            | Mnemonic::Lodsq
    )
}

fn reference(
    instruction: &Instruction,
    memory: &UsedMemory,
    registers: &Registers,
) -> Option<Reference> {
    let address = memory.virtual_address(0, |register, _, _| value(registers, register))?;
    let atomic = instruction.has_lock_prefix() || instruction.mnemonic() == Mnemonic::Xchg;
    let effect = match memory.access() {
        OpAccess::Read | OpAccess::CondRead => Effect::Load,
        OpAccess::Write | OpAccess::CondWrite => Effect::Store,
        OpAccess::ReadWrite | OpAccess::ReadCondWrite if atomic => Effect::Update,
        OpAccess::ReadWrite | OpAccess::ReadCondWrite => Effect::ReadModifyWrite,
        OpAccess::None | OpAccess::NoMemAccess => return None,
    };
    let bytes = memory.memory_size().size() as u64;
    Some(Reference {
        address,
        bytes,
        effect,
    })
}

/// The stretches of a MOVS, STOS or LODS, repeated or not.
fn strings(instruction: &Instruction, registers: &Registers) -> Vec<Reference> {
    let repeated = instruction.has_rep_prefix() || instruction.has_repne_prefix();
    let size = instruction.memory_size().size() as u64;
    let count = if repeated { registers.rcx } else { 1 };
    let bytes = size.saturating_mul(count);
    // With the direction flag set, it goes down from the first element.
    let backwards = registers.eflags & 0x400 != 0;
    let stretch = |register: u64, effect| {
        let address = if backwards {
            register.wrapping_add(size).wrapping_sub(bytes)
        } else {
            register
        };
        Reference {
            address,
            bytes,
            effect,
        }
    };
    let source = stretch(registers.rsi, Effect::Load);
    let destination = stretch(registers.rdi, Effect::Store);
    match instruction.mnemonic() {
        Mnemonic::Movsb | Mnemonic::Movsw | Mnemonic::Movsq => vec![source, destination],
        Mnemonic::Lodsb | Mnemonic::Lodsw | Mnemonic::Lodsd | Mnemonic::Lodsq => vec![source],
        _ => vec![destination],
    }
}

/// A register's value, as far as it takes part in addresses.
fn value(registers: &Registers, register: Register) -> Option<u64> {
    Some(match register {
        Register::FS => registers.fs_base,
        Register::GS => registers.gs_base,
        Register::CS | Register::DS | Register::ES | Register::SS => 0,
        _ => {
            let whole = *general(&mut { *registers }, register.full_register())?;
            if register.size() == 4 {
                whole & 0xffff_ffff
            } else {
                whole
            }
        }
    })
}

/// A general register's place among the registers.
pub(super) fn general(registers: &mut Registers, register: Register) -> Option<&mut u64> {
    Some(match register {
        Register::RAX => &mut registers.rax,
        Register::RCX => &mut registers.rcx,
        Register::RDX => &mut registers.rdx,
        Register::RBX => &mut registers.rbx,
        Register::RSP => &mut registers.rsp,
        Register::RBP => &mut registers.rbp,
        Register::RSI => &mut registers.rsi,
        Register::RDI => &mut registers.rdi,
        Register::R8 => &mut registers.r8,
        Register::R9 => &mut registers.r9,
        Register::R10 => &mut registers.r10,
        Register::R11 => &mut registers.r11,
        Register::R12 => &mut registers.r12,
        Register::R13 => &mut registers.r13,
        Register::R14 => &mut registers.r14,
        Register::R15 => &mut registers.r15,
        Register::RIP => &mut registers.rip,
        _ => return None,
    })
}
