//! What the processes share: one writer at a time, and no half lines.

use std::os::fd::AsFd;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

use nix::errno::Errno;
use nix::sys::stat::{SFlag, fstat};
use nix::unistd::ftruncate;

use crate::condition::Condition;
use crate::failure::Failure;
use crate::mutex::{Guard, RobustMutex};
use crate::record::{retry, write_all};
use crate::shared::{Shareable, Shared};

/// Stands for an offset: FILE ends with a whole line, nothing is to be cut.
const NO_LINE_BEGUN: i64 = -1;

/// The lock, and what its next holder must know if its last one dies.
#[derive(Debug)]
pub struct Ledger {
    mutex: RobustMutex,
    /// Where in FILE the line begins that is being written. Changed only by
    /// the holder of the mutex.
    line_start: AtomicI64,
}

// SAFETY: a process-shared mutex and an atomic, no pointers.
unsafe impl Shareable for Ledger {}

impl Ledger {
    /// A new ledger in shared memory. To be called before the first fork.
    pub fn new() -> Result<Shared<Self>, Failure> {
        let ledger = Shared::new(Self::uninitialised())?;
        // SAFETY: it has just been put where it stays, and no other process
        // has it yet.
        unsafe { ledger.initialise() }?;
        Ok(ledger)
    }

    /// Room for a ledger, as a part of something in shared memory.
    pub const fn uninitialised() -> Self {
        Self {
            mutex: RobustMutex::uninitialised(),
            line_start: AtomicI64::new(NO_LINE_BEGUN),
        }
    }

    /// Makes it a ledger, unlocked.
    ///
    /// # Safety
    ///
    /// At its final place in memory, once, by one process, before any other
    /// can reach it.
    pub unsafe fn initialise(&self) -> Result<(), Failure> {
        // SAFETY: passed on to the caller.
        unsafe { self.mutex.initialise() }
            .map_err(|errno| Failure::new("cannot initialise the mutex", errno))
    }

    /// Writes `line` to the end of `file`, whole or not at all. `path` is
    /// the file's name, for the message.
    ///
    /// REPAIR (using the mutex): a line may take more than one write, and what
    /// O_APPEND makes atomic is each single call (open(2), O_APPEND). Between
    /// two of them another process's line could slip in, and two lines would be
    /// torn. So the mutex is held from before the first byte until after the
    /// newline, and given back on every way out, failures included.
    pub fn append(&self, file: impl AsFd, path: &Path, line: &[u8]) -> Result<(), Failure> {
        let guard = self.lock(&file)?;
        self.append_locked(&guard, file, path, line)
    }

    /// Waits until no other process is in here, and keeps them out. If the last
    /// one died in here its half line is cut off `file` first.
    pub fn lock(&self, file: impl AsFd) -> Result<Guard<'_>, Failure> {
        self.mutex
            .lock(|| self.cut_half_line(file))
            .map_err(|errno| Failure::new("cannot lock the mutex", errno))
    }

    /// Gives the lock back for as long as `condition` has not been announced.
    /// May return without any reason: look again at what you wait for.
    pub fn wait<'a>(
        &self,
        guard: Guard<'a>,
        condition: &Condition,
        file: impl AsFd,
    ) -> Result<Guard<'a>, Failure> {
        condition
            .wait(guard, || self.cut_half_line(file))
            .map_err(|errno| Failure::new("cannot wait for the others", errno))
    }

    /// [`append`](Self::append) for those who hold the lock already, and go on
    /// holding it.
    pub fn append_locked(
        &self,
        _guard: &Guard<'_>,
        file: impl AsFd,
        path: &Path,
        line: &[u8],
    ) -> Result<(), Failure> {
        self.begin_line(&file)
            .map_err(|errno| Failure::on_file("cannot inspect", path, errno))?;
        match write_all(&file, line) {
            Ok(()) => {
                self.line_start.store(NO_LINE_BEGUN, SeqCst);
                Ok(())
            }
            // REPAIR: on a full disk the first half of the line is there to
            // stay (write(2): a short count now, ENOSPC at the next call), and
            // the next line would be glued to it. We hold the mutex, so what is
            // behind `line_start` is ours to cut off.
            Err(errno) => {
                let written = Err(Failure::on_file("cannot write to", path, errno));
                let cut = self
                    .cut_half_line(&file)
                    .map_err(|errno| Failure::on_file("cannot shorten", path, errno));
                Failure::all(written, cut)
            }
        }
    }

    /// Cuts off the half line of a writer that died when nobody came to the
    /// mutex any more. To be called after all children have been reaped.
    ///
    /// REPAIR (bonus): EOWNERDEAD is told to the *next* process that locks, so
    /// the last writer's half line would stay. What is left is the case of the
    /// parent being killed as the last of all: then there is nobody to tidy up.
    pub fn tidy(&self, file: impl AsFd, path: &Path) -> Result<(), Failure> {
        let locked = self.mutex.lock(|| self.cut_half_line(file)).map(drop);
        locked.map_err(|errno| Failure::on_file("cannot tidy up", path, errno))
    }

    /// Ends the lock.
    ///
    /// # Safety
    ///
    /// No other process uses the ledger or ever will.
    pub unsafe fn destroy(&self) {
        // SAFETY: passed on to the caller.
        unsafe { self.mutex.destroy() };
    }

    /// Notes where the line begins, if FILE is of the kind that can be cut:
    /// what went into a FIFO or a device cannot be taken back.
    fn begin_line(&self, file: impl AsFd) -> Result<(), Errno> {
        let status = fstat(file)?;
        let kind = SFlag::from_bits_truncate(status.st_mode & SFlag::S_IFMT.bits());
        if kind == SFlag::S_IFREG {
            self.line_start.store(status.st_size, SeqCst);
        }
        Ok(())
    }

    /// Cuts FILE off where the unfinished line begins, if there is one. By
    /// the holder of the mutex only.
    ///
    /// REPAIR (bonus): a writer killed in the middle of its line leaves a half
    /// line, and the next one would be glued to it. It cannot tidy up after
    /// SIGKILL (signal(7)), so whoever gets the mutex next does. The note is in
    /// shared memory, which outlives the writer, and was made before its first
    /// byte was written. It is taken back only after the cut: a process killed
    /// in here leaves the same work to the next. If the writer dies between its
    /// last byte and its taking back the note, the line goes although it was
    /// whole; its process has failed in either case, and no half is left.
    fn cut_half_line(&self, file: impl AsFd) -> Result<(), Errno> {
        let start = self.line_start.load(SeqCst);
        if start != NO_LINE_BEGUN {
            retry(|| ftruncate(&file, start))?;
            self.line_start.store(NO_LINE_BEGUN, SeqCst);
        }
        Ok(())
    }
}
