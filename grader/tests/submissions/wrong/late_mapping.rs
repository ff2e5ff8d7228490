//! The mutex is process-shared and in a MAP_SHARED mapping, but each process
//! makes that mapping after the fork: everyone has a lock of their own.

#[path = "../common.rs"]
mod common;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = common::start();
    common::run(&arguments, |path, record| {
        let mutex = common::Mutex::shared();
        common::write_record(mutex, path, record)
    })
}
