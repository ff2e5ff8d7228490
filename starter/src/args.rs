//! The command line. Given: nothing to repair here.

use std::ffi::OsString;
use std::io::Write;
use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;
use std::process::ExitCode;

/// What `forkwrite FILE RECORD...` was asked to do.
#[derive(Debug)]
pub struct Args {
    /// Where the records go.
    pub file: PathBuf,
    /// The records before the last one: a child for each.
    pub others: Vec<OsString>,
    /// The last record: the parent writes it.
    pub last: OsString,
}

impl Args {
    /// Reads the arguments, the program's own name left out. `None` if there
    /// is no FILE or not a single RECORD.
    ///
    /// Arguments are bytes, not text: a record need not be valid UTF-8.
    pub fn parse(mut arguments: impl Iterator<Item = OsString>) -> Option<Self> {
        let file = PathBuf::from(arguments.next()?);
        let mut others: Vec<OsString> = arguments.collect();
        let last = others.pop()?;
        Some(Self { file, others, last })
    }
}

/// What `gate FILE N K`, `rendezvous FILE N ROUNDS` or `relay FILE N ROUNDS`
/// was asked to do.
#[derive(Debug)]
pub struct TeamArgs {
    /// Where the lines go.
    pub file: PathBuf,
    /// N: how many processes.
    pub size: u32,
    /// K or ROUNDS.
    pub count: u64,
}

impl TeamArgs {
    /// Reads the arguments, the program's own name left out. `None` if there
    /// are not exactly three, or if the last two are not numbers above 0.
    pub fn parse(mut arguments: impl Iterator<Item = OsString>) -> Option<Self> {
        let file = PathBuf::from(arguments.next()?);
        let size: NonZeroU32 = arguments.next()?.to_str()?.parse().ok()?;
        let count: NonZeroU64 = arguments.next()?.to_str()?.parse().ok()?;
        arguments.next().is_none().then_some(Self {
            file,
            size: size.get(),
            count: count.get(),
        })
    }
}

/// The answer to a wrong command line: the usage on stderr, exit status 2.
pub fn usage_error(usage: &str) -> ExitCode {
    // Should stderr be closed, there is nobody left to tell.
    let _ = std::io::stderr().write_all(format!("usage: {usage}\n").as_bytes());
    ExitCode::from(2)
}
