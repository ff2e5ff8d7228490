//! A barrier between processes.

use std::mem::MaybeUninit;

use libc::{pthread_barrier_t, pthread_barrierattr_t};
use nix::errno::Errno;

use crate::slot::{Slot, check};

/// A POSIX barrier to be put into shared memory. It can be used again and
/// again: when the last one has come all go on, and it counts from 0.
#[derive(Debug)]
pub struct Barrier(Slot<pthread_barrier_t>);

impl Barrier {
    /// Room for a barrier, to be moved to its place and then initialised.
    pub const fn uninitialised() -> Self {
        Self(Slot::empty())
    }

    /// Makes it a barrier at which `size` processes wait for each other.
    ///
    /// REPAIR: without PTHREAD_PROCESS_SHARED it works only between the threads
    /// of one process (pthread_barrierattr_setpshared(3p)). On Linux the last
    /// one to come then looks for sleepers in its own process, finds none, and
    /// the others sleep on (futex(2), FUTEX_PRIVATE_FLAG).
    ///
    /// # Safety
    ///
    /// At its final place in memory, once, by one process, before any other
    /// can reach it: who waits at a barrier that is initialised again is
    /// forgotten.
    pub unsafe fn initialise(&self, size: u32) -> Result<(), Errno> {
        let mut attributes = MaybeUninit::<pthread_barrierattr_t>::uninit();
        let attributes = attributes.as_mut_ptr();
        // SAFETY: `attributes` is initialised first and destroyed last, and
        // the object is ours alone, by this function's own contract.
        unsafe {
            check(libc::pthread_barrierattr_init(attributes))?;
            let done = check(libc::pthread_barrierattr_setpshared(
                attributes,
                libc::PTHREAD_PROCESS_SHARED,
            ))
            .and_then(|()| check(libc::pthread_barrier_init(self.0.raw(), attributes, size)));
            libc::pthread_barrierattr_destroy(attributes);
            done
        }
    }

    /// Waits until as many processes as the barrier is made for have come.
    ///
    /// A signal does not make this return early: a thread "shall resume
    /// waiting at the barrier if the barrier wait has not completed" (POSIX,
    /// pthread_barrier_wait()). So there is no EINTR to retry. What it returns,
    /// 0 or PTHREAD_BARRIER_SERIAL_THREAD, picks one of those who waited; we
    /// need none. The only error is for a barrier that is none.
    pub fn wait(&self) {
        // SAFETY: initialised before anybody could get here.
        unsafe { libc::pthread_barrier_wait(self.0.raw()) };
    }

    /// Ends the barrier.
    ///
    /// # Safety
    ///
    /// No process waits or will ever use it again, and none has died waiting:
    /// glibc counts that one as not yet gone, and waits until it has.
    pub unsafe fn destroy(&self) {
        // SAFETY: initialised, and not used any more, by the contract.
        unsafe { libc::pthread_barrier_destroy(self.0.raw()) };
    }
}
