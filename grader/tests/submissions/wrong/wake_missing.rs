//! A futex lock by hand whose unlock frees the word but wakes nobody: whoever
//! found it held sleeps for ever.

#[path = "../common.rs"]
mod common;

use std::io::Write;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU32, Ordering};

fn take(word: &AtomicU32) {
    while word.swap(1, Ordering::SeqCst) != 0 {
        common::futex_wait(word, 1);
    }
}

fn release(word: &AtomicU32) {
    word.store(0, Ordering::SeqCst);
}

fn main() -> ExitCode {
    let arguments = common::start();
    // SAFETY: zeroed bytes are an AtomicU32, made for many users.
    let word = unsafe { common::share::<AtomicU32>() };
    common::run(&arguments, |path, record| {
        let mut file = common::open(path)?;
        take(word);
        let written = file.write_all(&common::line(record));
        release(word);
        written
    })
}
