//! What an instruction does to memory.

use iced_x86::{
    Decoder, DecoderOptions, FlowControl, Instruction, InstructionInfoFactory, Mnemonic, OpAccess,
    OpKind, Register,
};

use super::stop::Registers;
use super::strings;

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
    /// By an operand of its own, at this address, displaced by so much from
    /// what its registers say (a bit's index counts from there).
    Operand {
        /// What the bit's index adds to the address.
        index_bytes: u64,
    },
    /// By RSI and RDI, so many elements of what a repetition has left.
    Strings {
        /// How many elements one step takes.
        elements: u64,
    },
    /// By an operand that holds where to go on.
    Branch,
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
    let branches = instruction.is_jmp_near_indirect() || instruction.is_call_near_indirect();
    let goes_on = branches || instruction.flow_control() == FlowControl::Next;
    if instruction.is_invalid() || !goes_on || instruction.is_vsib() {
        return Err(not_supported(&instruction));
    }
    if instruction.is_string_instruction() {
        return strings::decode(instruction, registers);
    }
    let reference = operand(&instruction, registers).ok_or_else(|| not_supported(&instruction))?;
    let index_bytes = bit_index_bytes(&instruction, registers, reference.bytes);
    let reference = Reference {
        address: reference.address.wrapping_add(index_bytes),
        ..reference
    };
    let shape = match branches {
        true => Shape::Branch,
        false => Shape::Operand { index_bytes },
    };
    Ok(Access {
        instruction,
        shape,
        references: vec![reference],
    })
}

/// The error that names an instruction.
pub(super) fn not_supported(instruction: &Instruction) -> NotSupported {
    NotSupported(format!("{:?}", instruction.code()).to_lowercase())
}

impl Access {
    /// The memory that is touched.
    #[must_use]
    pub fn references(&self) -> &[Reference] {
        &self.references
    }

    /// True if the instruction touches no memory besides.
    #[must_use]
    pub fn is_all(&self) -> bool {
        matches!(self.shape, Shape::Operand { .. })
            && self.instruction.stack_pointer_increment() == 0
    }

    /// An access of several elements of a string.
    pub(super) const fn of_strings(
        instruction: Instruction,
        elements: u64,
        references: Vec<Reference>,
    ) -> Self {
        Self {
            instruction,
            shape: Shape::Strings { elements },
            references,
        }
    }

    /// The error that names the instruction.
    #[must_use]
    pub fn not_supported(&self) -> NotSupported {
        not_supported(&self.instruction)
    }

    /// The instruction's length, in bytes.
    #[must_use]
    pub fn length_bytes(&self) -> u64 {
        self.instruction.len() as u64
    }
}

/// The memory that an operand names. What goes through the stack pointer
/// besides is the instruction's own business.
fn operand(instruction: &Instruction, registers: &Registers) -> Option<Reference> {
    let address = address(instruction, registers)?;
    let mut factory = InstructionInfoFactory::new();
    let memory = factory
        .info(instruction)
        .used_memory()
        .iter()
        .find(|memory| {
            let base = instruction.memory_base();
            let relative = instruction.is_ip_rel_memory_operand();
            let by = if relative { Register::None } else { base };
            [base, by].contains(&memory.base()) && memory.index() == instruction.memory_index()
        })?;
    let atomic = instruction.has_lock_prefix() || instruction.mnemonic() == Mnemonic::Xchg;
    let effect = match memory.access() {
        OpAccess::Read | OpAccess::CondRead => Effect::Load,
        OpAccess::Write | OpAccess::CondWrite => Effect::Store,
        OpAccess::ReadWrite | OpAccess::ReadCondWrite if atomic => Effect::Update,
        OpAccess::ReadWrite | OpAccess::ReadCondWrite => Effect::ReadModifyWrite,
        OpAccess::None | OpAccess::NoMemAccess => return None,
    };
    let bytes = memory.memory_size().size() as u64;
    (1..=OPERAND_MAX_BYTES)
        .contains(&bytes)
        .then_some(Reference {
            address,
            bytes,
            effect,
        })
}

/// The address of an instruction's operand in memory, whether it is touched or
/// not; `None` if it has none.
pub(super) fn address(instruction: &Instruction, registers: &Registers) -> Option<u64> {
    let number = (0..instruction.op_count()).find(|&n| instruction.op_kind(n) == OpKind::Memory)?;
    let value = |register, _, _| value(registers, register);
    match instruction.is_ip_rel_memory_operand() {
        true => Some(instruction.ip_rel_memory_address()),
        false => instruction.virtual_address(number, 0, value),
    }
}

/// How far from its operand's address a BT, BTS, BTR or BTC with a register
/// for the bit reads (Intel SDM, volume 2, BT).
fn bit_index_bytes(instruction: &Instruction, registers: &Registers, size_bytes: u64) -> u64 {
    use Mnemonic::{Bt, Btc, Btr, Bts};
    let tests_a_bit = matches!(instruction.mnemonic(), Bt | Bts | Btr | Btc);
    if !tests_a_bit || instruction.op1_kind() != OpKind::Register {
        return 0;
    }
    let register = instruction.op1_register().full_register();
    let whole = general(&mut { *registers }, register).map_or(0, |value| value.cast_signed());
    let unused = 64 - 8 * size_bytes;
    let index = whole << unused >> unused;
    let words = index.div_euclid(8 * size_bytes.cast_signed());
    words.wrapping_mul(size_bytes.cast_signed()).cast_unsigned()
}

/// A register's value, as far as it takes part in addresses.
fn value(registers: &Registers, register: Register) -> Option<u64> {
    Some(match register {
        Register::FS => registers.fs_base,
        Register::GS => registers.gs_base,
        Register::CS | Register::DS | Register::ES | Register::SS => 0,
        _ => {
            let whole = *general(&mut { *registers }, register.full_register())?;
            match register.size() {
                4 => whole & 0xffff_ffff,
                1 => whole & 0xff,
                _ => whole,
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
