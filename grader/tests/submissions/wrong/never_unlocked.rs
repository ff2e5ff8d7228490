//! The guard is forgotten instead of dropped: whoever takes the lock never
//! releases it, and the next one sleeps for ever.

#[path = "../common.rs"]
mod common;

use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = common::start();
    let mutex = common::Mutex::shared();
    common::run(&arguments, |path, record| {
        let mut file = common::open(path)?;
        std::mem::forget(mutex.lock()?);
        file.write_all(&common::line(record))
    })
}
