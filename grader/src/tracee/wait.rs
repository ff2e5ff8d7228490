//! Telling a tracee that is on its way from one that sleeps in the kernel
//! and from one that runs on without end.

use std::io;
use std::time::{Duration, Instant};

use nix::sys::prctl::set_timerslack;

use super::proc::{self, ProcState};
use super::stop::{Look, Running, Stop, Stopped};
use super::sys;
use crate::trace::ExitStatus;

/// Processor time that a tracee may use between two stops. Generous: it only
/// guards against running on for ever.
pub const CPU_LIMIT: Duration = Duration::from_millis(500);

/// Private memory of a tracee at which it is stopped between two
/// instructions as well, for its memory to be judged.
pub const MEMORY_LIMIT_BYTES: u64 = 1 << 30;

/// What grows by so much while [`CPU_LIMIT`] passes comes to an end at the memory
/// limit: which of the two it is must not hang on how fast the machine is.
const GROWTH_BYTES: u64 = 16 << 20;

/// How often the memory of a tracee that runs on is looked at.
const MEMORY_EVERY: Duration = Duration::from_millis(4);

/// How often a running tracee is looked at before its clock is read.
const LOOKS_BEFORE_CLOCK: u32 = 64;

/// How often it is looked at without delay: more often only where others use the
/// processor, who are not done any sooner for it.
const PROMPT_LOOKS: u32 = 4;

/// Between two looks at one that takes its time.
const LOOK: Duration = Duration::from_micros(50);

/// What came of waiting.
#[derive(Debug)]
pub enum Waited {
    /// It has stopped.
    Stopped(Stopped, Stop),
    /// It has ended.
    Ended(ExitStatus),
    /// The kernel has it sleeping in a system call.
    Asleep(Running),
    /// It ran on for [`CPU_LIMIT`], or beyond [`MEMORY_LIMIT_BYTES`], and has
    /// been stopped between two instructions.
    RanOn(Stopped),
}

/// Waits for a resumed tracee. Grader and tracees share one processor, so
/// giving it up lets the tracee run until it stops or sleeps.
///
/// # Errors
/// ECHILD if it is no tracee of ours.
pub fn wait(mut running: Running) -> io::Result<Waited> {
    let mut looks: u32 = 0;
    let mut started: Option<(Duration, u64)> = None;
    let mut weighed = Instant::now();
    loop {
        running = match running.look()? {
            Look::Stopped(stopped, stop) => return Ok(Waited::Stopped(stopped, stop)),
            Look::Ended(status) => return Ok(Waited::Ended(status)),
            Look::Running(running) => running,
        };
        if looks > 0 && is_asleep(&running) {
            // It may have stopped between the look and the question.
            return Ok(match running.look()? {
                Look::Running(running) => Waited::Asleep(running),
                Look::Stopped(stopped, stop) => Waited::Stopped(stopped, stop),
                Look::Ended(status) => Waited::Ended(status),
            });
        }
        looks += 1;
        if weighed.elapsed() >= MEMORY_EVERY {
            weighed = Instant::now();
            if weight_bytes(&running) > MEMORY_LIMIT_BYTES {
                return stop_running_on(running);
            }
        }
        if looks.is_multiple_of(LOOKS_BEFORE_CLOCK)
            && let Some(now) = proc::cpu_time(running.tid())
        {
            let (since, weight) = *started.get_or_insert_with(|| (now, weight_bytes(&running)));
            if now.saturating_sub(since) >= CPU_LIMIT {
                let weight_now = weight_bytes(&running);
                if weight_now < weight + GROWTH_BYTES {
                    return stop_running_on(running);
                }
                started = Some((now, weight_now));
            }
        }
        leave_processor(looks);
    }
}

/// Lets others have the processor after so many looks at what one of them does.
pub fn leave_processor(looks: u32) {
    match looks <= PROMPT_LOOKS {
        true => step_aside(),
        false => rest(),
    }
}

/// Lets others have the processor between two looks at what they do.
pub fn rest() {
    std::thread::sleep(LOOK);
}

/// Lets others have the processor for a moment, as short as the kernel's timers
/// can.
///
/// Not by sched_yield(2): where processes are scheduled in groups (autogroup,
/// sched(7)), one that goes on with it keeps other groups from the processor,
/// for minutes (seen on Linux 6.18).
fn step_aside() {
    thread_local! {
        // Otherwise a sleep is prolonged by 50 us (PR_SET_TIMERSLACK(2const)).
        static PUNCTUAL: () = {
            let _ = set_timerslack(1);
        };
    }
    PUNCTUAL.with(|()| std::thread::sleep(Duration::from_nanos(1)));
}

fn weight_bytes(running: &Running) -> u64 {
    proc::memory(running.tid()).map_or(0, |memory| memory.private_bytes)
}

/// True if the kernel has the tracee sleeping in a call.
#[must_use]
pub fn is_asleep(running: &Running) -> bool {
    match proc::state(running.tid()) {
        ProcState::Sleeping => proc::asleep_in_call(running.tid()),
        // A process's first thread, dead before the others.
        ProcState::Zombie => true,
        ProcState::Stopped => running.is_listening(),
        _ => false,
    }
}

fn stop_running_on(running: Running) -> io::Result<Waited> {
    running.interrupt()?;
    Ok(match running.wait()? {
        Look::Stopped(stopped, Stop::Interrupted) => Waited::RanOn(stopped),
        Look::Stopped(stopped, stop) => Waited::Stopped(stopped, stop),
        Look::Ended(status) => Waited::Ended(status),
        Look::Running(running) => Waited::Asleep(running),
    })
}

/// Reaps a dead child that is no tracee any more; true if there was one.
///
/// # Errors
/// ECHILD if it is no child of ours.
pub fn reap(pid: nix::unistd::Pid) -> io::Result<bool> {
    sys::wait(pid.as_raw(), libc::WNOHANG).map(|status| status.is_some())
}
