//! The signal handler that the assignment asks for. Given: nothing to repair
//! here, and no repair may lie in changing it.

use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};

use crate::failure::Failure;

/// Makes SIGUSR1 harmless: from now on it runs a handler that does nothing,
/// in this process and in those forked from it later.
///
/// The process does notice one thing: a system call in which it was waiting
/// may return early. SA_RESTART, which would hide some of those cases, is
/// left out on purpose.
pub fn handle_sigusr1() -> Result<(), Failure> {
    let action = SigAction::new(
        SigHandler::Handler(do_nothing),
        SaFlags::empty(),
        SigSet::empty(),
    );
    // SAFETY: the handler touches nothing, so it may run at any moment.
    unsafe { sigaction(Signal::SIGUSR1, &action) }
        .map_err(|errno| Failure::new("cannot handle SIGUSR1", errno))?;
    Ok(())
}

extern "C" fn do_nothing(_signal: libc::c_int) {}
