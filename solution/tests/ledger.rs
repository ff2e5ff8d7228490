//! What becomes of FILE when a writer dies inside the critical section.

use std::fs::{self, File};
use std::path::Path;

use nix::errno::Errno;
use solution::children::Children;
use solution::failure::Failure;
use solution::ledger::Ledger;
use solution::shared::Shared;

/// Lets the kernel end this process in the middle of a write: the bytes up
/// to the limit reach the file, the next write brings SIGXFSZ.
fn die_beyond(file_size_bytes: u64) -> Result<(), Failure> {
    let limit = libc::rlimit {
        rlim_cur: file_size_bytes,
        rlim_max: file_size_bytes,
    };
    // SAFETY: `limit` is a valid limit.
    match unsafe { libc::setrlimit(libc::RLIMIT_FSIZE, &limit) } {
        0 => Ok(()),
        _ => Err(Failure::new("cannot set the limit", Errno::last())),
    }
}

/// A ledger, and a file whose last writer has died in the middle of its line.
fn with_half_line(path: &Path) -> (Shared<Ledger>, File) {
    fs::write(path, "old\n").expect("the scratch folder can be written to");
    let file = File::options()
        .append(true)
        .open(path)
        .expect("FILE can be opened");
    let ledger = Ledger::new().expect("a ledger");

    let mut children = Children::new();
    children
        .start(|| {
            die_beyond(10)?;
            ledger.append(&file, path, b"a line too long to live\n")
        })
        .expect("a child");
    let failure = children.reap().expect_err("the child dies");
    assert_eq!(failure.to_string(), "child 1 of 1 was killed by SIGXFSZ");
    assert_eq!(content(path), "old\na line");
    (ledger, file)
}

fn content(path: &Path) -> String {
    fs::read_to_string(path).expect("FILE can be read")
}

#[test]
fn the_next_writer_cuts_off_the_half_line() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("next-writer");
    let (ledger, file) = with_half_line(&path);

    // Twice: the mutex must not only be taken over but also work afterwards.
    for line in [b"first\n".as_slice(), b"second\n"] {
        ledger.append(&file, &path, line).expect("the lock goes on");
    }
    assert_eq!(content(&path), "old\nfirst\nsecond\n");
    // SAFETY: the only child has been reaped.
    unsafe { ledger.destroy() };
}

#[test]
fn the_parent_cuts_off_the_last_writers_half_line() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("last-writer");
    let (ledger, file) = with_half_line(&path);

    ledger.tidy(&file, &path).expect("the lock goes on");
    assert_eq!(content(&path), "old\n");
    // SAFETY: the only child has been reaped.
    unsafe { ledger.destroy() };
}
