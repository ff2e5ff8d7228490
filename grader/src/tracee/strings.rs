//! MOVS, STOS, LODS, CMPS and SCAS: how much of a repetition one step takes.

use iced_x86::{Instruction, Mnemonic, OpKind, Register};

use super::access::{Access, Effect, NotSupported, Reference, Shape, not_supported};
use super::stop::Registers;

/// A long repetition takes about so many steps for each factor of e in its
/// length; up to twice as many elements are steps of their own.
const FINENESS: u64 = 64;
/// The direction flag: from the last element down (Intel SDM, volume 1, 3.4.3.2).
const DIRECTION: u64 = 0x400;
/// The zero flag.
const ZERO: u64 = 0x40;

/// Decodes a string instruction.
pub(super) fn decode(
    instruction: Instruction,
    registers: &Registers,
) -> Result<Access, NotSupported> {
    let plain = (0..instruction.op_count()).all(|n| {
        matches!(
            instruction.op_kind(n),
            OpKind::MemorySegRSI | OpKind::MemoryESRDI | OpKind::Register
        )
    });
    let known = !effects(&instruction).is_empty();
    if !plain || !known || instruction.segment_prefix() != Register::None {
        return Err(not_supported(&instruction));
    }
    let elements = match is_repeated(&instruction) {
        true => (registers.rcx / FINENESS).max(1),
        false => 1,
    };
    let references = references(&instruction, registers, elements);
    Ok(Access::of_strings(instruction, elements, references))
}

impl Access {
    /// The same with one element of a repetition only.
    #[must_use]
    pub fn of_one_element(self, registers: &Registers) -> Self {
        match self.shape {
            Shape::Strings { elements } if elements > 1 => {
                let references = references(&self.instruction, registers, 1);
                Self::of_strings(self.instruction, 1, references)
            }
            _ => self,
        }
    }
}

/// True if the instruction is to be gone through RCX times.
pub(super) fn is_repeated(instruction: &Instruction) -> bool {
    instruction.has_rep_prefix() || instruction.has_repne_prefix()
}

/// True if a repetition ends here, whose last element left these flags and
/// which has more elements before it.
pub(super) fn is_cut_short(instruction: &Instruction, eflags: u64) -> bool {
    let compares = effects(instruction)
        .iter()
        .all(|(_, effect)| *effect == Effect::Load)
        && !is_load(instruction);
    let equal = eflags & ZERO != 0;
    compares && equal == instruction.has_repne_prefix()
}

fn is_load(instruction: &Instruction) -> bool {
    use Mnemonic::{Lodsb, Lodsd, Lodsq, Lodsw};
    matches!(instruction.mnemonic(), Lodsb | Lodsw | Lodsd | Lodsq)
}

/// What is done to the memory at RSI and RDI.
fn effects(instruction: &Instruction) -> &'static [(Register, Effect)] {
    use Mnemonic as M;
    match instruction.mnemonic() {
        M::Movsb | M::Movsw | M::Movsd | M::Movsq => &[
            (Register::RSI, Effect::Load),
            (Register::RDI, Effect::Store),
        ],
        M::Cmpsb | M::Cmpsw | M::Cmpsd | M::Cmpsq => {
            &[(Register::RSI, Effect::Load), (Register::RDI, Effect::Load)]
        }
        M::Lodsb | M::Lodsw | M::Lodsd | M::Lodsq => &[(Register::RSI, Effect::Load)],
        M::Stosb | M::Stosw | M::Stosd | M::Stosq => &[(Register::RDI, Effect::Store)],
        M::Scasb | M::Scasw | M::Scasd | M::Scasq => &[(Register::RDI, Effect::Load)],
        _ => &[],
    }
}

fn references(instruction: &Instruction, registers: &Registers, elements: u64) -> Vec<Reference> {
    let size = instruction.memory_size().size() as u64;
    let bytes = size.saturating_mul(elements);
    let stretch = |&(register, effect): &(Register, Effect)| {
        let first = match register {
            Register::RSI => registers.rsi,
            _ => registers.rdi,
        };
        let address = match registers.eflags & DIRECTION {
            0 => first,
            _ => first.wrapping_add(size).wrapping_sub(bytes),
        };
        Reference {
            address,
            bytes,
            effect,
        }
    };
    effects(instruction).iter().map(stretch).collect()
}
