//! `gate FILE N K`: N processes want in, at most K are inside at once. Each
//! says so in FILE when it has come in and before it goes out.

use std::env;
use std::os::fd::AsFd;
use std::path::Path;
use std::process::ExitCode;

use solution::args::{TeamArgs, usage_error};
use solution::failure::{Failure, exit_code};
use solution::ledger::Ledger;
use solution::record::open_file;
use solution::semaphore::Semaphore;
use solution::shared::{Shareable, Shared};
use solution::{signals, team};

fn main() -> ExitCode {
    let Some(args) = TeamArgs::parse(env::args_os().skip(1)) else {
        return usage_error("gate FILE N K (N and K numbers above 0)");
    };
    exit_code(run(&args))
}

/// Starts the processes and waits for them; this one stays outside.
fn run(args: &TeamArgs) -> Result<(), Failure> {
    signals::handle_sigusr1()?;
    signals::ignore_sigxfsz()?;
    let file = open_file(&args.file)?;
    // More places than processes are as good as one for each; and no K is
    // more than a semaphore can count.
    let places = u32::try_from(args.count).map_or(args.size, |count| count.min(args.size));
    let gate = Gate::new(places)?;

    let passed = team::run(args.size, |number| gate.pass(number, &file, &args.file));
    if passed.is_err() {
        return Failure::all(passed, gate.ledger.tidy(&file, &args.file));
    }
    // REPAIR (tearing down): only here is it certain that nobody comes to the
    // gate any more; who waits for a destroyed semaphore may never be woken
    // (sem_destroy(3): undefined).
    // SAFETY: all processes have passed the gate and ended.
    unsafe { gate.destroy() };
    Ok(())
}

/// What the processes share.
#[derive(Debug)]
struct Gate {
    /// The places inside.
    places: Semaphore,
    /// For the lines: to be inside does not mean to be alone.
    ledger: Ledger,
}

// SAFETY: a process-shared semaphore and a ledger, no pointers.
unsafe impl Shareable for Gate {}

impl Gate {
    /// A gate with so many places, in shared memory. To be called before the
    /// first fork.
    fn new(places: u32) -> Result<Shared<Self>, Failure> {
        let gate = Shared::new(Self {
            places: Semaphore::uninitialised(),
            ledger: Ledger::uninitialised(),
        })?;
        // SAFETY: they have just been put where they stay, and no other
        // process has them yet.
        unsafe {
            gate.ledger.initialise()?;
            gate.places.initialise(places)
        }
        .map_err(|errno| Failure::new("cannot initialise the semaphore", errno))?;
        Ok(gate)
    }

    /// Waits for a place, comes in, goes out.
    ///
    /// REPAIR (the gate): a count that is looked at in one step and changed in
    /// the next lets two processes through on the last place. Taking a place of
    /// a semaphore is one step, and waiting for one a sleep (sem_overview(7)).
    ///
    /// What FILE shows must be true of the gate: so `enter` is written when the
    /// place is taken, not before, and `leave` while it is still taken. The
    /// place is given back when `_place` is dropped, behind the last line or
    /// behind the error that kept one from being written: on a full disk all
    /// come in, fail, and go.
    fn pass(&self, number: u32, file: impl AsFd, path: &Path) -> Result<(), Failure> {
        let _place = self
            .places
            .take()
            .map_err(|errno| Failure::new("cannot wait for a place", errno))?;
        let append = |what| {
            let line = format!("{what} {number}\n");
            self.ledger.append(&file, path, line.as_bytes())
        };
        append("enter")?;
        append("leave")
    }

    /// Ends semaphore and ledger.
    ///
    /// # Safety
    ///
    /// No other process uses them or ever will.
    unsafe fn destroy(&self) {
        // SAFETY: passed on to the caller.
        unsafe {
            self.places.destroy();
            self.ledger.destroy();
        }
    }
}
