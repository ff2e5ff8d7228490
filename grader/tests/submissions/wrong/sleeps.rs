//! Sleeps instead of locking: each writer waits 0.1 ms less than the one
//! before, the parent not at all, and hopes that the others are done by then.

#[path = "../common.rs"]
mod common;

use std::ffi::OsStr;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

fn write_after(delay: Duration, path: &OsStr, record: &OsStr) -> io::Result<()> {
    let mut file = common::open(path)?;
    std::thread::sleep(delay);
    file.write_all(&common::line(record))
}

fn work(arguments: &common::Arguments) -> io::Result<()> {
    let Some((last, others)) = arguments.records.split_last() else {
        return Ok(());
    };
    let mut delay = Duration::from_micros(100 * others.len() as u64);
    for record in others {
        if common::fork()? {
            common::exit_child(write_after(delay, &arguments.path, record));
        }
        delay -= Duration::from_micros(100);
    }
    write_after(delay, &arguments.path, last)
}

fn main() -> ExitCode {
    let arguments = common::start();
    common::finish(work(&arguments))
}
