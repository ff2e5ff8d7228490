//! Right, with the standard library's `write_all`, which goes on after a
//! short write and after EINTR, under a process-shared mutex.

#[path = "../common.rs"]
mod common;

use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = common::start();
    let mutex = common::Mutex::shared();
    let written = common::fork_writers(&arguments, |path, record| {
        let mut file = common::open(path)?;
        let _guard = mutex.lock()?;
        file.write_all(&common::line(record))
    });
    let status = common::finish(written);
    mutex.destroy();
    status
}
