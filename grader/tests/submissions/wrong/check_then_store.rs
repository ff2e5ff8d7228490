//! A futex lock by hand (0 free, 1 held, 2 held and someone may sleep) that
//! takes the free lock with a load and a store instead of a compare-exchange:
//! two processes may both find it free.

#[path = "../common.rs"]
mod common;

use std::io::Write;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU32, Ordering};

fn take(word: &AtomicU32) {
    if word.load(Ordering::SeqCst) == 0 {
        word.store(1, Ordering::SeqCst);
        return;
    }
    while word.swap(2, Ordering::SeqCst) != 0 {
        common::futex_wait(word, 2);
    }
}

fn release(word: &AtomicU32) {
    if word.swap(0, Ordering::SeqCst) == 2 {
        common::futex_wake(word);
    }
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
