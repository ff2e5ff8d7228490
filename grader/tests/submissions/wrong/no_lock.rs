//! No lock: trusts that `write_all` is one step. It is, until a write is cut
//! short.

#[path = "../common.rs"]
mod common;

use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = common::start();
    common::run(&arguments, |path, record| {
        common::open(path)?.write_all(&common::line(record))
    })
}
