//! `forkwrite FILE RECORD...`: every record is written to FILE by a process
//! of its own, all at the same time, and every line is in it, whole, once.

use std::env;
use std::process::ExitCode;

use solution::args::{Args, usage_error};
use solution::children::Children;
use solution::failure::{Failure, exit_code};
use solution::ledger::Ledger;
use solution::record::{line_of, open_file};
use solution::signals;

fn main() -> ExitCode {
    let Some(args) = Args::parse(env::args_os().skip(1)) else {
        return usage_error("forkwrite FILE RECORD...");
    };
    exit_code(run(&args))
}

/// Starts a child for every record but the last, writes the last itself, and
/// waits for all.
fn run(args: &Args) -> Result<(), Failure> {
    signals::handle_sigusr1()?;
    signals::ignore_sigxfsz()?;
    let file = open_file(&args.file)?;
    let ledger = Ledger::new()?;

    let append = |record| ledger.append(&file, &args.file, &line_of(record));
    let mut children = Children::new();
    // The first child that cannot be started is the last one tried.
    let started = args
        .others
        .iter()
        .try_for_each(|record| children.start(|| append(record)));
    let written = started.and_then(|()| append(&args.last));
    // Whatever has failed until here: those that run are waited for.
    let reaped = children.reap();
    let tidied = match reaped {
        Ok(()) => Ok(()),
        Err(_) => ledger.tidy(&file, &args.file),
    };

    // REPAIR (tearing down): a mutex destroyed while a child holds it, waits
    // for it or has yet to come to it is lost to that child, which may crash,
    // sleep for ever or find it open to all (POSIX, pthread_mutex_destroy()).
    // Only the parent can know that nobody comes any more: after it has reaped
    // the last child. The memory goes after that, when `ledger` is dropped.
    // SAFETY: all children have ended, and this process is done with it.
    unsafe { ledger.destroy() };

    Failure::all(written, Failure::all(reaped, tidied))
}
