//! EINTR as failure: a loop for short writes, but `?` hands every error up,
//! `ErrorKind::Interrupted` too. (`write_all` would try again, `write` does
//! not.)

#[path = "../common.rs"]
mod common;

use std::fs::File;
use std::io::{self, Write};
use std::process::ExitCode;

fn put(file: &mut File, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = file.write(bytes)?;
        bytes = &bytes[written..];
    }
    Ok(())
}

fn main() -> ExitCode {
    let arguments = common::start();
    let mutex = common::Mutex::shared();
    common::run(&arguments, |path, record| {
        let mut file = common::open(path)?;
        let _guard = mutex.lock()?;
        put(&mut file, &common::line(record))
    })
}
