//! `relay FILE N ROUNDS`: N processes take turns, in the order of their
//! numbers, round after round, and write a line in each turn.
//!
//! It compiles and it runs, and every process writes its lines in good order.
//! Only they do not wait for each other. briefs/relay.md has the story and the
//! rules. Repair `forkwrite` first: what it uses is used here too.

use std::env;
use std::path::Path;
use std::process::ExitCode;
use std::thread::yield_now;

use starter::args::{TeamArgs, usage_error};
use starter::failure::{Failure, exit_code};
use starter::record::append_record;
use starter::{children, signals};

fn main() -> ExitCode {
    let Some(args) = TeamArgs::parse(env::args_os().skip(1)) else {
        return usage_error("relay FILE N ROUNDS (N and ROUNDS numbers above 0)");
    };
    exit_code(run(&args))
}

/// Starts the processes. This one has no turn.
fn run(args: &TeamArgs) -> Result<(), Failure> {
    signals::handle_sigusr1()?;

    // TODO relay 1 (whose turn it is): goal: one answer to that question for
    // all processes, which changes when one of them has had its turn. What
    // keeps two of them from changing it at once?

    // Number 0 is started first, then number 1, and so on: so that is the order
    // in which they come to write. Is it?
    for number in 0..args.size {
        children::start(|| take_turns(&args.file, number, args.count))?;
    }

    // TODO relay 5 (the end): the prompt is back before the last turn, and the
    // exit status does not know what became of the processes. When one of them
    // is killed, the others must not wait for its turn to end: who gets to know
    // of its death?
    Ok(())
}

/// Has its turn, round after round.
fn take_turns(file: &Path, number: u32, rounds: u64) -> Result<(), Failure> {
    for round in 0..rounds {
        // TODO relay 2 (waiting): nobody waits for its turn. Goal: who is not
        // yet to write sleeps until it may be; and having been woken it makes
        // sure.

        // TODO relay 4 (a failure): the disk is full and the process whose turn
        // it is gives up here. What do the others wait for then?
        append_record(file, format!("turn {round} {number}").as_ref())?;

        // TODO relay 3 (passing it on): nobody learns that we have had our
        // turn. To step aside for a moment tells them nothing. And of all who
        // sleep, which one has to be woken?
        yield_now();
    }
    Ok(())
}
