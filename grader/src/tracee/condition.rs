//! Conditions on the flags, and what hangs on them.

use std::io;

use iced_x86::{ConditionCode, Instruction, Register};

use super::emulate::{Cell, other, put, value_of};
use super::stop::Registers;

/// SETcc and CMOVcc.
pub(super) fn conditional(
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

/// Whether an instruction's condition holds (Intel SDM, volume 1, appendix B);
/// `None` if it has none.
pub(super) fn holds(instruction: &Instruction, flags: u64) -> Option<bool> {
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
