//! Right, with a POSIX semaphore in shared memory, whose wait is tried again
//! after EINTR, and a write loop of its own.

#[path = "../common.rs"]
mod common;

use std::cell::UnsafeCell;
use std::ffi::{c_int, c_uint};
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

unsafe extern "C" {
    fn sem_init(semaphore: *mut [u64; 4], shared: c_int, value: c_uint) -> c_int;
    fn sem_wait(semaphore: *mut [u64; 4]) -> c_int;
    fn sem_post(semaphore: *mut [u64; 4]) -> c_int;
}

/// A `sem_t`, which has 32 bytes.
struct Semaphore(UnsafeCell<[u64; 4]>);

// SAFETY: only the C library touches its bytes, and it expects many callers.
unsafe impl Sync for Semaphore {}

impl Semaphore {
    fn down(&self) -> io::Result<()> {
        // SAFETY: the semaphore has been made and is never moved.
        while unsafe { sem_wait(self.0.get()) } != 0 {
            let error = io::Error::last_os_error();
            if error.kind() != ErrorKind::Interrupted {
                return Err(error);
            }
        }
        Ok(())
    }

    fn up(&self) -> io::Result<()> {
        // SAFETY: the semaphore has been made and is never moved.
        match unsafe { sem_post(self.0.get()) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }
}

fn put(file: &mut File, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match file.write(bytes) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => bytes = &bytes[written..],
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn main() -> ExitCode {
    let arguments = common::start();
    // SAFETY: zeroed bytes are as good as any before sem_init.
    let semaphore = unsafe { common::share::<Semaphore>() };
    // SAFETY: nobody else has the semaphore yet.
    if unsafe { sem_init(semaphore.0.get(), 1, 1) } != 0 {
        common::fail("sem_init", &io::Error::last_os_error());
    }
    common::run(&arguments, |path, record| {
        let mut file = common::open(path)?;
        semaphore.down()?;
        let written = put(&mut file, &common::line(record));
        semaphore.up()?;
        written
    })
}
