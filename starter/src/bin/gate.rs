//! `gate FILE N K`: N processes want in, at most K of them are inside at once.
//! Each says so in FILE when it has come in and before it goes out.
//!
//! It compiles and it runs. The gate stands open: now and then few enough
//! happen to come at once. briefs/gate.md has the story and the rules. Repair
//! `forkwrite` first: what it uses is used here too.

use std::env;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread::yield_now;

use starter::args::{TeamArgs, usage_error};
use starter::failure::{Failure, exit_code};
use starter::record::append_record;
use starter::{children, signals};

/// How many are inside.
static INSIDE: AtomicU64 = AtomicU64::new(0);

fn main() -> ExitCode {
    let Some(args) = TeamArgs::parse(env::args_os().skip(1)) else {
        return usage_error("gate FILE N K (N and K numbers above 0)");
    };
    exit_code(run(&args))
}

/// Starts the processes. This one stays outside.
fn run(args: &TeamArgs) -> Result<(), Failure> {
    signals::handle_sigusr1()?;

    // TODO gate 1 (the places): goal: so many places for all processes
    // together, and not so many for each. Where do they have to be, who sets
    // them up, and when?

    for number in 0..args.size {
        children::start(|| pass(&args.file, number, args.count))?;
    }

    // TODO gate 5 (the end): the prompt is back while some are still inside,
    // and the exit status does not know what became of them.
    Ok(())
}

/// Waits for a place, comes in, goes out.
fn pass(file: &Path, number: u32, places: u64) -> Result<(), Failure> {
    // TODO gate 2 (coming in): more are inside than there are places. And
    // suppose the count were right: whoever waits here burns a processor, and
    // two that look at the same moment both see the last free place. Goal: to
    // look and to take is one step, and who has to wait sleeps.
    while INSIDE.load(SeqCst) >= places {
        yield_now();
    }
    INSIDE.fetch_add(1, SeqCst);

    // TODO gate 3 (the lines): two lines come out as one, made of pieces of
    // both, when two are inside. Being inside is one thing, writing another.
    append_record(file, format!("enter {number}").as_ref())?;
    append_record(file, format!("leave {number}").as_ref())?;

    // TODO gate 4 (going out): on a full disk somebody who came in is never
    // seen to leave, and after K of those nobody gets in any more.
    INSIDE.fetch_sub(1, SeqCst);
    Ok(())
}
