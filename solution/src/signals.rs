//! The signals that must not decide the result, SIGUSR1 and SIGXFSZ, and the
//! one by which a parent ends its children, SIGTERM.

use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};

use nix::unistd::getppid;

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

/// Has SIGTERM end this process, and those forked from it later, with status 1
/// if it comes from the parent, at once and wherever it is.
///
/// To be called before the first fork: a child that installed the handler by
/// itself could be told to end before it has. The mask is handed on too, and
/// we may have been started with SIGTERM blocked.
pub fn end_when_told_by_parent() -> Result<(), Failure> {
    let action = SigAction::new(
        SigHandler::SigAction(end_if_told_by_parent),
        SaFlags::SA_SIGINFO,
        SigSet::empty(),
    );
    // SAFETY: the handler does only what a handler may do at any moment.
    unsafe { sigaction(Signal::SIGTERM, &action) }
        .and_then(|_| SigSet::from(Signal::SIGTERM).thread_unblock())
        .map_err(|errno| Failure::new("cannot handle SIGTERM", errno))
}

/// Ends by `_exit`, which a handler may call, whatever it has interrupted
/// (signal-safety(7)); the mutex, if we hold it, goes to the next one with
/// EOWNERDEAD. A SIGTERM from anybody else kills, as it would without the
/// handler: the parent must see that, and not take it for a failure of which
/// the others have been told.
extern "C" fn end_if_told_by_parent(
    signal: libc::c_int,
    info: *mut libc::siginfo_t,
    _context: *mut libc::c_void,
) {
    // SAFETY: with SA_SIGINFO the kernel hands over a valid `info`; all calls
    // are async-signal-safe. SIGTERM is blocked until this returns.
    unsafe {
        if (*info).si_pid() == getppid().as_raw() {
            libc::_exit(1);
        }
        libc::signal(signal, libc::SIG_DFL);
        libc::raise(signal);
    }
}

extern "C" fn do_nothing(_signal: libc::c_int) {}
