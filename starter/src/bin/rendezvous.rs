//! `rendezvous FILE N ROUNDS`: in each round N processes write that they have
//! arrived, wait for each other, and write that they depart.
//!
//! It compiles, it runs, and on an idle machine it even looks right.
//! briefs/rendezvous.md has the story and the rules. Repair `forkwrite` first:
//! what it uses is used here too.

use std::env;
use std::path::Path;
use std::process::ExitCode;
use std::thread::sleep;
use std::time::Duration;

use starter::args::{TeamArgs, usage_error};
use starter::failure::{Failure, exit_code};
use starter::record::append_record;
use starter::{children, signals};

fn main() -> ExitCode {
    let Some(args) = TeamArgs::parse(env::args_os().skip(1)) else {
        return usage_error("rendezvous FILE N ROUNDS (N and ROUNDS numbers above 0)");
    };
    exit_code(run(&args))
}

/// Starts the processes. This one meets nobody.
fn run(args: &TeamArgs) -> Result<(), Failure> {
    signals::handle_sigusr1()?;

    // TODO rendezvous 1 (the meeting place): goal: something that all N
    // processes can come to, and that knows how many have come. Where does it
    // have to be, who sets it up, and how often?

    for number in 0..args.size {
        children::start(|| attend(&args.file, number, args.count))?;
    }

    // TODO rendezvous 5 (the end): the prompt is back while some are still on
    // their way, and the exit status does not know what became of them.
    Ok(())
}

/// Arrives and departs, round after round.
fn attend(file: &Path, number: u32, rounds: u64) -> Result<(), Failure> {
    for round in 0..rounds {
        // TODO rendezvous 4 (a failure): the disk is full and one process gives
        // up here. Once there is something at which the others wait for it, how
        // long do they wait?
        append_record(file, format!("arrive {round} {number}").as_ref())?;

        wait_for_others();

        append_record(file, format!("depart {round} {number}").as_ref())?;

        // TODO rendezvous 3 (the next round): when all have met, the fastest
        // arrives for the next round before the slowest has departed from this
        // one.
    }
    Ok(())
}

/// Comes back when all have arrived.
fn wait_for_others() {
    // TODO rendezvous 2 (waiting): this is long enough, unless it is not. Then
    // somebody departs before the last one has arrived; and when all are there
    // at once, everybody waits for nothing. Goal: to wait for the others and
    // not for the clock.
    sleep(Duration::from_millis(5));
}
