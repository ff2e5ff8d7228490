//! The parent's record waits in a `BufWriter` while it forks: every child
//! inherits the buffer and writes it too.

#[path = "../common.rs"]
mod common;

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

fn flush(mutex: &'static common::Mutex, file: &mut BufWriter<File>) -> io::Result<()> {
    let _guard = mutex.lock()?;
    file.flush()
}

fn work(
    mutex: &'static common::Mutex,
    file: &mut BufWriter<File>,
    records: &[OsString],
) -> io::Result<()> {
    let Some((last, others)) = records.split_last() else {
        return Ok(());
    };
    file.write_all(&common::line(last))?;
    for record in others {
        if common::fork()? {
            let written = file.write_all(&common::line(record));
            common::exit_child(written.and_then(|()| flush(mutex, file)));
        }
    }
    flush(mutex, file)
}

fn main() -> ExitCode {
    let arguments = common::start();
    let mutex = common::Mutex::shared();
    match common::open(&arguments.path) {
        Ok(file) => {
            let mut file = BufWriter::new(file);
            common::finish(work(mutex, &mut file, &arguments.records))
        }
        Err(error) => common::fail("open", &error),
    }
}
