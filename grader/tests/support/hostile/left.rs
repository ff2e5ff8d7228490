//! What is left of a program, on the machine and among its processes.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::processes::{Process, processes};

/// How long what is dead may take to go away.
const GONE: Duration = Duration::from_secs(10);
/// Between two looks at `/proc`.
pub const POLL: Duration = Duration::from_millis(10);

/// What the machine has that a program could have made more of.
pub fn machine() -> BTreeSet<String> {
    let shm = fs::read_dir("/dev/shm").into_iter().flatten().flatten();
    let shm = shm
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with("grader-"));
    let mut all: BTreeSet<String> = shm.map(|name| format!("/dev/shm/{name}")).collect();
    for family in ["shm", "sem", "msg"] {
        let text = fs::read_to_string(format!("/proc/sysvipc/{family}")).unwrap_or_default();
        let names = text.lines().skip(1).map(|line| {
            let mut fields = line.split_whitespace();
            format!("{family} {:?} {:?}", fields.next(), fields.next())
        });
        all.extend(names);
    }
    let mounts = fs::read_to_string("/proc/mounts").expect("this is Linux");
    all.extend(mounts.lines().map(str::to_owned));
    all
}

/// The processes at work in one of these folders or running something there,
/// zombies excepted, and the grader's folders that they work in.
pub fn at_work(folders: &BTreeSet<String>) -> (Vec<Process>, BTreeSet<String>) {
    let mut scratch = BTreeSet::new();
    let is_of_them = |process: &Process| {
        let (program, work) = (process.program(), process.folder());
        let inside = |path: &Path| {
            folders
                .iter()
                .any(|folder| path.to_string_lossy().starts_with(folder))
        };
        let ours = inside(&program) || inside(&work);
        if ours && work.starts_with("/dev/shm") {
            let top: PathBuf = work.components().take(4).collect();
            if top.to_string_lossy().starts_with("/dev/shm/grader-") {
                scratch.insert(top.to_string_lossy().replace(" (deleted)", ""));
            }
        }
        ours
    };
    let found = processes().filter(is_of_them).collect();
    (found, scratch)
}

/// Waits until `look` finds nothing any more; what it found last otherwise.
pub fn until_nothing<T>(mut look: impl FnMut() -> Vec<T>) -> Vec<T> {
    let since = Instant::now();
    loop {
        let found = look();
        if found.is_empty() || since.elapsed() > GONE {
            return found;
        }
        thread::sleep(POLL);
    }
}
