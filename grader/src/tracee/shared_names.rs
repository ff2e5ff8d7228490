//! Names that the whole machine shares: those of shm_open(3), sem_open(3),
//! mq_open(3) and System V keys. Two programs that use the same one at the
//! same time would disturb each other, and copies of one program do. So all
//! graders of a machine take turns with whatever uses such names.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use nix::fcntl::{Flock, FlockArg};

/// Where shm_open(3) and sem_open(3) make their files.
pub const SHM: &str = "/dev/shm";

/// The names, for whoever holds this; others wait until it is dropped.
#[derive(Debug)]
pub struct SharedNames(#[allow(dead_code, reason = "held, not used")] Flock<File>);

impl SharedNames {
    /// Waits until nobody else has them (flock(2)).
    ///
    /// # Errors
    /// If the file that is locked for it cannot be made.
    pub fn take() -> io::Result<Self> {
        let mut file = open()?;
        loop {
            match Flock::lock(file, FlockArg::LockExclusive) {
                Ok(lock) => return Ok(Self(lock)),
                Err((same, nix::Error::EINTR)) => file = same,
                Err((_, error)) => return Err(error.into()),
            }
        }
    }
}

/// Made by whoever comes first; the others need no right to write to it.
fn open() -> io::Result<File> {
    // Not where TMPDIR says: that may be another for each grader.
    let path = Path::new("/tmp/process-sync-grader.lock");
    match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let made = OpenOptions::new().write(true).create_new(true).open(path);
            match made {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => File::open(path),
                made => made,
            }
        }
        opened => opened,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn only_one_at_a_time_has_them() {
        static TAKEN: AtomicBool = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let names = SharedNames::take().expect("it can be had");
                        assert!(!TAKEN.swap(true, Ordering::SeqCst));
                        TAKEN.store(false, Ordering::SeqCst);
                        drop(names);
                    }
                });
            }
        });
    }
}
