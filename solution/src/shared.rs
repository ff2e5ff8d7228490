//! Memory that a process shares with the children it forks.

use std::num::NonZeroUsize;
use std::ops::Deref;
use std::ptr::NonNull;

use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous, munmap};

use crate::failure::Failure;

/// What may be put into shared memory.
///
/// # Safety
///
/// The value must mean the same in every process: no pointer to memory that is
/// not itself shared (so no `Vec`, no `String`), and what changes in it must be
/// an atomic or behind a lock that works between processes.
pub unsafe trait Shareable: Sync {}

/// A `T` in memory that is shared with all children forked later.
///
/// REPAIR (the shared mapping): after a fork every variable exists once in
/// each process (fork(2): the child's memory is a copy), and so would a mutex:
/// each process would take its own and nobody would ever wait. A MAP_SHARED
/// mapping is inherited by `fork` as the same memory, "updates to the mapping
/// are visible to other processes mapping the same region" (mmap(2)). It has to
/// exist before the first fork: mapped after it, anonymous memory is a
/// different piece in each process.
///
/// A child that ends by `_exit` never drops its `Shared`, and need not: its
/// mappings end with it.
#[derive(Debug)]
pub struct Shared<T: Shareable> {
    place: NonNull<T>,
}

impl<T: Shareable> Shared<T> {
    /// Maps memory for `value` and moves it there. From now on it stays where
    /// it is: a mutex must not be moved once it has been initialised.
    pub fn new(value: T) -> Result<Self, Failure> {
        // SAFETY: a new mapping at a place that the kernel chooses covers
        // nothing that is in use.
        let memory = unsafe {
            mmap_anonymous(
                None,
                Self::LENGTH,
                ProtFlags::PROT_READ | ProtFlags::PROT_WRITE,
                MapFlags::MAP_SHARED,
            )
        }
        .map_err(|errno| Failure::new("cannot map shared memory", errno))?;
        let place = memory.cast::<T>();
        // SAFETY: the mapping is new, writable, long enough, and begins at a
        // page's start, which is aligned for any T.
        unsafe { place.write(value) };
        Ok(Self { place })
    }

    /// Length of the mapping in bytes; the kernel rounds it up to whole pages.
    const LENGTH: NonZeroUsize = NonZeroUsize::new(size_of::<T>()).expect("nothing to share");
}

impl<T: Shareable> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: `new` put a T there, and it stays until `drop`. Other
        // processes change it only in ways that a Shareable T allows for.
        unsafe { self.place.as_ref() }
    }
}

impl<T: Shareable> Drop for Shared<T> {
    fn drop(&mut self) {
        // An error would mean that it is not mapped: nothing to do about it.
        // SAFETY: nobody in this process can reach it any more, and in the
        // others it stays mapped.
        let _ = unsafe { munmap(self.place.cast(), Self::LENGTH.get()) };
    }
}
