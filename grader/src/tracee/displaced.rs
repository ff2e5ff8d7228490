//! Carrying an instruction out on another mapping of the same memory: a copy
//! of it, with another address, runs in a scratch page and ends in a
//! breakpoint.

use std::collections::HashMap;
use std::io;

use iced_x86::Register;
use libc::c_int;

use super::access::{Access, Reference, Shape, general};
use super::encode::{encode, not_encodable};
use super::inject::translate_fault;
use super::stop::{Look, Registers, Stop, Stopped, Until};
use super::strings::{is_cut_short, is_repeated};

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
    /// Address of [`DATA_BYTES`] for operands and vectors.
    pub data: u64,
}

/// Room for operands, and behind it for vectors of [`Pages::vector`].
pub const DATA_BYTES: u64 = PAGE_BYTES + VECTOR_BYTES;
/// Room for the longest vector of a readv(2) or writev(2).
const VECTOR_BYTES: u64 = 1024 * 16;

impl Pages {
    /// Where a vector for a call may be put.
    #[must_use]
    pub const fn vector(self) -> u64 {
        self.data + PAGE_BYTES
    }
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
    /// The tracee is behind the instruction, or at it again if it repeats
    /// itself.
    Done(Stopped),
    /// It is about to get this signal, before the instruction or behind it.
    Raised(Stopped, c_int),
}

/// Where the memory at an address can be got at; `None` if right there.
pub type Translate<'a> = dyn Fn(u64) -> Option<u64> + 'a;

/// An instruction to be carried out, and what there is to know of it.
#[derive(Clone, Copy)]
pub struct Work<'a> {
    /// What it does to memory.
    pub access: &'a Access,
    /// The bytes that begin with it.
    pub code: &'a [u8],
    /// Where its memory can be got at.
    pub translate: &'a Translate<'a>,
    /// Signals that the tracee does not notice; bit n-1 is signal n.
    pub unnoticed: u64,
}

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

    /// The pages that they are on.
    #[must_use]
    pub const fn pages(&self) -> Pages {
        self.pages
    }

    /// Carries the whole instruction out, its operand translated.
    ///
    /// # Errors
    /// If the tracee has been killed; [`io::ErrorKind::Unsupported`] if the
    /// instruction cannot be given another address.
    pub fn carry_out(&mut self, stopped: Stopped, work: Work<'_>) -> io::Result<Carried> {
        let address = work.access.references()[0].address;
        let there = (work.translate)(address).unwrap_or(address);
        match work.access.shape {
            Shape::Strings { elements } => self.strings(stopped, work, elements, None),
            Shape::Operand { .. } => self.operand(stopped, work, there),
            Shape::Branch => Err(not_encodable()),
        }
    }

    /// Carries the second half of an instruction out whose first half has read
    /// `old`: as if that were there, whatever is there by now.
    ///
    /// # Errors
    /// As [`Copies::carry_out`].
    pub fn write_back(
        &mut self,
        stopped: Stopped,
        work: Work<'_>,
        old: &[u8],
    ) -> io::Result<Carried> {
        let address = work.access.references()[0].address;
        let cell = self.pages.data + ALIGNMENT_BYTES + address % ALIGNMENT_BYTES;
        stopped.write(cell, old)?;
        if let Shape::Strings { elements } = work.access.shape {
            return self.strings(stopped, work, elements, Some(cell));
        }
        let carried = self.operand(stopped, work, cell)?;
        if let Carried::Done(stopped) = &carried {
            let mut new = vec![0; old.len()];
            stopped.read(cell, &mut new)?;
            stopped.write((work.translate)(address).unwrap_or(address), &new)?;
        }
        Ok(carried)
    }

    fn operand(&mut self, stopped: Stopped, work: Work<'_>, address: u64) -> io::Result<Carried> {
        let before = stopped.registers()?;
        let copy = self.copy(&stopped, work.access, before.rip, work.code)?;
        let reference = work.access.references()[0];
        let index_bytes = match work.access.shape {
            Shape::Operand { index_bytes } => index_bytes,
            _ => 0,
        };
        let mut registers = before;
        let through = general(&mut registers, copy.through).ok_or_else(not_encodable)?;
        *through = address.wrapping_sub(index_bytes);
        registers.rip = copy.address;
        let end = before.rip + work.access.length_bytes();
        let put_back = |after: &mut Registers| {
            if let (Some(register), Some(old)) = (
                general(after, copy.through),
                general(&mut { before }, copy.through),
            ) {
                *register = *old;
            }
            end
        };
        let moved = [(address, reference)];
        run(stopped, &registers, &copy, work.unnoticed, &moved, put_back)
    }

    /// So many elements of a string; `source` is where the first are, if not
    /// where RSI says.
    fn strings(
        &mut self,
        stopped: Stopped,
        work: Work<'_>,
        elements: u64,
        source: Option<u64>,
    ) -> io::Result<Carried> {
        let before = stopped.registers()?;
        let instruction = &work.access.instruction;
        let copy = self.copy(&stopped, work.access, before.rip, work.code)?;
        let shift =
            |address: u64| (work.translate)(address).map_or(0, |there| there.wrapping_sub(address));
        let to_source = source.map_or(shift(before.rsi), |cell| cell.wrapping_sub(before.rsi));
        let to_destination = shift(before.rdi);
        let mut registers = before;
        registers.rsi = before.rsi.wrapping_add(to_source);
        registers.rdi = before.rdi.wrapping_add(to_destination);
        registers.rip = copy.address;
        let repeated = is_repeated(instruction);
        if repeated {
            registers.rcx = elements;
        }
        let end = before.rip + work.access.length_bytes();
        let put_back = |after: &mut Registers| {
            after.rsi = after.rsi.wrapping_sub(to_source);
            after.rdi = after.rdi.wrapping_sub(to_destination);
            if repeated {
                let left_of_these = after.rcx;
                after.rcx = before.rcx - (elements - left_of_these);
                let more = after.rcx > 0 && left_of_these == 0;
                if more && !is_cut_short(instruction, after.eflags) {
                    return before.rip;
                }
            }
            end
        };
        let moved: Vec<(u64, Reference)> = work
            .access
            .references()
            .iter()
            .map(|reference| {
                let there = (work.translate)(reference.address);
                (there.unwrap_or(reference.address), *reference)
            })
            .collect();
        run(stopped, &registers, &copy, work.unnoticed, &moved, put_back)
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
            Shape::Strings { .. } => (original.to_vec(), Register::None),
            Shape::Operand { .. } | Shape::Branch => encode(access, self.next)?,
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

/// Runs a copy to its breakpoint. `put_back` undoes what was done to the
/// registers for it, and says where the original goes on once it is done;
/// `moved` says what memory stands for which.
fn run(
    stopped: Stopped,
    registers: &Registers,
    copy: &Copy,
    unnoticed: u64,
    moved: &[(u64, Reference)],
    put_back: impl Fn(&mut Registers) -> u64,
) -> io::Result<Carried> {
    let before = stopped.registers()?;
    stopped.set_registers(registers);
    let mut running = stopped.resume(Until::NextStop, 0)?;
    let behind = copy.address + copy.length;
    loop {
        match running.wait()? {
            Look::Stopped(stopped, Stop::Signal(signal)) => {
                let mut after = stopped.registers()?;
                let at_breakpoint = signal == libc::SIGTRAP && after.rip == behind + 1;
                if !at_breakpoint && unnoticed & (1 << (signal - 1)) != 0 {
                    running = stopped.resume(Until::NextStop, signal)?;
                    continue;
                }
                // A timer's signal may come between the copy and its
                // breakpoint.
                let done = at_breakpoint || after.rip == behind;
                let next = put_back(&mut after);
                after.rip = if done { next } else { before.rip };
                stopped.set_registers(&after);
                if at_breakpoint {
                    return Ok(Carried::Done(stopped));
                }
                let original = |address: u64| {
                    if (copy.address..behind).contains(&address) {
                        return before.rip + (address - copy.address);
                    }
                    let within = moved.iter().find_map(|(there, reference)| {
                        let offset = address.wrapping_sub(*there);
                        (offset < reference.bytes).then(|| reference.address + offset)
                    });
                    within.unwrap_or(address)
                };
                translate_fault(&stopped, original)?;
                return Ok(Carried::Raised(stopped, signal));
            }
            Look::Stopped(stopped, _) => running = stopped.resume(Until::NextStop, 0)?,
            Look::Running(still) => running = still,
            Look::Ended(_) => return Err(io::Error::other("the tracee was killed")),
        }
    }
}
