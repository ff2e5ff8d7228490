//! Processes that wait for each other: if one is lost, the rest must not wait
//! for it.

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitStatus, wait};
use nix::unistd::Pid;

use crate::children::{failed, start};
use crate::failure::Failure;
use crate::record::retry;
use crate::signals;

/// Starts `size` processes, numbered from 0, that each do `work`, and waits
/// for them all. This process does nothing else.
///
/// A member that fails has to let the others know by itself: it still can. One
/// that is killed cannot, and one that could not be started never will; in
/// both cases the rest are told to end, and end with status 1.
pub fn run(size: u32, work: impl Fn(u32) -> Result<(), Failure>) -> Result<(), Failure> {
    signals::end_when_told_by_parent()?;
    let mut team = Team::default();
    let started = (0..size).try_for_each(|number| {
        let pid = start(|| work(number))?;
        team.running.push((number, pid));
        Ok(())
    });
    if started.is_err() {
        team.tell_to_end();
    }
    Failure::all(started, team.reap())
}

/// Those that have not been reaped yet: their pids are theirs until then.
#[derive(Debug, Default)]
struct Team {
    running: Vec<(u32, Pid)>,
}

impl Team {
    /// Waits for each of them, in the order in which they end.
    ///
    /// REPAIR: in the order of their start, as `forkwrite` may, this process
    /// would wait for one that itself waits for another, which is dead. So it
    /// waits for any (wait(2)), and is the one to know of a death for certain,
    /// at whichever step it was.
    fn reap(mut self) -> Result<(), Failure> {
        let mut result = Ok(());
        while !self.running.is_empty() {
            let status = match retry(wait) {
                Ok(status) => status,
                Err(errno) => {
                    let failure = Failure::new("cannot wait for the processes", errno);
                    return Failure::all(result, Err(failure));
                }
            };
            // Whoever executed us may have left us a child of its own.
            let ended = |&(_, pid): &(u32, Pid)| status.pid() == Some(pid);
            let Some(index) = self.running.iter().position(ended) else {
                continue;
            };
            let (number, _) = self.running.remove(index);
            let Some(what) = failed(status) else {
                continue;
            };
            let failure = Failure::because(format!("process {number} {what}"));
            result = Failure::all(result, Err(failure));
            if let WaitStatus::Signaled(..) = status {
                self.tell_to_end();
            }
        }
        result
    }

    /// Has all that are left end with status 1, wherever they are.
    ///
    /// REPAIR: a process that was killed may have had the turn, a place at the
    /// gate, or be counted as a waiter by a barrier or condition variable. To
    /// mend these is out of reach: only the mutex can be robust, and after a
    /// death inside pthread_cond_wait even a broadcast may wait for ever. A
    /// signal reaches the others whatever they wait for, and needs nothing that
    /// the dead one may have left half done.
    fn tell_to_end(&self) {
        for &(_, pid) in &self.running {
            // It cannot fail: they are our children, and not reaped.
            let _: Result<(), Errno> = kill(pid, Signal::SIGTERM);
        }
    }
}
