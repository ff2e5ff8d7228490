//! Calls whose arguments point into shared memory: what of it they read and
//! write, and pointing them at the open mapping.

use libc::c_long;

use super::call::{self, arguments};
use super::decode::{Decoded, Hidden};
use super::error::{EngineError, doing};
use super::mappings::Mappings;
use super::pointers::{UNKNOWN, buffer, is_pointer, is_transfer, is_vector, name, points_further};
use super::step::Run;
use crate::operation::{Call as Kind, Extent, Object, Operation, Touch, Use};
use crate::tracee::proc;
use crate::tracee::stop::{Registers, Stopped};

impl Run<'_> {
    /// A decoded call with the shared memory that it reads and writes; one
    /// that only does that is a scheduling point too.
    pub(super) fn with_memory(
        &mut self,
        index: usize,
        stopped: &Stopped,
        registers: &Registers,
        decoded: Decoded,
    ) -> Result<Decoded, EngineError> {
        let process = self.book.process_of(index);
        if call::number(registers) == libc::SYS_shmat && self.setup.shared_points() {
            // Shared memory that is not mapped by mmap(2) is not seen.
            return Err(EngineError::Unsupported {
                task: self.book.tracees[index].name,
                what: "shmat".to_owned(),
            });
        }
        let mut memory = self.pointed_at(index, stopped, registers)?;
        if let Decoded::Visible(call) = &decoded {
            memory.extend(self.mapped_file(stopped, registers, &call.operation));
        }
        let Some(first) = memory.first() else {
            return Ok(decoded);
        };
        match decoded {
            Decoded::Visible(mut call) => {
                call.operation.memory = memory;
                Ok(Decoded::Visible(call))
            }
            Decoded::Hidden(hidden) => {
                if let Hidden::Action(signal, handler) = hidden {
                    self.book.processes[process].signals.set(signal, handler);
                }
                let kind = match first.used {
                    Use::Read => Kind::Load,
                    Use::Written => Kind::Store,
                };
                let object = Object::Shared {
                    mapping: first.mapping,
                    offset: first.start,
                };
                let amount = first.end.saturating_sub(first.start);
                let mut operation = Operation::new(kind, object, Some(amount));
                operation.memory = memory;
                self.book.tracees[index].spinning = false;
                Ok(Decoded::Visible(Box::new(call::Call::of_memory(
                    *registers, operation,
                ))))
            }
        }
    }

    /// What of shared memory the arguments of a call point at.
    fn pointed_at(
        &self,
        index: usize,
        stopped: &Stopped,
        registers: &Registers,
    ) -> Result<Vec<Touch>, EngineError> {
        let mappings = &self.book.processes[self.book.process_of(index)].mappings;
        if !mappings.any_closed() {
            return Ok(Vec::new());
        }
        let (number, a) = (call::number(registers), arguments(registers));
        let unsupported = |what: &str| EngineError::Unsupported {
            task: self.book.tracees[index].name,
            what: format!("{what} of {}", name(number)),
        };
        let mut memory = Vec::new();
        for argument in 0..a.len() {
            let address = a[argument];
            let (bytes, used) = buffer(number, argument, &a);
            let transfer = is_transfer(number) && argument == 1;
            if transfer && is_cut(mappings, address, bytes) {
                return Err(unsupported("a buffer across the end of shared memory"));
            }
            if mappings.alias(address).is_none() || !is_pointer(number, argument, &a) {
                continue;
            }
            memory.extend(touches(mappings, address, bytes, used));
        }
        if is_vector(number) {
            // What is read from the file is written to memory.
            let used = match number {
                libc::SYS_readv | libc::SYS_preadv | libc::SYS_preadv2 => Some(Use::Written),
                _ => Some(Use::Read),
            };
            for (base, length) in call::vector(stopped, registers).unwrap_or_default() {
                let length = Some(length);
                if is_cut(mappings, base, length) {
                    return Err(unsupported("a buffer across the end of shared memory"));
                }
                if mappings.alias(base).is_some() {
                    memory.extend(touches(mappings, base, length, used));
                }
            }
        }
        if points_further(number, stopped, &a, mappings) {
            return Err(unsupported(
                "a pointer into shared memory behind an argument",
            ));
        }
        Ok(memory)
    }

    /// What of shared memory is a file that a call reads or changes.
    fn mapped_file(
        &self,
        stopped: &Stopped,
        registers: &Registers,
        operation: &Operation,
    ) -> Option<Touch> {
        if self.objects.is_empty() || !self.forked() {
            return None;
        }
        let number = call::number(registers);
        let used = match (operation.call, operation.extent) {
            (_, Extent::Bytes { start, end }) if start == end => return None,
            (_, Extent::Existence) => return None,
            (Kind::Read, _) => Use::Read,
            (Kind::Write | Kind::Change | Kind::Open, _) => Use::Written,
            _ => return None,
        };
        let a = arguments(registers);
        let identity = match (operation.call, &operation.object) {
            (Kind::Change | Kind::Open, Object::Path(path)) if number != libc::SYS_ftruncate => {
                proc::path_identity(&self.naming.full(path.as_ref()))
            }
            _ => {
                let fd = if number == libc::SYS_copy_file_range {
                    a[2]
                } else {
                    a[0]
                };
                proc::file_identity(stopped.tid(), fd.cast_signed())
            }
        };
        let mapping = *self.objects.get(&identity?)?;
        let (start, end) = match operation.extent {
            Extent::Bytes { start, end } => (start, end),
            Extent::Whole | Extent::Append | Extent::Existence => (0, u64::MAX),
        };
        Some(Touch {
            mapping,
            start,
            end,
            used,
        })
    }

    /// A call that could not get at its arguments, where that may be because
    /// they lead to closed memory in a way that is not known here.
    pub(super) fn refuse_unknown_pointers(
        &self,
        index: usize,
        number: c_long,
        result: i64,
    ) -> Result<(), EngineError> {
        let closed = self.book.processes[self.book.process_of(index)]
            .mappings
            .any_closed();
        if !closed || result != -i64::from(libc::EFAULT) || !UNKNOWN.contains(&number) {
            return Ok(());
        }
        Err(EngineError::Unsupported {
            task: self.book.tracees[index].name,
            what: format!(
                "{} with what may be a pointer into shared memory",
                name(number)
            ),
        })
    }

    /// Points a call's arguments at the open mapping; the registers as they
    /// were, if any was changed.
    pub(super) fn redirect(
        &self,
        index: usize,
        stopped: &Stopped,
    ) -> Result<Option<Registers>, EngineError> {
        let process = &self.book.processes[self.book.process_of(index)];
        let mappings = &process.mappings;
        if !mappings.any_closed() {
            return Ok(None);
        }
        let registers = stopped.registers().map_err(doing("read registers"))?;
        let number = call::number(&registers);
        let mut changed = registers;
        let places = [
            &mut changed.rdi,
            &mut changed.rsi,
            &mut changed.rdx,
            &mut changed.r10,
            &mut changed.r8,
            &mut changed.r9,
        ];
        for (argument, place) in places.into_iter().enumerate() {
            if is_pointer(number, argument, &arguments(&registers)) {
                *place = mappings.alias(*place).unwrap_or(*place);
            }
        }
        if is_vector(number)
            && let Some(pages) = process.copies.as_ref().map(|copies| copies.pages())
        {
            let vector = call::vector(stopped, &registers).unwrap_or_default();
            if vector
                .iter()
                .any(|(base, _)| mappings.alias(*base).is_some())
            {
                let moved = vector.iter().flat_map(|(base, length)| {
                    let base = mappings.alias(*base).unwrap_or(*base);
                    [base.to_ne_bytes(), length.to_ne_bytes()].concat()
                });
                let bytes: Vec<u8> = moved.collect();
                changed.rsi = pages.vector();
                stopped
                    .write(changed.rsi, &bytes)
                    .map_err(doing("redirect a vector"))?;
            }
        }
        if arguments(&changed) == arguments(&registers) {
            return Ok(None);
        }
        stopped.set_registers(&changed);
        Ok(Some(registers))
    }
}

/// A stretch of shared memory as one or two touches, cut at the end of what
/// can be got at together.
fn touches(mappings: &Mappings, address: u64, bytes: Option<u64>, used: Option<Use>) -> Vec<Touch> {
    let most = mappings.bytes_together(address);
    let Some(place) = mappings.find(address) else {
        return Vec::new();
    };
    let touch = |used| Touch {
        mapping: place.mapping,
        start: place.offset,
        end: place.offset + bytes.unwrap_or(most).min(most),
        used,
    };
    match used {
        Some(used) => vec![touch(used)],
        None => vec![touch(Use::Written), touch(Use::Read)],
    }
}

/// True if a buffer is shared memory in part only, or in several mappings.
fn is_cut(mappings: &Mappings, address: u64, bytes: Option<u64>) -> bool {
    let bytes = bytes.unwrap_or(1);
    mappings.touches_closed(address, bytes) && mappings.bytes_together(address) < bytes
}
