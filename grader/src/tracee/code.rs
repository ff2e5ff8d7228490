//! The program's code, which does not change: known ranges, decoded once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;

use iced_x86::{Decoder, DecoderOptions, Instruction};
use nix::unistd::Pid;

use super::access::INSTRUCTION_MAX_BYTES;
use super::proc;
use super::stop::Stopped;

const PAGE_BYTES: u64 = 4096;

/// How often it is tried to come from one access to the next without running
/// what lies between, if it does not succeed.
const TRIES: u32 = 2;

/// What a process executes from files that it has mapped, privately and not to
/// be written to. Processes forked from it have the same.
#[derive(Debug)]
pub struct Code {
    ranges: Vec<Range<u64>>,
    pages: RefCell<HashMap<u64, Vec<u8>>>,
    decoded: RefCell<HashMap<u64, Instruction>>,
    /// By where it began.
    failed: RefCell<HashMap<u64, u32>>,
}

impl Code {
    /// What `pid` has mapped now.
    #[must_use]
    pub fn of(pid: Pid) -> Self {
        Self {
            ranges: proc::executable_files(pid),
            pages: RefCell::default(),
            decoded: RefCell::default(),
            failed: RefCell::default(),
        }
    }

    /// True if any of these bytes are code.
    #[must_use]
    pub fn has(&self, start: u64, length: u64) -> bool {
        let end = start.saturating_add(length);
        let touched = |range: &Range<u64>| range.start < end && start < range.end;
        self.ranges.iter().any(touched)
    }

    /// The instruction at an address; `None` if it is not known to be code, or
    /// cannot be read.
    pub(super) fn instruction(&self, stopped: &Stopped, address: u64) -> Option<Instruction> {
        if let Some(instruction) = self.decoded.borrow().get(&address) {
            return Some(*instruction);
        }
        let bytes = self.bytes(stopped, address)?;
        let mut decoder = Decoder::with_ip(64, &bytes, address, DecoderOptions::NONE);
        let instruction = decoder.decode();
        if instruction.is_invalid() {
            return None;
        }
        self.decoded.borrow_mut().insert(address, instruction);
        Some(instruction)
    }

    /// As many bytes as an instruction may have, from an address on.
    pub fn bytes(&self, stopped: &Stopped, address: u64) -> Option<Vec<u8>> {
        let end = address + INSTRUCTION_MAX_BYTES as u64;
        let within = |range: &Range<u64>| range.start <= address && end <= range.end;
        if !self.ranges.iter().any(within) {
            return None;
        }
        let mut bytes = Vec::with_capacity(INSTRUCTION_MAX_BYTES);
        let mut pages = self.pages.borrow_mut();
        let mut at = address;
        while at < end {
            let start = at & !(PAGE_BYTES - 1);
            let page = match pages.entry(start) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unknown) => {
                    let mut page = vec![0; PAGE_BYTES as usize];
                    stopped.read(start, &mut page).ok()?;
                    unknown.insert(page)
                }
            };
            let until = end.min(start + PAGE_BYTES);
            bytes.extend_from_slice(&page[(at - start) as usize..(until - start) as usize]);
            at = until;
        }
        Some(bytes)
    }

    /// True if it is worth while to begin at an address.
    #[must_use]
    pub fn is_promising(&self, address: u64) -> bool {
        let failed = self.failed.borrow();
        failed.get(&address).is_none_or(|&times| times < TRIES)
    }

    /// It was tried from there, with or without success.
    pub(super) fn tried(&self, address: u64, success: bool) {
        let mut failed = self.failed.borrow_mut();
        let times = failed.entry(address).or_default();
        *times = if success { 0 } else { *times + 1 };
    }
}
