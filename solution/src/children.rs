//! Starting processes, and waiting for all of them.

use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, fork};

use crate::failure::Failure;
use crate::record::retry;

/// The children started so far, in the order of their start.
#[derive(Debug, Default)]
pub struct Children(Vec<Pid>);

impl Children {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts one more, as [`start`] does.
    pub fn start(&mut self, work: impl FnOnce() -> Result<(), Failure>) -> Result<(), Failure> {
        self.0.push(start(work)?);
        Ok(())
    }

    /// Waits for each of them, whatever became of the others.
    ///
    /// REPAIR (waiting): a parent that does not wait ends while lines are
    /// still being written, and what a child could not do stays unsaid. Only a
    /// parent can wait for a child; the child's own `wait` fails with ECHILD
    /// at once (wait(2)). One call reaps one child, so there is one for each,
    /// by its pid; a signal is no reason to leave it unreaped; and the status
    /// tells how it ended, by exit or by signal (wait(2), WIFEXITED,
    /// WIFSIGNALED), which must show in our own.
    pub fn reap(self) -> Result<(), Failure> {
        let total = self.0.len();
        let mut result = Ok(());
        for (index, pid) in self.0.into_iter().enumerate() {
            let what = match retry(|| waitpid(pid, None)) {
                Ok(status) => match failed(status) {
                    Some(what) => what,
                    None => continue,
                },
                Err(errno) => format!("cannot be waited for: {errno}"),
            };
            let failure = Failure::because(format!("child {} of {total} {what}", index + 1));
            result = Failure::all(result, Err(failure));
        }
        result
    }
}

/// Starts a child that does `work`, and comes back at once. The child never
/// returns from here: it ends with status 0 if `work` went well and with
/// status 1, after a message, if not.
pub fn start(work: impl FnOnce() -> Result<(), Failure>) -> Result<Pid, Failure> {
    // SAFETY: this process has a single thread, so the child finds no lock
    // held by a thread that it does not have.
    match unsafe { fork() }.map_err(|errno| Failure::new("cannot fork", errno))? {
        ForkResult::Parent { child } => Ok(child),
        ForkResult::Child => {
            let status = match work() {
                Ok(()) => 0,
                Err(failure) => {
                    failure.report();
                    1
                }
            };
            // REPAIR: a child that went on from here would start children
            // of its own, write the parent's record once more and destroy
            // the mutex that others still need. `_exit` ends it on the spot:
            // no destructor runs and no buffer inherited from the parent is
            // flushed a second time (_exit(2)).
            // SAFETY: _exit only ends the process.
            unsafe { libc::_exit(status) }
        }
    }
}

/// What is wrong with how a child ended, in words; `None` if nothing is.
pub fn failed(status: WaitStatus) -> Option<String> {
    match status {
        WaitStatus::Exited(_, 0) => None,
        WaitStatus::Exited(_, status) => Some(format!("ended with status {status}")),
        WaitStatus::Signaled(_, signal, _) => Some(format!("was killed by {signal}")),
        // Stops are not reported unless asked for (WUNTRACED).
        other => Some(format!("is in an unexpected state, {other:?}")),
    }
}
