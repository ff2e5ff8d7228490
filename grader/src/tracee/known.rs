//! What is known of a stopped tracee's memory, read in stretches and written back
//! at once.

use std::cell::RefCell;
use std::io;

use super::memory::Memory;
use super::stop::{Registers, Stopped};

/// What is read together, aligned.
const LINE_BYTES: u64 = 64;
/// Of the stack, so much from below its pointer on is read at once.
const BELOW_BYTES: u64 = 512;
const STACK_BYTES: u64 = 1536;
/// Of what is at the thread pointer: as far as the C libraries keep there what
/// their locks look at (glibc, `struct pthread` in nptl/descr.h).
const THREAD_BYTES: u64 = 832;
/// The longest that is written at once.
const WORD_BYTES: usize = 8;

/// What has been read of a tracee's memory. It stays true for as long as nobody
/// runs.
#[derive(Debug, Default)]
pub struct Known(RefCell<Vec<Chunk>>);

/// The same with the tracee at hand, for instructions to work on. What they
/// write is held back until [`Memory::keep`].
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    stopped: &'a Stopped,
    known: &'a Known,
}

#[derive(Debug)]
struct Chunk {
    start: u64,
    bytes: Vec<u8>,
    /// What has been written and not written back, in order.
    written: Vec<Written>,
}

/// A few bytes of a chunk that have been written.
#[derive(Debug, Clone, Copy)]
struct Written {
    offset: usize,
    length: usize,
    before: [u8; WORD_BYTES],
}

impl Chunk {
    const fn new(start: u64, bytes: Vec<u8>) -> Self {
        Self {
            start,
            bytes,
            written: Vec::new(),
        }
    }

    /// Where these bytes are in it, if it has all of them.
    fn offset(&self, address: u64, length: usize) -> Option<usize> {
        let offset = usize::try_from(address.checked_sub(self.start)?).ok()?;
        (offset.checked_add(length)? <= self.bytes.len()).then_some(offset)
    }

    fn write(&mut self, offset: usize, bytes: &[u8]) -> io::Result<()> {
        let length = bytes.len();
        let mut before = [0; WORD_BYTES];
        let kept = before.get_mut(..length).ok_or(io::ErrorKind::Unsupported)?;
        let place = &mut self.bytes[offset..offset + length];
        kept.copy_from_slice(place);
        place.copy_from_slice(bytes);
        self.written.push(Written {
            offset,
            length,
            before,
        });
        Ok(())
    }

    /// What has been written: where, and the bytes as they are now.
    fn pieces(&self) -> impl Iterator<Item = (u64, &[u8])> {
        self.written.iter().map(|written| {
            let end = written.offset + written.length;
            let place = self.start + written.offset as u64;
            (place, &self.bytes[written.offset..end])
        })
    }
}

impl Known {
    /// Reads what code is likely to look at: its stack and what its thread
    /// pointer points to.
    #[must_use]
    pub fn around(stopped: &Stopped, registers: &Registers) -> Self {
        let aligned = |address: u64| address & !(LINE_BYTES - 1);
        let starts = [
            aligned(registers.rsp.saturating_sub(BELOW_BYTES)),
            aligned(registers.fs_base),
        ];
        let lengths = [STACK_BYTES, THREAD_BYTES];
        let apart = starts[0] + lengths[0] <= starts[1] || starts[1] + lengths[1] <= starts[0];
        let mut buffers = lengths.map(|length| vec![0; length as usize]);
        let [stack, thread] = &mut buffers;
        let there = match apart {
            true => stopped.read_two(starts, [stack, thread]),
            false => [false; 2],
        };
        let read = starts.into_iter().zip(buffers).zip(there);
        let chunks = read
            .filter(|(_, there)| *there)
            .map(|((start, bytes), _)| Chunk::new(start, bytes));
        Self(RefCell::new(chunks.collect()))
    }

    /// Fills `buffer`, if all of it is known; false otherwise.
    #[must_use]
    pub fn recall(&self, address: u64, buffer: &mut [u8]) -> bool {
        let chunks = self.0.borrow();
        let length = buffer.len();
        let found = chunks
            .iter()
            .find_map(|chunk| Some((chunk, chunk.offset(address, length)?)));
        match found {
            Some((chunk, offset)) => {
                buffer.copy_from_slice(&chunk.bytes[offset..offset + length]);
                true
            }
            None => false,
        }
    }
}

impl<'a> View<'a> {
    pub const fn new(stopped: &'a Stopped, known: &'a Known) -> Self {
        Self { stopped, known }
    }

    /// Has `work` done with the bytes at an address.
    fn with<T>(
        &self,
        address: u64,
        length: usize,
        work: impl FnOnce(&mut Chunk, usize) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut chunks = self.known.0.borrow_mut();
        let known = chunks
            .iter_mut()
            .find_map(|chunk| Some((chunk.offset(address, length)?, chunk)));
        if let Some((offset, chunk)) = known {
            return work(chunk, offset);
        }
        let start = address & !(LINE_BYTES - 1);
        let mut bytes = vec![0; LINE_BYTES as usize];
        self.stopped.read(start, &mut bytes)?;
        let mut line = Chunk::new(start, bytes);
        // Across two lines: not worth the trouble.
        let offset = line.offset(address, length);
        let done = work(&mut line, offset.ok_or(io::ErrorKind::Unsupported)?);
        chunks.push(line);
        done
    }
}

impl Memory for View<'_> {
    fn get(&self, address: u64, buffer: &mut [u8]) -> io::Result<()> {
        let length = buffer.len();
        self.with(address, length, |chunk, offset| {
            buffer.copy_from_slice(&chunk.bytes[offset..offset + length]);
            Ok(())
        })
    }

    fn put(&self, address: u64, bytes: &[u8]) -> io::Result<()> {
        self.with(address, bytes.len(), |chunk, offset| {
            chunk.write(offset, bytes)
        })
    }

    fn keep(&self) -> io::Result<()> {
        let mut chunks = self.known.0.borrow_mut();
        let pieces: Vec<_> = chunks.iter().flat_map(Chunk::pieces).collect();
        if pieces.is_empty() {
            return Ok(());
        }
        if !self.stopped.write_all(&pieces) {
            for chunk in chunks.iter() {
                for written in chunk.written.iter().rev() {
                    let place = chunk.start + written.offset as u64;
                    // What could not be written before is as it was.
                    let before = &written.before[..written.length];
                    let _ = self.stopped.write(place, before);
                }
            }
            // It does not hold any more.
            chunks.clear();
            return Err(io::Error::from_raw_os_error(libc::EFAULT));
        }
        for chunk in chunks.iter_mut() {
            chunk.written.clear();
        }
        Ok(())
    }
}
