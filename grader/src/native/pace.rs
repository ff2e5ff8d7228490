//! Whose turn it is: the processes', or the storm's and the reader's.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use nix::unistd::Pid;

use super::session::{Doing, Member};
use crate::tracee::proc;

/// Whoever uses this much processor time while others are blocked waits by
/// spinning: it waits for what only the reader can bring about.
const SPINNING: Duration = Duration::from_millis(20);

/// So long in a round is waited for processes that sleep for a time, which may
/// be about to write, or may only poll.
const SLEEPING_MAX: Duration = Duration::from_millis(300);

const TIMED: [i64; 2] = [libc::SYS_nanosleep, libc::SYS_clock_nanosleep];

/// Tells when everybody has gone as far as it can.
#[derive(Debug, Default)]
pub(super) struct Pace {
    used: BTreeMap<Pid, Duration>,
    asleep_since: Option<Instant>,
    slept: Duration,
}

impl Pace {
    /// Something has moved: who spins is to be found out anew.
    pub fn moved(&mut self) {
        self.used.clear();
    }

    /// True if none of them goes on without a signal or a read: each is
    /// blocked, or spins while others are.
    pub fn is_quiet(&mut self, members: &[Member]) -> bool {
        let blocked = members
            .iter()
            .any(|member| matches!(member.doing, Doing::Asleep(_)));
        let mut quiet = true;
        for member in members {
            if member.doing == Doing::Running {
                quiet &= blocked && self.spins(member.pid);
            }
        }
        quiet && !self.waits_for_sleepers(members)
    }

    /// True if it has used a good deal of processor time since something moved.
    pub fn spins(&mut self, pid: Pid) -> bool {
        let Some(now) = proc::cpu_time(pid) else {
            return false;
        };
        let before = *self.used.entry(pid).or_insert(now);
        now.saturating_sub(before) >= SPINNING
    }

    fn waits_for_sleepers(&mut self, members: &[Member]) -> bool {
        if !members.iter().any(sleeps_for_a_time) {
            self.slept += self
                .asleep_since
                .take()
                .map_or(Duration::ZERO, |since| since.elapsed());
            return false;
        }
        let since = *self.asleep_since.get_or_insert_with(Instant::now);
        self.slept + since.elapsed() < SLEEPING_MAX
    }
}

/// True if time alone will wake it.
pub(super) fn sleeps_for_a_time(member: &Member) -> bool {
    matches!(member.doing, Doing::Asleep(call) if TIMED.contains(&call))
}
