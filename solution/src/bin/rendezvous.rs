//! `rendezvous FILE N ROUNDS`: in each round N processes write that they have
//! arrived, wait for each other, and write that they depart.

use std::env;
use std::os::fd::AsFd;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use solution::args::{TeamArgs, usage_error};
use solution::barrier::Barrier;
use solution::failure::{Failure, exit_code};
use solution::ledger::Ledger;
use solution::record::open_file;
use solution::shared::{Shareable, Shared};
use solution::{signals, team};

fn main() -> ExitCode {
    let Some(args) = TeamArgs::parse(env::args_os().skip(1)) else {
        return usage_error("rendezvous FILE N ROUNDS (N and ROUNDS numbers above 0)");
    };
    exit_code(run(&args))
}

/// Starts the processes and waits for them; this one meets nobody.
fn run(args: &TeamArgs) -> Result<(), Failure> {
    signals::handle_sigusr1()?;
    signals::ignore_sigxfsz()?;
    let file = open_file(&args.file)?;
    let meeting = Meeting::new(args.size)?;

    let met = team::run(args.size, |number| {
        meeting.attend(number, args.count, &file, &args.file)
    });
    if met.is_err() {
        // Nothing is destroyed: a process killed at the barrier counts as one
        // that has yet to leave it, and we would wait for it.
        return Failure::all(met, meeting.ledger.tidy(&file, &args.file));
    }
    // REPAIR (tearing down): the first to leave the barrier must not destroy
    // it, others are still on their way out of it (POSIX,
    // pthread_barrier_destroy(): undefined). Here all have gone.
    // SAFETY: all processes have left the barrier and ended.
    unsafe { meeting.destroy() };
    Ok(())
}

/// What the processes share.
#[derive(Debug)]
struct Meeting {
    /// Where they wait for each other.
    barrier: Barrier,
    /// For the lines.
    ledger: Ledger,
    /// Some line could not be written. Never taken back.
    failed: AtomicBool,
}

// SAFETY: a process-shared barrier, a ledger and an atomic, no pointers.
unsafe impl Shareable for Meeting {}

impl Meeting {
    /// A meeting of so many processes, in shared memory. To be called before
    /// the first fork.
    fn new(size: u32) -> Result<Shared<Self>, Failure> {
        let meeting = Shared::new(Self {
            barrier: Barrier::uninitialised(),
            ledger: Ledger::uninitialised(),
            failed: AtomicBool::new(false),
        })?;
        // SAFETY: they have just been put where they stay, and no other
        // process has them yet.
        unsafe {
            meeting.ledger.initialise()?;
            meeting.barrier.initialise(size)
        }
        .map_err(|errno| Failure::new("cannot initialise the barrier", errno))?;
        Ok(meeting)
    }

    /// Arrives and departs, round after round.
    ///
    /// REPAIR (the barrier): it makes sure that nobody departs before all have
    /// arrived: each writes `arrive` before it comes there, and nobody leaves
    /// before the last one has come (POSIX, pthread_barrier_wait()).
    ///
    /// REPAIR (the second wait): who is fast would otherwise arrive for the
    /// next round while others have yet to depart from this one; the barrier
    /// keeps them apart only up to the moment in which it opens.
    ///
    /// REPAIR (going on after a failure): a process that stayed away would have
    /// the others wait for ever, as the barrier counts heads. So it comes in
    /// every round to the end, but has nothing to say any more.
    fn attend(
        &self,
        number: u32,
        rounds: u64,
        file: impl AsFd,
        path: &Path,
    ) -> Result<(), Failure> {
        let mut written = Ok(());
        let mut append = |what, round| {
            if !self.failed.load(SeqCst) {
                let line = format!("{what} {round} {number}\n");
                written = self.ledger.append(&file, path, line.as_bytes());
                if written.is_err() {
                    // REPAIR: noted before we come to the barrier, so that all
                    // who leave it know: a `depart` without one of the
                    // `arrive` lines before it would not be true.
                    self.failed.store(true, SeqCst);
                }
            }
        };
        for round in 0..rounds {
            append("arrive", round);
            self.barrier.wait();
            append("depart", round);
            self.barrier.wait();
        }
        written?;
        // All lines were tried before the last wait: all see the same here.
        if self.failed.load(SeqCst) {
            let what = "another process could not write its line";
            return Err(Failure::because(what.to_owned()));
        }
        Ok(())
    }

    /// Ends barrier and ledger.
    ///
    /// # Safety
    ///
    /// No other process uses them or ever will, and none died using them.
    unsafe fn destroy(&self) {
        // SAFETY: passed on to the caller.
        unsafe {
            self.barrier.destroy();
            self.ledger.destroy();
        }
    }
}
