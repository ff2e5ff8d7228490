//! Room for one of the C library's objects, at a place where it can stay.

use std::cell::UnsafeCell;
use std::mem::MaybeUninit;

use libc::c_int;
use nix::errno::Errno;

/// Room for a `pthread_mutex_t`, a `sem_t` or the like. Whoever has it puts it
/// where it is to stay, in shared memory, and then initialises what is in it.
#[derive(Debug)]
pub struct Slot<T>(UnsafeCell<MaybeUninit<T>>);

// SAFETY: all it gives away is a pointer. What is behind it is made to be used
// by several threads and processes.
unsafe impl<T> Sync for Slot<T> {}

impl<T> Slot<T> {
    /// Nothing in it yet.
    pub const fn empty() -> Self {
        Self(UnsafeCell::new(MaybeUninit::uninit()))
    }

    /// Where the object is, for the C library.
    pub fn raw(&self) -> *mut T {
        self.0.get().cast()
    }
}

/// The pthread functions return the error; they do not set `errno`.
pub fn check(error: c_int) -> Result<(), Errno> {
    match error {
        0 => Ok(()),
        error => Err(Errno::from_raw(error)),
    }
}
