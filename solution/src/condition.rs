//! A condition variable between processes.

use std::mem::MaybeUninit;

use libc::{pthread_cond_t, pthread_condattr_t};
use nix::errno::Errno;

use crate::mutex::Guard;
use crate::slot::{Slot, check};

/// A POSIX condition variable to be put into shared memory. What is waited for
/// is behind a [`RobustMutex`](crate::mutex::RobustMutex), the same for all.
///
/// It is not robust as the mutex is: POSIX has no EOWNERDEAD for a process that
/// dies inside one of these functions, and what glibc notes down about its
/// waiters then stays wrong for ever. The next broadcast may wait for a waiter
/// that is dead. So who survives such a death must not count on being woken.
#[derive(Debug)]
pub struct Condition(Slot<pthread_cond_t>);

impl Condition {
    /// Room for a condition variable, to be moved to its place and then
    /// initialised.
    pub const fn uninitialised() -> Self {
        Self(Slot::empty())
    }

    /// Makes it a condition variable, with nobody waiting.
    ///
    /// REPAIR: without PTHREAD_PROCESS_SHARED it works only between the threads
    /// of one process (pthread_condattr_setpshared(3p)). On Linux a broadcast
    /// then wakes the waiters of the broadcaster's own process, of which there
    /// are none, and all others sleep on (futex(2), FUTEX_PRIVATE_FLAG).
    ///
    /// # Safety
    ///
    /// At its final place in memory, once, by one process, before any other
    /// can reach it.
    pub unsafe fn initialise(&self) -> Result<(), Errno> {
        let mut attributes = MaybeUninit::<pthread_condattr_t>::uninit();
        let attributes = attributes.as_mut_ptr();
        // SAFETY: `attributes` is initialised first and destroyed last, and
        // the object is ours alone, by this function's own contract.
        unsafe {
            check(libc::pthread_condattr_init(attributes))?;
            let done = check(libc::pthread_condattr_setpshared(
                attributes,
                libc::PTHREAD_PROCESS_SHARED,
            ))
            .and_then(|()| check(libc::pthread_cond_init(self.0.raw(), attributes)));
            libc::pthread_condattr_destroy(attributes);
            done
        }
    }

    /// Unlocks the mutex, waits to be woken, locks it again.
    ///
    /// REPAIR: unlocking and beginning to wait are one step for all who take
    /// the mutex to change what is waited for (POSIX, pthread_cond_wait()):
    /// between the two no broadcast can be missed. Woken means only that it is
    /// time to look again: others may have been faster, a signal handler may
    /// have run, or it was for nothing at all ("spurious wakeups from the
    /// pthread_cond_timedwait() or pthread_cond_wait() functions may occur").
    ///
    /// If the mutex's last holder died, `repair` is called as by
    /// [`lock`](crate::mutex::RobustMutex::lock): pthread_cond_wait tells of
    /// EOWNERDEAD too, and does hold the mutex then.
    pub fn wait<'a>(
        &self,
        guard: Guard<'a>,
        repair: impl FnOnce() -> Result<(), Errno>,
    ) -> Result<Guard<'a>, Errno> {
        guard.lend(
            // SAFETY: both are initialised, and the guard says that we hold
            // the mutex.
            |mutex| unsafe { libc::pthread_cond_wait(self.0.raw(), mutex) },
            repair,
        )
    }

    /// Wakes all who wait.
    pub fn broadcast(&self) {
        // POSIX has no error for an initialised condition variable.
        // SAFETY: initialised before anybody could get here.
        unsafe { libc::pthread_cond_broadcast(self.0.raw()) };
    }

    /// Ends the condition variable.
    ///
    /// # Safety
    ///
    /// No process waits or will ever use it again, and none has died waiting:
    /// glibc counts that one as a waiter still, and waits until it has gone.
    pub unsafe fn destroy(&self) {
        // SAFETY: initialised, and not used any more, by the contract.
        unsafe { libc::pthread_cond_destroy(self.0.raw()) };
    }
}
