//! Reading and writing a tracee's memory.

use std::io::{self, IoSlice, IoSliceMut};

use nix::sys::uio::{RemoteIoVec, process_vm_readv, process_vm_writev};

use super::stop::Stopped;
use super::sys;

/// The longest string that is read from a tracee: PATH_MAX.
const STRING_MAX_BYTES: usize = 4096;
const WORD: u64 = 8;

/// Memory that instructions work on.
pub trait Memory {
    /// Fills `buffer` with what is at `address`.
    ///
    /// # Errors
    /// EFAULT if part of it cannot be read.
    fn get(&self, address: u64, buffer: &mut [u8]) -> io::Result<()>;

    /// Puts `bytes` there.
    ///
    /// # Errors
    /// EFAULT if part of it cannot be written.
    fn put(&self, address: u64, bytes: &[u8]) -> io::Result<()>;

    /// Sees to it that what has been put is there.
    ///
    /// # Errors
    /// EFAULT if part of it cannot be written; then none of it is.
    fn keep(&self) -> io::Result<()>;
}

impl Memory for Stopped {
    fn get(&self, address: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.read(address, buffer)
    }

    fn put(&self, address: u64, bytes: &[u8]) -> io::Result<()> {
        self.write(address, bytes)
    }

    fn keep(&self) -> io::Result<()> {
        Ok(())
    }
}

impl Stopped {
    /// Fills `buffer` from the tracee's memory.
    ///
    /// # Errors
    /// EFAULT if part of it is not mapped.
    pub fn read(&self, address: u64, buffer: &mut [u8]) -> io::Result<()> {
        let remote = [RemoteIoVec {
            base: address as usize,
            len: buffer.len(),
        }];
        let wanted = buffer.len();
        match process_vm_readv(self.tid(), &mut [IoSliceMut::new(buffer)], &remote) {
            Ok(got) if got == wanted => Ok(()),
            Ok(_) => Err(io::Error::from_raw_os_error(libc::EFAULT)),
            // Under another uid only ptrace itself has access.
            Err(nix::Error::EPERM) => self.peek(address, buffer),
            Err(error) => Err(error.into()),
        }
    }

    /// True if its memory can be read at all. A program whose file its own user
    /// cannot read is hidden from its tracer as well (execve(2), ptrace(2)).
    #[must_use]
    pub fn is_readable(&self) -> bool {
        let stack = self.registers().map(|registers| registers.rsp);
        stack.is_ok_and(|stack| sys::peek(self.tid().as_raw(), stack).is_ok())
    }

    /// Fills two buffers at once; false for one that cannot be filled.
    pub fn read_two(&self, at: [u64; 2], buffers: [&mut [u8]; 2]) -> [bool; 2] {
        let [first, second] = buffers;
        let lengths = [first.len(), second.len()];
        let remote = [0, 1].map(|which: usize| RemoteIoVec {
            base: at[which] as usize,
            len: lengths[which],
        });
        let mut local = [IoSliceMut::new(first), IoSliceMut::new(second)];
        match process_vm_readv(self.tid(), &mut local, &remote) {
            Ok(got) if got == lengths[0] + lengths[1] => [true, true],
            // Both begin anew: what the second holds says nothing on the first.
            _ => [
                self.read(at[0], first).is_ok(),
                self.read(at[1], second).is_ok(),
            ],
        }
    }

    /// Fills `buffer` as a debugger would: from pages too that the tracee
    /// itself may not read.
    fn read_any(&self, address: u64, buffer: &mut [u8]) -> io::Result<()> {
        match self.read(address, buffer) {
            Err(error) if error.raw_os_error() == Some(libc::EFAULT) => self.peek(address, buffer),
            done => done,
        }
    }

    fn peek(&self, address: u64, buffer: &mut [u8]) -> io::Result<()> {
        let mut at = address;
        for chunk in buffer.chunks_mut(WORD as usize) {
            let word = sys::peek(self.tid().as_raw(), at)?.to_ne_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
            at += WORD;
        }
        Ok(())
    }

    /// Writes `bytes` to the tracee's memory.
    ///
    /// # Errors
    /// EFAULT if part of it is not mapped or not writable.
    pub fn write(&self, address: u64, bytes: &[u8]) -> io::Result<()> {
        let remote = [RemoteIoVec {
            base: address as usize,
            len: bytes.len(),
        }];
        match process_vm_writev(self.tid(), &[IoSlice::new(bytes)], &remote) {
            Ok(put) if put == bytes.len() => Ok(()),
            Ok(_) => Err(io::Error::from_raw_os_error(libc::EFAULT)),
            Err(nix::Error::EPERM) => self.poke(address, bytes),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes several pieces; false if not all could be written.
    pub(super) fn write_all(&self, pieces: &[(u64, &[u8])]) -> bool {
        // As many as the kernel takes at once: UIO_MAXIOV (writev(2)).
        pieces.chunks(1024).all(|some| {
            let remote: Vec<_> = some
                .iter()
                .map(|(base, bytes)| RemoteIoVec {
                    base: *base as usize,
                    len: bytes.len(),
                })
                .collect();
            let local: Vec<_> = some.iter().map(|(_, bytes)| IoSlice::new(bytes)).collect();
            let wanted: usize = some.iter().map(|(_, bytes)| bytes.len()).sum();
            process_vm_writev(self.tid(), &local, &remote) == Ok(wanted)
        })
    }

    fn poke(&self, address: u64, bytes: &[u8]) -> io::Result<()> {
        let mut at = address;
        for chunk in bytes.chunks(WORD as usize) {
            let mut word = sys::peek(self.tid().as_raw(), at)?.to_ne_bytes();
            word[..chunk.len()].copy_from_slice(chunk);
            sys::poke(self.tid().as_raw(), at, u64::from_ne_bytes(word))?;
            at += WORD;
        }
        Ok(())
    }

    /// One 64-bit number, on a closed page too.
    ///
    /// # Errors
    /// EFAULT or EIO if it is not mapped.
    pub fn read_u64(&self, address: u64) -> io::Result<u64> {
        let mut bytes = [0; 8];
        self.read_any(address, &mut bytes)?;
        Ok(u64::from_ne_bytes(bytes))
    }

    /// One 32-bit number, on a closed page too.
    ///
    /// # Errors
    /// As [`Stopped::read_u64`].
    pub fn read_u32(&self, address: u64) -> io::Result<u32> {
        let mut bytes = [0; 4];
        self.read_any(address, &mut bytes)?;
        Ok(u32::from_ne_bytes(bytes))
    }

    /// The bytes up to a NUL, on a closed page too.
    ///
    /// # Errors
    /// As [`Stopped::read_u64`]; ENAMETOOLONG without a NUL in PATH_MAX bytes.
    pub fn read_string(&self, address: u64) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        while text.len() < STRING_MAX_BYTES {
            // Never past the end of a page, the next one may not be there.
            let at = address + text.len() as u64;
            let mut chunk = vec![0; (256 - (at % 256)) as usize];
            self.read_any(at, &mut chunk)?;
            if let Some(end) = chunk.iter().position(|&b| b == 0) {
                text.extend_from_slice(&chunk[..end]);
                return Ok(text);
            }
            text.extend_from_slice(&chunk);
        }
        Err(io::Error::from_raw_os_error(libc::ENAMETOOLONG))
    }
}
