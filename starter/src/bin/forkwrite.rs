//! `forkwrite FILE RECORD...`: every record is written to FILE by a process
//! of its own, all at the same time.
//!
//! It compiles, it runs, now and then it even works. It also loses data in
//! more ways than one. README.md has the story and the rules; the TODOs, 1 to
//! 7, say what can be seen to go wrong.

use std::env;
use std::process::ExitCode;

use starter::args::{Args, usage_error};
use starter::failure::{Failure, exit_code};
use starter::record::append_record;
use starter::{children, signals};

fn main() -> ExitCode {
    let Some(args) = Args::parse(env::args_os().skip(1)) else {
        return usage_error("forkwrite FILE RECORD...");
    };
    exit_code(run(&args))
}

/// Starts a child for every record but the last, and writes the last itself.
fn run(args: &Args) -> Result<(), Failure> {
    signals::handle_sigusr1()?;

    // TODO 3 and 4, in src/shared.rs: what must be there before the first
    // child is, for all to have the same one?

    for record in &args.others {
        children::start(|| append_record(&args.file, record))?;
    }
    append_record(&args.file, &args.last)

    // TODO 7 (tearing down): what has been set up must be undone, once. If it
    // goes too early, a slow child crashes or waits for ever. From when on can
    // nobody need it any more, and which process can know that?
}
