//! Waiting for a tracee that is expected to stop, without looking again and
//! again; should it sleep or run on instead, an alarm ends the wait.

use std::io;
use std::sync::Once;
use std::time::Duration;

use nix::sys::signal::{SigEvent, SigevNotify, Signal};
use nix::sys::time::TimeSpec;
use nix::sys::timer::{Expiration, Timer, TimerSetTimeFlags};
use nix::time::ClockId;
use nix::unistd::gettid;

use super::proc::{self, ProcState};
use super::stop::{Look, Running};
use super::sys;
use super::wait::{Waited, wait};

/// How often a wait is ended. A tracee that sleeps where it was not expected
/// to is known to do so this much later.
const EVERY: Duration = Duration::from_millis(10);

/// So many times, one that is on its way is waited for again: on a busy machine
/// it may not have had the processor yet. Then it is watched.
const WAITS: usize = 3;

/// Ends this thread's waits, now and then, while it exists. System calls that
/// the thread blocks in meanwhile may fail with EINTR.
#[derive(Debug)]
pub struct Alarm {
    _timer: Timer,
}

impl Alarm {
    /// Sets the alarm.
    ///
    /// # Errors
    /// If there are no timers left.
    pub fn set() -> io::Result<Self> {
        static HANDLER: Once = Once::new();
        HANDLER.call_once(sys::notice_alarms);
        let event = SigEvent::new(SigevNotify::SigevThreadId {
            signal: Signal::SIGALRM,
            thread_id: gettid().as_raw(),
            si_value: 0,
        });
        let mut timer = Timer::new(ClockId::CLOCK_MONOTONIC, event)?;
        let every = Expiration::Interval(TimeSpec::from_duration(EVERY));
        timer.set(every, TimerSetTimeFlags::empty())?;
        Ok(Self { _timer: timer })
    }

    /// Waits for a tracee that is expected to stop before it sleeps. One that
    /// does sleep is found asleep all the same, only later.
    ///
    /// # Errors
    /// ECHILD if it is no tracee of ours.
    pub fn wait(&self, mut running: Running) -> io::Result<Waited> {
        if running.is_listening() {
            return wait(running);
        }
        for _ in 0..WAITS {
            running = match running.wait_for_alarm()? {
                Look::Stopped(stopped, stop) => return Ok(Waited::Stopped(stopped, stop)),
                Look::Ended(status) => return Ok(Waited::Ended(status)),
                Look::Running(running) => running,
            };
            if proc::state(running.tid()) != ProcState::Running {
                break;
            }
        }
        wait(running)
    }
}
