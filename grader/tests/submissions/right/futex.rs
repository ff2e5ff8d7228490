//! Right, with a futex lock by hand on an `AtomicU32` in shared memory: 0
//! free, 1 held, 2 held and someone may sleep. A guard releases it.

#[path = "../common.rs"]
mod common;

use std::io::Write;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU32, Ordering};

struct Lock(AtomicU32);

struct Held(&'static Lock);

impl Lock {
    fn take(&'static self) -> Held {
        let word = &self.0;
        if word
            .compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed)
            .is_err()
        {
            while word.swap(2, Ordering::Acquire) != 0 {
                common::futex_wait(word, 2);
            }
        }
        Held(self)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let word = &self.0.0;
        if word.swap(0, Ordering::Release) == 2 {
            common::futex_wake(word);
        }
    }
}

fn main() -> ExitCode {
    let arguments = common::start();
    // SAFETY: zeroed bytes are a free lock, made for many users.
    let lock = unsafe { common::share::<Lock>() };
    common::run(&arguments, |path, record| {
        let mut file = common::open(path)?;
        let _held = lock.take();
        file.write_all(&common::line(record))
    })
}
