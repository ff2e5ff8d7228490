//! A mutex between processes that survives the death of its holder.

use std::mem::{self, MaybeUninit};

use libc::{c_int, pthread_mutex_t, pthread_mutexattr_t};
use nix::errno::Errno;

use crate::slot::{Slot, check};

/// The value in Linux's <pthread.h>, glibc's and musl's alike; the libc crate
/// has the function but not the constant.
const PTHREAD_MUTEX_ROBUST: c_int = 1;

/// A POSIX mutex to be put into shared memory.
#[derive(Debug)]
pub struct RobustMutex(Slot<pthread_mutex_t>);

impl RobustMutex {
    /// Room for a mutex, to be moved to its place and then initialised.
    pub const fn uninitialised() -> Self {
        Self(Slot::empty())
    }

    /// Makes it a mutex, unlocked.
    ///
    /// REPAIR (the process-shared mutex):
    /// - PTHREAD_PROCESS_SHARED: by default a mutex works only between the
    ///   threads of the process that initialised it; used from another one,
    ///   its behaviour is undefined (pthread_mutexattr_setpshared(3)). On Linux
    ///   the loss is a wake-up: glibc then sleeps on a private futex, which is
    ///   found by its address in one process, and a waiter in another process
    ///   sleeps for ever (futex(2), FUTEX_PRIVATE_FLAG).
    /// - PTHREAD_MUTEX_ROBUST: if the holder dies without it, all who wait
    ///   for the mutex wait for ever (pthread_mutexattr_setrobust(3)).
    ///
    /// # Safety
    ///
    /// At its final place in memory, once, by one process, before any other
    /// can reach it: a second initialisation would throw away who holds it and
    /// who waits.
    pub unsafe fn initialise(&self) -> Result<(), Errno> {
        let mut attributes = MaybeUninit::<pthread_mutexattr_t>::uninit();
        let attributes = attributes.as_mut_ptr();
        // SAFETY: `attributes` is initialised first and destroyed last, and
        // the mutex is ours alone, by this function's own contract.
        unsafe {
            check(libc::pthread_mutexattr_init(attributes))?;
            let done = check(libc::pthread_mutexattr_setpshared(
                attributes,
                libc::PTHREAD_PROCESS_SHARED,
            ))
            .and_then(|()| {
                check(libc::pthread_mutexattr_setrobust(
                    attributes,
                    PTHREAD_MUTEX_ROBUST,
                ))
            })
            .and_then(|()| check(libc::pthread_mutex_init(self.0.raw(), attributes)));
            libc::pthread_mutexattr_destroy(attributes);
            done
        }
    }

    /// Waits until nobody else holds the mutex, and holds it.
    ///
    /// If the last holder died, this process calls `repair` first, to put in
    /// order what the mutex protects. If that fails, the mutex becomes unusable
    /// for all, who get ENOTRECOVERABLE: better no line than one behind half a
    /// line.
    ///
    /// A signal does not make this return early: "the thread shall resume
    /// waiting for the mutex as if it was not interrupted" (POSIX,
    /// pthread_mutex_lock()). So there is no EINTR to retry.
    pub fn lock(&self, repair: impl FnOnce() -> Result<(), Errno>) -> Result<Guard<'_>, Errno> {
        // SAFETY: initialised before anybody could get here.
        let locked = unsafe { libc::pthread_mutex_lock(self.0.raw()) };
        self.held(locked, repair)
    }

    /// What it means that `locked` was the answer of a function that returns
    /// with the mutex held: pthread_mutex_lock, pthread_cond_wait.
    fn held(
        &self,
        locked: c_int,
        repair: impl FnOnce() -> Result<(), Errno>,
    ) -> Result<Guard<'_>, Errno> {
        match locked {
            0 => Ok(Guard(self)),
            // REPAIR (bonus): EOWNERDEAD is no failure, we do hold the mutex;
            // who does not unlock it now makes the others wait for ever. And
            // who unlocks it without pthread_mutex_consistent makes it
            // unusable (pthread_mutexattr_setrobust(3)).
            libc::EOWNERDEAD => {
                let guard = Guard(self);
                repair()?;
                // SAFETY: we hold the mutex, and it waits to be made consistent.
                check(unsafe { libc::pthread_mutex_consistent(self.0.raw()) })?;
                Ok(guard)
            }
            error => Err(Errno::from_raw(error)),
        }
    }

    /// Ends the mutex.
    ///
    /// # Safety
    ///
    /// No process holds it, waits for it or will ever use it again: all of
    /// that is undefined afterwards (POSIX, pthread_mutex_destroy()).
    pub unsafe fn destroy(&self) {
        // The only error left, EBUSY, is ruled out by the contract.
        // SAFETY: initialised, and not used any more, by the contract.
        unsafe { libc::pthread_mutex_destroy(self.0.raw()) };
    }
}

/// Holds the mutex for as long as it lives, on every way out.
#[derive(Debug)]
#[must_use = "the mutex is unlocked when the guard is dropped"]
pub struct Guard<'a>(&'a RobustMutex);

impl<'a> Guard<'a> {
    /// Gives the mutex to `wait`, which unlocks it, waits for something, and
    /// locks it again: pthread_cond_wait. `repair` is as for
    /// [`lock`](RobustMutex::lock): the holder may have died in the meantime.
    pub(crate) fn lend(
        self,
        wait: impl FnOnce(*mut pthread_mutex_t) -> c_int,
        repair: impl FnOnce() -> Result<(), Errno>,
    ) -> Result<Self, Errno> {
        let mutex: &'a RobustMutex = self.0;
        // From here on `wait` decides who holds it, and tells by its answer.
        mem::forget(self);
        mutex.held(wait(mutex.0.raw()), repair)
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        // SAFETY: this process locked it and has not unlocked it since.
        unsafe { libc::pthread_mutex_unlock(self.0.0.raw()) };
    }
}
