//! The signals that must not decide the result: SIGUSR1 and SIGXFSZ.

use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};

use crate::failure::Failure;

/// Makes SIGUSR1 harmless: from now on it runs a handler that does nothing,
/// in this process and in those forked from it later.
///
/// As in the starter, without SA_RESTART: what is interrupted is dealt with
/// where it is interrupted. SA_RESTART would not do anyway: a `write` that has
/// transferred something returns a short count in either case (signal(7),
/// "Interruption of system calls and library functions by signal handlers").
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

/// Turns the death by SIGXFSZ into an error that can be dealt with.
///
/// REPAIR: a write beyond RLIMIT_FSIZE sends SIGXFSZ, which kills. A writer
/// would die with half a line in FILE, and a parent would die with children
/// unreaped and without a message. When SIGXFSZ is ignored the write fails
/// with EFBIG instead (setrlimit(2), RLIMIT_FSIZE); `fork` hands the setting
/// on (signal(7), "Signal dispositions").
pub fn ignore_sigxfsz() -> Result<(), Failure> {
    let action = SigAction::new(SigHandler::SigIgn, SaFlags::empty(), SigSet::empty());
    // SAFETY: no handler is installed, so none can do harm.
    unsafe { sigaction(Signal::SIGXFSZ, &action) }
        .map_err(|errno| Failure::new("cannot ignore SIGXFSZ", errno))?;
    Ok(())
}

extern "C" fn do_nothing(_signal: libc::c_int) {}
