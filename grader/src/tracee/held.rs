//! Signals that come to a tracee while it does something for us: they wait.

use std::io;

use nix::sys::signal::{Signal, kill};

use super::inject::{gone, is_fault};
use super::stop::{Look, Stop, Stopped, Until};
use super::sys;

/// The signals that have come so far.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// What it had blocked before the first of them came.
    mask: Option<u64>,
    /// True if SIGSTOP came, which cannot be blocked.
    stop: bool,
}

impl Held {
    /// Lets a tracee go on to its next stop of this kind.
    pub fn go(&mut self, stopped: Stopped, until: Until, wanted: Stop) -> io::Result<Stopped> {
        let mut running = stopped.resume(until, 0)?;
        loop {
            running = match running.wait()? {
                Look::Stopped(stopped, stop) if stop == wanted => return Ok(stopped),
                Look::Stopped(stopped, Stop::Signal(libc::SIGSTOP)) => {
                    self.stop = true;
                    stopped.resume(until, 0)?
                }
                Look::Stopped(stopped, Stop::Signal(signal)) => {
                    self.hold(&stopped)?;
                    stopped.resume(until, signal)?
                }
                Look::Stopped(_, Stop::CallEntry | Stop::CallExit) => {
                    return Err(gone("the tracee makes a call of its own"));
                }
                Look::Stopped(stopped, _) => stopped.resume(until, 0)?,
                Look::Running(running) => running,
                Look::Ended(_) => return Err(gone("the tracee was killed")),
            };
        }
    }

    /// A signal that is blocked by the time it would be delivered is pending
    /// again, with all that is known of it (`ptrace_signal` in
    /// kernel/signal.c).
    fn hold(&mut self, stopped: &Stopped) -> io::Result<()> {
        if is_fault(&sys::fault(stopped.tid().as_raw())?) {
            return Err(gone("the tracee's stub is gone"));
        }
        if self.mask.is_none() {
            self.mask = Some(stopped.signal_mask()?);
        }
        stopped.set_signal_mask(u64::MAX)
    }

    /// From when the tracee goes on, they come.
    pub fn release(&self, stopped: &Stopped) -> io::Result<()> {
        if self.stop {
            kill(stopped.tid(), Signal::SIGSTOP)?;
        }
        self.mask
            .map_or(Ok(()), |mask| stopped.set_signal_mask(mask))
    }
}
