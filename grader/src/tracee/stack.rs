//! Pushing and popping.

use std::io;

use iced_x86::{Code as Form, Instruction};

use super::access::general;
use super::emulate::Cell;
use super::known::View;
use super::memory::Memory;
use super::stop::Registers;

/// The stack of a tracee, in private memory.
pub(super) struct Stack<'a> {
    pub memory: &'a View<'a>,
    pub is_closed: &'a dyn Fn(u64) -> bool,
}

impl Stack<'_> {
    pub fn push(&self, registers: &mut Registers, value: u64) -> io::Result<()> {
        let to = registers.rsp.wrapping_sub(8);
        self.check(to)?;
        self.memory.put(to, &value.to_le_bytes())?;
        registers.rsp = to;
        Ok(())
    }

    pub fn pop(&self, registers: &mut Registers) -> io::Result<u64> {
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
    pub fn moves(
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
