//! Carrying an instruction out on another mapping of the same memory: a copy
//! of it, with another address, runs in a scratch page and ends in a
//! breakpoint.

use std::collections::HashMap;
use std::io;

use iced_x86::{Encoder, InstructionInfoFactory, OpKind, Register};
use libc::c_int;

use super::access::{Access, Shape, general};
use super::stop::{Look, Registers, Stop, Stopped, Until};

/// The breakpoint instruction, INT3.
const BREAKPOINT: u8 = 0xcc;
/// Room for an instruction and a breakpoint.
const SLOT_BYTES: u64 = 32;
const PAGE_BYTES: u64 = 4096;
/// Operands keep their place within this many bytes, so that aligned ones
/// stay aligned.
const ALIGNMENT_BYTES: u64 = 64;

/// Scratch pages of a process: one to execute, one for data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pages {
    /// Address of the page for copies, readable, writable and executable.
    pub code: u64,
    /// Address of the page for operands.
    pub data: u64,
}

/// The copies that a process has, by the address of the original.
#[derive(Debug, Clone)]
pub struct Copies {
    pages: Pages,
    known: HashMap<u64, Copy>,
    next: u64,
}

#[derive(Debug, Clone)]
struct Copy {
    address: u64,
    length: u64,
    original: Vec<u8>,
    /// The register that the copy's operand goes through.
    through: Register,
}

/// What came of carrying an instruction out.
#[derive(Debug)]
pub enum Carried {
    /// The tracee is behind the instruction.
    Done(Stopped),
    /// It raised this signal, and the tracee is before the instruction.
    Raised(Stopped, c_int),
}

/// Where the memory at an address can be got at; `None` if right there.
pub type Translate<'a> = dyn Fn(u64) -> Option<u64> + 'a;

impl Copies {
    /// No copies yet.
    #[must_use]
    pub fn new(pages: Pages) -> Self {
        Self {
            pages,
            known: HashMap::new(),
            next: pages.code,
        }
    }

    /// Carries the whole instruction out, its operand translated.
    ///
    /// # Errors
    /// If the tracee has been killed or the copy cannot be made.
    pub fn carry_out(
        &mut self,
        stopped: Stopped,
        before: &Registers,
        access: &Access,
        code: &[u8],
        translate: &Translate<'_>,
    ) -> io::Result<Carried> {
        match access.shape {
            Shape::Strings => self.strings(stopped, before, access, code, translate),
            Shape::Operand => {
                let address = access.references()[0].address;
                let there = translate(address).unwrap_or(address);
                self.operand(stopped, before, access, code, there)
            }
        }
    }

    /// Carries the second half of a read-modify-write out: as if the memory
    /// held `old`, whatever it holds by now.
    ///
    /// # Errors
    /// As [`Copies::carry_out`].
    pub fn write_back(
        &mut self,
        stopped: Stopped,
        before: &Registers,
        access: &Access,
        code: &[u8],
        old: &[u8],
        translate: &Translate<'_>,
    ) -> io::Result<Carried> {
        let address = access.references()[0].address;
        let cell = self.pages.data + ALIGNMENT_BYTES + address % ALIGNMENT_BYTES;
        stopped.write(cell, old)?;
        let carried = self.operand(stopped, before, access, code, cell)?;
        if let Carried::Done(stopped) = &carried {
            let mut new = vec![0; old.len()];
            stopped.read(cell, &mut new)?;
            stopped.write(translate(address).unwrap_or(address), &new)?;
        }
        Ok(carried)
    }

    fn operand(
        &mut self,
        stopped: Stopped,
        before: &Registers,
        access: &Access,
        code: &[u8],
        address: u64,
    ) -> io::Result<Carried> {
        let copy = self.copy(&stopped, access, before.rip, code)?;
        let mut registers = *before;
        let through = general(&mut registers, copy.through).ok_or_else(not_encodable)?;
        *through = address;
        registers.rip = copy.address;
        stopped.set_registers(&registers)?;
        run(stopped, before, &copy, access.length_bytes(), |after| {
            if let (Some(register), Some(old)) = (
                general(after, copy.through),
                general(&mut { *before }, copy.through),
            ) {
                *register = *old;
            }
        })
    }

    fn strings(
        &mut self,
        stopped: Stopped,
        before: &Registers,
        access: &Access,
        code: &[u8],
        translate: &Translate<'_>,
    ) -> io::Result<Carried> {
        let copy = self.copy(&stopped, access, before.rip, code)?;
        let shift =
            |address: u64| translate(address).map_or(0, |there| there.wrapping_sub(address));
        let (source, destination) = (shift(before.rsi), shift(before.rdi));
        let mut registers = *before;
        registers.rsi = before.rsi.wrapping_add(source);
        registers.rdi = before.rdi.wrapping_add(destination);
        registers.rip = copy.address;
        stopped.set_registers(&registers)?;
        run(stopped, before, &copy, access.length_bytes(), |after| {
            after.rsi = after.rsi.wrapping_sub(source);
            after.rdi = after.rdi.wrapping_sub(destination);
        })
    }

    fn copy(
        &mut self,
        stopped: &Stopped,
        access: &Access,
        rip: u64,
        code: &[u8],
    ) -> io::Result<Copy> {
        let original = &code[..access.instruction.len()];
        if let Some(copy) = self
            .known
            .get(&rip)
            .filter(|copy| copy.original == original)
        {
            return Ok(copy.clone());
        }
        if self.next + SLOT_BYTES > self.pages.code + PAGE_BYTES {
            self.known.clear();
            self.next = self.pages.code;
        }
        let (mut bytes, through) = match access.shape {
            Shape::Strings => (original.to_vec(), Register::None),
            Shape::Operand => encode(access, self.next)?,
        };
        let length = bytes.len() as u64;
        bytes.push(BREAKPOINT);
        stopped.write(self.next, &bytes)?;
        let copy = Copy {
            address: self.next,
            length,
            original: original.to_vec(),
            through,
        };
        self.next += SLOT_BYTES;
        self.known.insert(rip, copy.clone());
        Ok(copy)
    }
}

/// Runs a copy to its breakpoint; `put_back` undoes what was done to the
/// registers for it.
fn run(
    stopped: Stopped,
    before: &Registers,
    copy: &Copy,
    length: u64,
    put_back: impl Fn(&mut Registers),
) -> io::Result<Carried> {
    let mut running = stopped.resume(Until::NextStop, 0)?;
    loop {
        match running.wait()? {
            Look::Stopped(stopped, Stop::Signal(signal)) => {
                let mut after = stopped.registers()?;
                let done = signal == libc::SIGTRAP && after.rip == copy.address + copy.length + 1;
                put_back(&mut after);
                after.rip = if done {
                    before.rip + length
                } else {
                    before.rip
                };
                stopped.set_registers(&after)?;
                return Ok(match done {
                    true => Carried::Done(stopped),
                    false => Carried::Raised(stopped, signal),
                });
            }
            Look::Stopped(stopped, _) => running = stopped.resume(Until::NextStop, 0)?,
            Look::Running(still) => running = still,
            Look::Ended(_) => return Err(io::Error::other("the tracee was killed")),
        }
    }
}

/// The instruction with its operand at a register that it does not use.
fn encode(access: &Access, at: u64) -> io::Result<(Vec<u8>, Register)> {
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
    encoder.encode(&instruction, at).map_err(io::Error::other)?;
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

fn not_encodable() -> io::Error {
    io::Error::other("no register is free for the copy of an instruction")
}
