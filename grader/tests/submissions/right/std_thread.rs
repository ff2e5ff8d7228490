//! Right: each process lets a scoped thread of the standard library write
//! its record, under a process-shared mutex.

#[path = "../common.rs"]
mod common;

use std::io;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = common::start();
    let mutex = common::Mutex::shared();
    common::run(&arguments, |path, record| {
        std::thread::scope(|scope| {
            scope
                .spawn(|| common::write_record(mutex, path, record))
                .join()
                .unwrap_or_else(|_| Err(io::Error::other("the writer panicked")))
        })
    })
}
