//! What a program uses of the machine, measured from outside: memory and
//! processor time of its processes, what it printed, what its files hold.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::unistd::Pid;

use super::scratch::Scratch;
use crate::limit::Limit;
use crate::tracee::proc;
use crate::tracee::wait::MEMORY_LIMIT_BYTES;

/// Memory of all processes together.
pub const MEMORY_MAX_BYTES: u64 = MEMORY_LIMIT_BYTES;
/// What a program may print on both streams together.
pub const OUTPUT_MAX_BYTES: u64 = 1 << 20;
/// What the files of the scratch folder may hold, and files without a name
/// that a process has open. Less than one file may (`Limits::file_bytes`), so
/// that one file alone shows.
pub const DISK_MAX_BYTES: u64 = 48 << 20;
/// Files and folders that a program may make in the scratch folder.
pub const FILES_MAX: usize = 512;
/// Processes and threads.
pub const TRACEES_MAX: usize = 64;
/// Time that an execution may take. No verdict of a program that comes to an
/// end depends on it: that takes milliseconds.
pub const EXECUTION_MAX: Duration = Duration::from_secs(30);

/// How often a program is looked at that does not end by itself.
const EVERY: Duration = Duration::from_millis(10);
/// So many times as long as a look takes, nobody looks again: a look at folders
/// nested deeply takes longer than that.
const REST: u32 = 8;

/// What counts of the time between two looks. Longer ones come from a machine
/// that let neither the grader nor the program go on: not the program's time.
const GAP_MAX: Duration = Duration::from_secs(1);

/// Says when it is time to look again, and for how long there has been to
/// look at.
#[derive(Debug)]
pub struct Watch {
    /// Time that has passed, as far as it counts.
    spent: Duration,
    weighed: Instant,
    looked: Instant,
    rest: Duration,
}

impl Watch {
    /// A watch over what begins now.
    #[must_use]
    pub fn start() -> Self {
        let now = Instant::now();
        Self {
            spent: Duration::ZERO,
            weighed: now,
            looked: now,
            rest: EVERY,
        }
    }

    /// True if the last look was some time ago.
    pub fn is_due(&mut self) -> bool {
        let due = self.looked.elapsed() >= self.rest;
        if due {
            self.looked = Instant::now();
        }
        due
    }

    /// The limit that `processes`, at work in `scratch`, are over.
    #[must_use]
    pub fn over(&mut self, processes: &[Pid], scratch: &Scratch) -> Option<Limit> {
        let since = Instant::now();
        self.spent += self.weighed.elapsed().min(GAP_MAX);
        self.weighed = since;
        let limit = self.limit(processes, scratch);
        self.looked = Instant::now();
        self.rest = EVERY.max(since.elapsed() * REST);
        limit
    }

    fn limit(&self, processes: &[Pid], scratch: &Scratch) -> Option<Limit> {
        if memory_bytes(processes) > MEMORY_MAX_BYTES {
            return Some(Limit::Memory);
        }
        if let Some(limit) = over_in_folder(processes, scratch) {
            return Some(limit);
        }
        if self.spent < EXECUTION_MAX {
            return None;
        }
        let used = processes.iter().filter_map(|&pid| proc::cpu_time(pid));
        match used.sum::<Duration>() > EXECUTION_MAX / 2 {
            true => Some(Limit::Cpu),
            false => Some(Limit::Wall),
        }
    }
}

/// The limit that a program is over by what it has left in `scratch`.
#[must_use]
pub fn over_in_folder(processes: &[Pid], scratch: &Scratch) -> Option<Limit> {
    if scratch.printed_bytes() > OUTPUT_MAX_BYTES {
        return Some(Limit::Output);
    }
    let (files_max, bytes_max) = scratch.room();
    let mut folder = Tally::default();
    folder.add_folder(scratch.folder(), files_max, bytes_max);
    for &pid in processes {
        folder.add_unnamed(pid);
    }
    (folder.files > files_max || folder.bytes > bytes_max).then_some(Limit::Disk)
}

/// Memory that only one process has, summed, and the most that one shares.
fn memory_bytes(processes: &[Pid]) -> u64 {
    let sizes = processes.iter().filter_map(|&pid| proc::memory(pid));
    let (private, shared) = sizes.fold((0, 0), |(private, shared), memory| {
        (
            private + memory.private_bytes,
            memory.shared_bytes.max(shared),
        )
    });
    private + shared
}

/// Files and what they take up.
#[derive(Debug, Default)]
struct Tally {
    files: usize,
    bytes: u64,
    seen: BTreeSet<(u64, u64)>,
}

impl Tally {
    fn add(&mut self, meta: &fs::Metadata) {
        if self.seen.insert((meta.dev(), meta.ino())) {
            // In units of 512 bytes, whatever the file system (stat(2)).
            self.bytes += meta.blocks() * 512;
        }
    }

    /// Counts no further than one past either bound.
    fn add_folder(&mut self, root: &Path, files_max: usize, bytes_max: u64) {
        let mut folders: Vec<PathBuf> = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            let entries = fs::read_dir(folder).into_iter().flatten().flatten();
            for entry in entries {
                self.files += 1;
                if let Ok(meta) = entry.metadata() {
                    self.add(&meta);
                    if meta.is_dir() {
                        folders.push(entry.path());
                    }
                }
                if self.files > files_max || self.bytes > bytes_max {
                    return;
                }
            }
        }
    }

    /// Files that a process has open and that have no name: deleted ones, and
    /// memory that is used like a file (memfd_create(2)).
    fn add_unnamed(&mut self, pid: Pid) {
        let descriptors = fs::read_dir(format!("/proc/{pid}/fd"));
        for entry in descriptors.into_iter().flatten().flatten() {
            // Follows the link to the open file itself.
            if let Ok(meta) = fs::metadata(entry.path())
                && meta.is_file()
                && meta.nlink() == 0
            {
                self.add(&meta);
            }
        }
    }
}
