//! Shared memory as a scheduling point: knowing an access by its fault,
//! carrying it out on the open mapping.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;

use super::ahead::Since;
use super::error::{EngineError, doing};
use super::mappings::Mappings;
use super::step::Run;
use super::tracees::{Pending, State};
use crate::operation::{Call as Kind, Object, Operation};
use crate::trace::Outcome;
use crate::tracee::access::{Access, Effect, INSTRUCTION_MAX_BYTES, Reference, decode};
use crate::tracee::displaced::{Carried, Work};
use crate::tracee::emulate::Emulated;
use crate::tracee::inject::refused_address;
use crate::tracee::known::Known;
use crate::tracee::stop::{Registers, Stopped};

const PAGE_BYTES: u64 = 4096;
/// What of the stack counts as a tracee's state when it looks at shared memory:
/// from below the red zone to the variables of a function or two.
const STACK_BELOW_BYTES: u64 = 128;
const STACK_BYTES: usize = 512;
/// How often a tracee may look at one place from one instruction before it is
/// taken to spin, although its state is another each time. Locks that spin
/// before they sleep look a hundred times (pthread_mutex_lock in musl,
/// MAX_ADAPTIVE_COUNT in glibc): they must get to their sleep.
const LOOKS_MAX: u32 = 250;

/// An instruction at which a tracee is stopped, on a closed page.
#[derive(Debug)]
pub(super) struct SharedAccess {
    pub operation: Operation,
    access: Access,
    registers: Registers,
    code: Vec<u8>,
    /// For the second half of a read-modify-write or of an instruction on two
    /// places: what the first half read.
    old: Option<Vec<u8>>,
    /// What is known of the tracee's memory until somebody moves.
    known: Option<Known>,
}

impl SharedAccess {
    /// The same, with what is known of the tracee's memory.
    pub fn knowing(self, known: Known) -> Self {
        Self {
            known: Some(known),
            ..self
        }
    }
}

impl Run<'_> {
    /// The access that raised the SIGSEGV at which a tracee is stopped, if it
    /// is one to a closed page.
    pub(super) fn refused(
        &mut self,
        index: usize,
        stopped: &Stopped,
    ) -> Result<Option<Pending>, EngineError> {
        let mappings = &self.book.processes[self.book.process_of(index)].mappings;
        let address = refused_address(stopped).map_err(doing("read a fault's address"))?;
        let closed = address.filter(|&address| mappings.alias(address).is_some());
        let Some(fault) = closed else {
            return Ok(None);
        };
        let registers = stopped.registers().map_err(doing("read registers"))?;
        let unsupported = |what: String| EngineError::Unsupported {
            task: self.book.tracees[index].name,
            what,
        };
        let is_closed = |address| mappings.alias(address).is_some();
        if is_closed(registers.rip) || fault == registers.rip {
            return Err(unsupported("code in shared memory".to_owned()));
        }
        if is_closed(registers.rsp) {
            return Err(unsupported("a stack in shared memory".to_owned()));
        }
        let (code, stack) =
            code_and_stack(stopped, &registers).map_err(doing("read an instruction"))?;
        let access = self.access(index, registers, code, &stack, Some(fault))?;
        Ok(Some(Pending::Access(Box::new(access))))
    }

    /// The access of the instruction at which a tracee is, and whose bytes begin
    /// `code`. It is to be one to the byte at `fault`, if that is known.
    pub(super) fn access(
        &mut self,
        index: usize,
        registers: Registers,
        code: Vec<u8>,
        stack: &Stack,
        fault: Option<u64>,
    ) -> Result<SharedAccess, EngineError> {
        let mappings = &self.book.processes[self.book.process_of(index)].mappings;
        let unsupported = |what: String| EngineError::Unsupported {
            task: self.book.tracees[index].name,
            what,
        };
        let access = decode(&registers, &code).map_err(|what| unsupported(what.to_string()))?;
        let access = fitted(access, &registers, mappings);
        let shared = places(&access, mappings);
        let together = |place: &Reference| mappings.bytes_together(place.address) >= place.bytes;
        let covers = |place: &Reference| {
            fault.is_none_or(|fault| fault.wrapping_sub(place.address) < place.bytes)
        };
        let all = access.references();
        if all
            .iter()
            .any(|place| !together(place) && touches(place, mappings))
        {
            let what = "one access to the end of shared memory and what follows it";
            return Err(unsupported(what.to_owned()));
        }
        let Some(&first) = shared.first().filter(|_| shared.iter().any(covers)) else {
            return Err(unsupported(access.not_supported().to_string()));
        };
        let operation = self.operation(index, call_of(first.effect), first);
        self.note_state(index, stack, &registers, first.address);
        Ok(SharedAccess {
            operation,
            access,
            registers,
            code,
            old: None,
            known: None,
        })
    }

    fn operation(&self, index: usize, call: Kind, reference: Reference) -> Operation {
        let process = &self.book.processes[self.book.process_of(index)];
        let object = match process.mappings.find(reference.address) {
            Some(place) => Object::Shared {
                mapping: place.mapping,
                offset: place.offset,
            },
            None => Object::Nothing,
        };
        Operation::new(call, object, Some(reference.bytes))
    }

    /// Carries an access out.
    pub(super) fn touch(
        &mut self,
        index: usize,
        stopped: Stopped,
        mut shared: SharedAccess,
    ) -> Result<(), EngineError> {
        let process = self.book.process_of(index);
        let process = &mut self.book.processes[process];
        let mappings = &process.mappings;
        let places = places(&shared.access, mappings);
        let Some(&reference) = places.first() else {
            // Unmapped since by another thread: let the program see its fault.
            return self.go_on(index, stopped);
        };
        let there = mappings
            .alias(reference.address)
            .unwrap_or(reference.address);
        let in_halves = places.len() > 1 || reference.effect == Effect::ReadModifyWrite;
        let known = shared.known.take().filter(|_| self.goes_on);
        if !in_halves || shared.old.is_some() {
            let emulated = shared.access.emulate(
                &stopped,
                &shared.registers,
                there,
                shared.old.as_deref(),
                known.as_ref(),
            );
            match emulated.map_err(doing("carry an instruction out"))? {
                Emulated::Done { changed } => {
                    self.unchanged = !changed;
                    let once = reference.effect == Effect::Load
                        || self.is_mapped_once(index, reference.address);
                    let known = known.filter(|_| once && shared.access.is_all());
                    return self.go_ahead(index, stopped, self.since(known));
                }
                Emulated::NotHere => {}
            }
        }
        let before = match in_halves || reference.effect == Effect::Update {
            true => peek(&stopped, there, reference),
            false => Vec::new(),
        };
        // What may not be written is not read first either.
        let allowed =
            before.is_empty() || places.len() > 1 || stopped.write(there, &before).is_ok();
        if in_halves && shared.old.is_none() && !before.is_empty() && allowed {
            shared.old = Some(before);
            let second = match places.get(1) {
                Some(&second) => (call_of(second.effect), second),
                None => (Kind::Store, reference),
            };
            shared.operation = self.operation(index, second.0, second.1);
            shared.known = known;
            self.not_run = true;
            self.book.tracees[index].state =
                State::Ready(stopped, Pending::Access(Box::new(shared)));
            return Ok(());
        }
        let Some(mut copies) = process.copies.take() else {
            return self.go_on(index, stopped);
        };
        let work = Work {
            access: &shared.access,
            code: &shared.code,
            translate: &|address| mappings.alias(address),
            unnoticed: process.signals.unnoticed(),
        };
        let carried = match &shared.old {
            Some(old) if allowed => copies.write_back(stopped, work, old),
            _ => copies.carry_out(stopped, work),
        };
        process.copies = Some(copies);
        let carried = carried.map_err(|error| match error.kind() {
            io::ErrorKind::Unsupported => EngineError::Unsupported {
                task: self.book.tracees[index].name,
                what: shared.access.not_supported().to_string(),
            },
            _ => doing("carry an instruction out")(error),
        })?;
        match carried {
            Carried::Done(stopped) => {
                self.unchanged = reference.effect == Effect::Update
                    && peek(&stopped, there, reference) == before;
                self.go_ahead(index, stopped, self.since(None))
            }
            Carried::Raised(stopped, signal) => {
                let running = self.deliver(index, stopped, signal)?;
                self.advance(index, running)
            }
        }
    }

    /// True if a byte of shared memory has one address in a process, so that what
    /// is written there is not seen elsewhere in it: a file may be mapped once
    /// more, and privately.
    fn is_mapped_once(&self, index: usize, address: u64) -> bool {
        let mappings = &self.book.processes[self.book.process_of(index)].mappings;
        mappings.find(address).is_some_and(|place| {
            let is_file = self.objects.values().any(|&file| file == place.mapping);
            !is_file && mappings.pieces(place.mapping) == 1
        })
    }

    /// What may have happened to a tracee that made an access since it came to
    /// that.
    fn since(&self, known: Option<Known>) -> Since {
        match self.goes_on {
            true => Since::Nothing(known),
            false => Since::Perhaps,
        }
    }

    /// Notes a look at shared memory: whoever comes to the same state again,
    /// or looks at the same place again and again, spins.
    fn note_state(&mut self, index: usize, stack: &Stack, r: &Registers, place: u64) {
        let mut hasher = DefaultHasher::new();
        let registers = [
            r.rip, r.rax, r.rbx, r.rcx, r.rdx, r.rsi, r.rdi, r.rbp, r.rsp, r.r8, r.r9, r.r10,
            r.r12, r.r13, r.r14, r.r15,
        ];
        (registers, stack).hash(&mut hasher);
        let tracee = &mut self.book.tracees[index];
        let looks = tracee.looks.entry((r.rip, place)).or_default();
        *looks += 1;
        let often = *looks > LOOKS_MAX;
        tracee.spinning = !tracee.seen.insert(hasher.finish()) || often;
    }

    /// What a step on shared memory gave: nothing that others could notice, if
    /// it only read or put back what was there.
    pub(super) fn only_looked(&self, at: usize) -> bool {
        let step = &self.steps[at];
        match step.operation.call {
            Kind::Load => true,
            Kind::Update => self.unchanged && step.outcome == Outcome::Returned(0),
            _ => false,
        }
    }
}

/// What a place holds; empty if it cannot be read.
fn peek(stopped: &Stopped, address: u64, reference: Reference) -> Vec<u8> {
    const PEEKED_MAX_BYTES: u64 = 64;
    let mut bytes = vec![0; reference.bytes.min(PEEKED_MAX_BYTES) as usize];
    match stopped.read(address, &mut bytes) {
        Ok(()) => bytes,
        Err(_) => Vec::new(),
    }
}

/// The top of a tracee's stack; zeros if it cannot be read.
#[derive(Debug, Hash)]
pub(super) struct Stack([u8; STACK_BYTES]);

impl Stack {
    const ZEROS: Self = Self([0; STACK_BYTES]);

    const fn start(registers: &Registers) -> u64 {
        registers.rsp.wrapping_sub(STACK_BELOW_BYTES)
    }

    /// From what is known of a tracee's memory, or read anew.
    pub fn recalled(known: &Known, stopped: &Stopped, registers: &Registers) -> Self {
        let mut stack = Self::ZEROS;
        let start = Self::start(registers);
        if known.recall(start, &mut stack.0) || stopped.read(start, &mut stack.0).is_ok() {
            stack
        } else {
            Self::ZEROS
        }
    }
}

/// The bytes of an instruction and what follows on its page, and the stack.
fn code_and_stack(stopped: &Stopped, registers: &Registers) -> io::Result<(Vec<u8>, Stack)> {
    let rip = registers.rip;
    let mut code = vec![0; INSTRUCTION_MAX_BYTES];
    let mut stack = Stack::ZEROS;
    let at = [rip, Stack::start(registers)];
    let [whole, readable] = stopped.read_two(at, [&mut code, &mut stack.0]);
    if !whole {
        code.truncate((PAGE_BYTES - rip % PAGE_BYTES) as usize);
        stopped.read(rip, &mut code)?;
    }
    Ok((code, if readable { stack } else { Stack::ZEROS }))
}

const fn call_of(effect: Effect) -> Kind {
    match effect {
        Effect::Load | Effect::ReadModifyWrite => Kind::Load,
        Effect::Store => Kind::Store,
        Effect::Update => Kind::Update,
    }
}

/// What of an access is closed, in the order in which it is done.
fn places(access: &Access, mappings: &Mappings) -> Vec<Reference> {
    let closed = |place: &&Reference| mappings.alias(place.address).is_some();
    access.references().iter().filter(closed).copied().collect()
}

/// True if any byte of a place is closed.
fn touches(place: &Reference, mappings: &Mappings) -> bool {
    mappings.touches_closed(place.address, place.bytes)
}

/// An access with no more elements than one step takes: only one where two
/// places are shared, and none beyond the end of a mapping.
fn fitted(access: Access, registers: &Registers, mappings: &Mappings) -> Access {
    let closed: Vec<Reference> = access
        .references()
        .iter()
        .filter(|place| touches(place, mappings))
        .copied()
        .collect();
    match closed.as_slice() {
        [only] if mappings.bytes_together(only.address) < only.bytes => {
            access.of_one_element(registers)
        }
        [_] | [] => access,
        _ => access.of_one_element(registers),
    }
}
