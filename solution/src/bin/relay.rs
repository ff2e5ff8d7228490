//! `relay FILE N ROUNDS`: N processes take turns, in the order of their
//! numbers, round after round, and write a line in each turn.

use std::env;
use std::os::fd::AsFd;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};

use solution::args::{TeamArgs, usage_error};
use solution::condition::Condition;
use solution::failure::{Failure, exit_code};
use solution::ledger::Ledger;
use solution::record::open_file;
use solution::shared::{Shareable, Shared};
use solution::{signals, team};

fn main() -> ExitCode {
    let Some(args) = TeamArgs::parse(env::args_os().skip(1)) else {
        return usage_error("relay FILE N ROUNDS (N and ROUNDS numbers above 0)");
    };
    exit_code(run(&args))
}

/// Starts the processes and waits for them; this one has no turn.
///
/// What becomes of the others if one is killed:
/// - It has no more turns: they may finish, or are told to end.
/// - It held the mutex: whoever gets it next learns so (EOWNERDEAD), cuts off
///   the half line, and goes on; it can take its own turn, but not the dead
///   one's. If the dead one had passed on the turn without waking anybody,
///   the next one sleeps.
/// - It did not hold the mutex: nobody learns of it, and when the dead one's
///   turn comes all wait. A broadcast may even wait for it to wake up.
///
/// In the end the others wait for something that never comes. This process
/// sees the death in any case and has them end with status 1 ([`team::run`]).
fn run(args: &TeamArgs) -> Result<(), Failure> {
    signals::handle_sigusr1()?;
    signals::ignore_sigxfsz()?;
    let file = open_file(&args.file)?;
    let relay = Relay::new(args.size)?;

    let ran = team::run(args.size, |number| {
        (0..args.count).try_for_each(|round| relay.take_turn(round, number, &file, &args.file))
    });
    if ran.is_err() {
        // Nothing is destroyed: a process killed in its wait counts as one
        // that waits, and we would wait until it has been woken.
        return Failure::all(ran, relay.ledger.tidy(&file, &args.file));
    }
    // REPAIR (tearing down): who is destroying a condition variable must know
    // that nobody waits (POSIX, pthread_cond_destroy(): undefined), and the
    // last one in the relay does not: others may be on their way out.
    // SAFETY: all processes have had their last turn and ended.
    unsafe { relay.destroy() };
    Ok(())
}

/// What the processes share.
#[derive(Debug)]
struct Relay {
    /// The lock for FILE and for what follows.
    ledger: Ledger,
    /// Announces that `turn` or `failed` has changed.
    changed: Condition,
    /// Whose turn it is. Changed only under the lock.
    turn: AtomicU32,
    /// Somebody could not write its line. Changed only under the lock, and
    /// never taken back.
    failed: AtomicBool,
    /// How many take turns.
    size: u32,
}

// SAFETY: a ledger, a process-shared condition variable, atomics and a number
// that does not change, no pointers.
unsafe impl Shareable for Relay {}

impl Relay {
    /// A relay of so many processes, in shared memory; it is number 0's turn.
    /// To be called before the first fork.
    fn new(size: u32) -> Result<Shared<Self>, Failure> {
        let relay = Shared::new(Self {
            ledger: Ledger::uninitialised(),
            changed: Condition::uninitialised(),
            turn: AtomicU32::new(0),
            failed: AtomicBool::new(false),
            size,
        })?;
        // SAFETY: they have just been put where they stay, and no other
        // process has them yet.
        unsafe {
            relay.ledger.initialise()?;
            relay.changed.initialise()
        }
        .map_err(|errno| Failure::new("cannot initialise the condition variable", errno))?;
        Ok(relay)
    }

    /// Waits for the turn of `number`, writes its line, passes the turn on.
    ///
    /// REPAIR (waiting in a loop): to be woken is no proof that it is our turn:
    /// every change wakes all, and a wake-up may come for nothing (POSIX,
    /// pthread_cond_wait()). Under an `if` two would write at once.
    ///
    /// REPAIR (changing under the lock): `turn` passed on without it, between
    /// another one's look and its sleep, would wake nobody, and that one would
    /// sleep through its turn. So the lock is held from the look until the
    /// change has been announced.
    ///
    /// REPAIR (broadcast): all wait at one condition variable, each for a turn
    /// of its own. pthread_cond_signal wakes "at least one", who may be the
    /// wrong one and sleep again; the right one would never be woken.
    fn take_turn(
        &self,
        round: u64,
        number: u32,
        file: impl AsFd,
        path: &Path,
    ) -> Result<(), Failure> {
        let mut guard = self.ledger.lock(&file)?;
        while self.turn.load(SeqCst) != number && !self.failed.load(SeqCst) {
            guard = self.ledger.wait(guard, &self.changed, &file)?;
        }
        if self.failed.load(SeqCst) {
            let what = "another process could not write its line";
            return Err(Failure::because(what.to_owned()));
        }
        let line = format!("turn {round} {number}\n");
        let written = self
            .ledger
            .append_locked(&guard, &file, path, line.as_bytes());
        // REPAIR (the failure is announced too): the next one cannot go on
        // without our line, and would wait for a turn that never comes.
        match written {
            Ok(()) => self.turn.store((number + 1) % self.size, SeqCst),
            Err(_) => self.failed.store(true, SeqCst),
        }
        self.changed.broadcast();
        written
    }

    /// Ends condition variable and ledger.
    ///
    /// # Safety
    ///
    /// No other process uses them or ever will, and none died using them.
    unsafe fn destroy(&self) {
        // SAFETY: passed on to the caller.
        unsafe {
            self.changed.destroy();
            self.ledger.destroy();
        }
    }
}
