//! Starting a process, and waiting for it.

use nix::sys::wait::wait;
use nix::unistd::{ForkResult, fork};

use crate::failure::Failure;

/// Starts a child that does `work`, and comes back at once. The child never
/// returns from here: it ends with status 0 if `work` went well and with
/// status 1, after a message, if not.
pub fn start(work: impl FnOnce() -> Result<(), Failure>) -> Result<(), Failure> {
    // SAFETY: this process has a single thread, so the child finds no lock
    // held by a thread that it does not have.
    match unsafe { fork() }.map_err(|errno| Failure::new("cannot fork", errno))? {
        ForkResult::Parent { child: _ } => Ok(()),
        ForkResult::Child => {
            let status = match work() {
                Ok(()) => 0,
                Err(failure) => {
                    failure.report();
                    1
                }
            };
            // TODO 6 (waiting): the shell's prompt is back before the last
            // line is in the file, and when a child fails or dies our exit
            // status says that all is well. Somebody waits here, but who, and
            // for whom?
            let _ = wait();
            // SAFETY: _exit only ends the process. Nothing is left to tidy:
            // what we had at the fork is a copy, the original is the parent's.
            unsafe { libc::_exit(status) }
        }
    }
}
