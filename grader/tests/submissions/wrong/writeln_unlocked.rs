//! No lock, and `writeln!` on a file writes the record and the newline with
//! two calls: the other process's line can come in between without any fault.

#[path = "../common.rs"]
mod common;

use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = common::start();
    common::run(&arguments, |path, record| {
        writeln!(common::open(path)?, "{}", record.display())
    })
}
