//! An instruction with another address.

use std::io;

use iced_x86::{Encoder, InstructionInfoFactory, OpKind, Register};

use super::access::Access;

/// The instruction with its operand at a register that it does not use.
pub(super) fn encode(access: &Access, at: u64) -> io::Result<(Vec<u8>, Register)> {
    let mut instruction = access.instruction;
    let mut factory = InstructionInfoFactory::new();
    let used: Vec<Register> = factory
        .info(&instruction)
        .used_registers()
        .iter()
        .map(|used| used.register().full_register())
        .collect();
    // Not the address's own registers: those are free in the copy, unless
    // they are operands too. High-byte registers rule out R8 and up.
    let address =
        [instruction.memory_base(), instruction.memory_index()].map(Register::full_register);
    let operands: Vec<Register> = (0..instruction.op_count())
        .filter(|&operand| instruction.op_kind(operand) == OpKind::Register)
        .map(|operand| instruction.op_register(operand).full_register())
        .collect();
    let through = CANDIDATES.into_iter().find(|candidate| {
        !operands.contains(candidate)
            && (!used.contains(candidate) || address.contains(candidate) && !implicit(candidate))
    });
    let through = through.ok_or_else(not_encodable)?;
    instruction.set_memory_base(through);
    instruction.set_memory_index(Register::None);
    instruction.set_memory_displacement64(0);
    instruction.set_memory_displ_size(0);
    instruction.set_segment_prefix(Register::None);
    let mut encoder = Encoder::new(64);
    encoder
        .encode(&instruction, at)
        .map_err(|_| not_encodable())?;
    Ok((encoder.take_buffer(), through))
}

/// Registers that instructions use without naming them (CMPXCHG16B, MUL).
const fn implicit(register: &Register) -> bool {
    matches!(
        register,
        Register::RAX | Register::RBX | Register::RCX | Register::RDX
    )
}

const CANDIDATES: [Register; 7] = [
    Register::RSI,
    Register::RDI,
    Register::RBP,
    Register::RBX,
    Register::RDX,
    Register::RCX,
    Register::RAX,
];

pub(super) fn not_encodable() -> io::Error {
    io::ErrorKind::Unsupported.into()
}
