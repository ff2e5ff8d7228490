//! Shared memory as a scheduling point: closing the pages of a process,
//! knowing an access by its fault, carrying it out on the open mapping.

use std::io;

use super::call::arguments;
use super::error::{EngineError, doing};
use super::process::Mapping;
use super::step::Run;
use super::tracees::{Pending, State};
use crate::operation::{Call as Kind, Extent, Object, Operation};
use crate::trace::Outcome;
use crate::tracee::access::{Access, Effect, INSTRUCTION_MAX_BYTES, Reference, decode};
use crate::tracee::displaced::{Carried, Copies, Pages};
use crate::tracee::inject::{At, Injection, refused_address};
use crate::tracee::stop::{Registers, Stopped, Until};

const PAGE_BYTES: u64 = 4096;
/// From sys/mman.h: reading, writing and executing.
const ALL_ACCESS: u64 = (libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC) as u64;
const READ_WRITE: u64 = (libc::PROT_READ | libc::PROT_WRITE) as u64;

/// An instruction at which a tracee is stopped, on a closed page.
#[derive(Debug)]
pub(super) struct SharedAccess {
    pub operation: Operation,
    access: Access,
    registers: Registers,
    code: Vec<u8>,
    /// For the second half of a read-modify-write: what the first half read.
    old: Option<Vec<u8>>,
}

impl Run<'_> {
    /// Closes the shared pages of a process that is about to have company.
    pub(super) fn close_shared(
        &mut self,
        index: usize,
        stopped: Stopped,
        at: At,
    ) -> Result<Stopped, EngineError> {
        let process = self.book.process_of(index);
        let open = self.book.processes[process].mappings.open();
        if open.is_empty() || !self.setup.shared_points() {
            return Ok(stopped);
        }
        let site = self.book.processes[process].site;
        let with_copies = self.book.processes[process].copies.is_none();
        let closed = Injection::begin(stopped, at, site).and_then(|mut injection| {
            let mut copies = None;
            if with_copies {
                let (further, pages) = scratch_pages(injection)?;
                injection = further;
                copies = Some(Copies::new(pages));
            }
            let mut aliases = Vec::new();
            for (start, mapping) in open {
                let (further, alias) = close(injection, start, mapping)?;
                injection = further;
                aliases.push((start, alias));
            }
            Ok((injection.finish()?, copies, aliases))
        });
        let (stopped, copies, aliases) = closed.map_err(doing("close shared memory"))?;
        let process = &mut self.book.processes[process];
        process.copies = process.copies.take().or(copies);
        for (start, alias) in aliases {
            process.mappings.set_alias(start, alias);
        }
        Ok(stopped)
    }

    /// Opens the shared pages of a process that is about to die with robust
    /// mutexes: the kernel cannot walk their list on closed pages.
    pub(super) fn open_for_death(
        &mut self,
        index: usize,
        stopped: Stopped,
        at: At,
    ) -> Result<Stopped, EngineError> {
        let process = &self.book.processes[self.book.process_of(index)];
        let closed = process.mappings.closed();
        if closed.is_empty() || !holds_robust_mutex(&stopped) {
            return Ok(stopped);
        }
        let opened = Injection::begin(stopped, at, process.site).and_then(|mut injection| {
            for (start, mapping) in closed {
                let arguments = [start, mapping.length, READ_WRITE, 0, 0, 0];
                (injection, _) = injection.call(libc::SYS_mprotect, arguments)?;
            }
            injection.finish()
        });
        opened.map_err(doing("open shared memory"))
    }

    /// The access that raised the SIGSEGV at which a tracee is stopped, if it
    /// is one to a closed page.
    pub(super) fn refused(
        &mut self,
        index: usize,
        stopped: &Stopped,
    ) -> Result<Option<Pending>, EngineError> {
        let process = &self.book.processes[self.book.process_of(index)];
        let address = refused_address(stopped).map_err(doing("read a fault's address"))?;
        if address
            .and_then(|address| process.mappings.alias(address))
            .is_none()
        {
            return Ok(None);
        }
        let registers = stopped.registers().map_err(doing("read registers"))?;
        let code = code(stopped, registers.rip).map_err(doing("read an instruction"))?;
        let unsupported = |what: String| EngineError::Unsupported {
            task: self.book.tracees[index].name,
            what,
        };
        let access = decode(&registers, &code).map_err(|what| unsupported(what.to_string()))?;
        let shared = |reference: &&Reference| process.mappings.alias(reference.address).is_some();
        let mut references = access.references().iter().filter(shared);
        let (Some(&reference), None) = (references.next(), references.next()) else {
            return Err(unsupported(
                "an instruction on two shared places at once".to_owned(),
            ));
        };
        let call = match reference.effect {
            Effect::Load | Effect::ReadModifyWrite => Kind::Load,
            Effect::Store => Kind::Store,
            Effect::Update => Kind::Update,
        };
        let operation = self.operation(index, call, reference);
        let mut tracee = &mut self.book.tracees[index];
        tracee = note_state(tracee, &registers);
        let _ = tracee;
        Ok(Some(Pending::Access(Box::new(SharedAccess {
            operation,
            access,
            registers,
            code,
            old: None,
        }))))
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
        Operation {
            call,
            object,
            amount: Some(reference.bytes),
            extent: Extent::Whole,
        }
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
        let Some(&reference) = shared
            .access
            .references()
            .iter()
            .find(|reference| process.mappings.alias(reference.address).is_some())
        else {
            // Unmapped since by another thread: let the program see its fault.
            return self.go_on(index, stopped);
        };
        let there = process
            .mappings
            .alias(reference.address)
            .unwrap_or(reference.address);
        let moved = shared
            .access
            .move_plainly(&stopped, &shared.registers, there);
        if moved.map_err(doing("carry an instruction out"))? {
            return self.go_on(index, stopped);
        }
        let reads = matches!(reference.effect, Effect::Update | Effect::ReadModifyWrite);
        let before = if reads {
            peek(&stopped, there, reference)
        } else {
            Vec::new()
        };
        if reference.effect == Effect::ReadModifyWrite && shared.old.is_none() {
            shared.old = Some(before);
            shared.operation = self.operation(index, Kind::Store, reference);
            self.book.tracees[index].state =
                State::Ready(stopped, Pending::Access(Box::new(shared)));
            return Ok(());
        }
        let Some(mut copies) = process.copies.take() else {
            return self.go_on(index, stopped);
        };
        let mappings = &process.mappings;
        let translate = |address| mappings.alias(address);
        let carried = match &shared.old {
            Some(old) => copies.write_back(
                stopped,
                &shared.registers,
                &shared.access,
                &shared.code,
                old,
                &translate,
            ),
            None => copies.carry_out(
                stopped,
                &shared.registers,
                &shared.access,
                &shared.code,
                &translate,
            ),
        };
        process.copies = Some(copies);
        match carried.map_err(doing("carry an instruction out"))? {
            Carried::Done(stopped) => {
                self.unchanged = reference.effect == Effect::Update
                    && peek(&stopped, there, reference) == before;
                self.go_on(index, stopped)
            }
            Carried::Raised(stopped, signal) => {
                let running = stopped
                    .resume(Until::NextStop, signal)
                    .map_err(doing("deliver a signal"))?;
                self.advance(index, running)
            }
        }
    }

    /// Points a call's arguments at the open mapping; true if any was changed.
    pub(super) fn redirect(
        &self,
        index: usize,
        stopped: &Stopped,
        registers: Registers,
    ) -> Result<Option<Registers>, EngineError> {
        let mappings = &self.book.processes[self.book.process_of(index)].mappings;
        let moved = arguments(&registers).map(|argument| mappings.alias(argument));
        if moved.iter().all(Option::is_none) {
            return Ok(None);
        }
        let mut changed = registers;
        let places = [
            &mut changed.rdi,
            &mut changed.rsi,
            &mut changed.rdx,
            &mut changed.r10,
            &mut changed.r8,
            &mut changed.r9,
        ];
        for (place, moved) in places.into_iter().zip(moved) {
            *place = moved.unwrap_or(*place);
        }
        stopped
            .set_registers(&changed)
            .map_err(doing("redirect a call"))?;
        Ok(Some(registers))
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

fn note_state<'a>(
    tracee: &'a mut super::tracees::Tracee,
    registers: &Registers,
) -> &'a mut super::tracees::Tracee {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    let r = registers;
    [
        r.rip, r.rax, r.rbx, r.rcx, r.rdx, r.rsi, r.rdi, r.rbp, r.rsp, r.r8, r.r9, r.r10, r.r12,
        r.r13, r.r14, r.r15,
    ]
    .hash(&mut hasher);
    tracee.spinning = !tracee.seen.insert(hasher.finish());
    tracee
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

/// The bytes of an instruction and what follows on its page.
fn code(stopped: &Stopped, rip: u64) -> io::Result<Vec<u8>> {
    let mut code = vec![0; INSTRUCTION_MAX_BYTES];
    if stopped.read(rip, &mut code).is_err() {
        code.truncate((PAGE_BYTES - rip % PAGE_BYTES) as usize);
        stopped.read(rip, &mut code)?;
    }
    Ok(code)
}

/// Makes a second mapping of the same pages and closes the first.
fn close(injection: Injection, start: u64, mapping: Mapping) -> io::Result<(Injection, u64)> {
    let again = [start, 0, mapping.length, libc::MREMAP_MAYMOVE as u64, 0, 0];
    let (injection, alias) = injection.call(libc::SYS_mremap, again)?;
    let alias = u64::try_from(alias).map_err(|_| io::Error::other("mremap failed"))?;
    let arguments = [start, mapping.length, libc::PROT_NONE as u64, 0, 0, 0];
    let (injection, result) = injection.call(libc::SYS_mprotect, arguments)?;
    if result != 0 {
        return Err(io::Error::other("mprotect failed"));
    }
    Ok((injection, alias))
}

fn scratch_pages(injection: Injection) -> io::Result<(Injection, Pages)> {
    let flags = (libc::MAP_PRIVATE | libc::MAP_ANONYMOUS) as u64;
    let arguments = [0, 2 * PAGE_BYTES, ALL_ACCESS, flags, u64::MAX, 0];
    let (injection, code) = injection.call(libc::SYS_mmap, arguments)?;
    let code = u64::try_from(code).map_err(|_| io::Error::other("mmap failed"))?;
    Ok((
        injection,
        Pages {
            code,
            data: code + PAGE_BYTES,
        },
    ))
}

/// Offset of `list_op_pending` in struct robust_list_head (linux/futex.h).
const PENDING_OFFSET: u64 = 16;

/// True if the thread has told the kernel of a robust list
/// (get_robust_list(2)) that is not empty, so that its head does not point to
/// itself, or of a mutex that it is just taking or leaving.
fn holds_robust_mutex(stopped: &Stopped) -> bool {
    let read = |address: u64| stopped.read_u64(address).ok();
    stopped.robust_list_head().is_some_and(|head| {
        read(head).is_some_and(|first| first != head)
            || read(head + PENDING_OFFSET).is_some_and(|pending| pending != 0)
    })
}
