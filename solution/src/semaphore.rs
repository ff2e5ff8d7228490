//! A counting semaphore between processes.

use libc::{c_int, sem_t};
use nix::errno::Errno;

use crate::record::retry;
use crate::slot::Slot;

/// sem_init's word for "between processes": anything but 0 (sem_init(3)).
const BETWEEN_PROCESSES: c_int = 1;

/// A POSIX semaphore to be put into shared memory: so many places, free or
/// taken.
#[derive(Debug)]
pub struct Semaphore(Slot<sem_t>);

impl Semaphore {
    /// Room for a semaphore, to be moved to its place and then initialised.
    pub const fn uninitialised() -> Self {
        Self(Slot::empty())
    }

    /// Makes it a semaphore with this many free places.
    ///
    /// REPAIR: a semaphore that is not made for it works only between the
    /// threads of one process (sem_init(3), `pshared`); on Linux, sem_post then
    /// looks for sleepers in its own process only, and in the others they sleep
    /// on (futex(2), FUTEX_PRIVATE_FLAG). And it has to lie in shared memory:
    /// a copy in each process has all places free for that process.
    ///
    /// # Safety
    ///
    /// At its final place in memory, once, by one process, before any other
    /// can reach it: a second initialisation would free places that are taken.
    pub unsafe fn initialise(&self, places: u32) -> Result<(), Errno> {
        // SAFETY: the object is ours alone, by this function's own contract.
        Errno::result(unsafe { libc::sem_init(self.0.raw(), BETWEEN_PROCESSES, places) }).map(drop)
    }

    /// Waits for a free place and takes it.
    ///
    /// REPAIR: unlike a mutex, a semaphore does not go on waiting after a
    /// handled signal: sem_wait ends with EINTR, and no place is taken
    /// (sem_wait(3), signal(7)). Who goes in all the same is one too many inside,
    /// and gives back a place that it never had, so that from then on there is
    /// one too many for all.
    pub fn take(&self) -> Result<Place<'_>, Errno> {
        // SAFETY: initialised before anybody could get here.
        retry(|| Errno::result(unsafe { libc::sem_wait(self.0.raw()) }))?;
        Ok(Place(self))
    }

    /// Ends the semaphore.
    ///
    /// # Safety
    ///
    /// No process waits for it or will ever use it again: that is undefined
    /// afterwards (sem_destroy(3)).
    pub unsafe fn destroy(&self) {
        // SAFETY: initialised, and not used any more, by the contract.
        unsafe { libc::sem_destroy(self.0.raw()) };
    }
}

/// A place that is taken for as long as this lives.
///
/// REPAIR: it is given back on every way out, failures included. A place that
/// is not given back is lost to all: after K of those nobody gets in any more.
#[derive(Debug)]
#[must_use = "the place is given back when this is dropped"]
pub struct Place<'a>(&'a Semaphore);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        // The only error left, EOVERFLOW, would need more places than there
        // were at the start.
        // SAFETY: initialised before the place could be taken.
        unsafe { libc::sem_post(self.0.0.raw()) };
    }
}
