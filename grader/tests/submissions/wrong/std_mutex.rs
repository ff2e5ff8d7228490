//! The lock is a `std::sync::Mutex` in a static variable: it is for threads,
//! and after the fork each process has its own copy.

#[path = "../common.rs"]
mod common;

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Mutex;

static MUTEX: Mutex<()> = Mutex::new(());

fn main() -> ExitCode {
    let arguments = common::start();
    common::run(&arguments, |path, record| {
        let mut file = common::open(path)?;
        let _guard = MUTEX.lock().map_err(|_| io::Error::other("poisoned"))?;
        file.write_all(&common::line(record))
    })
}
