//! The storm: signals to processes that are blocked, and a reader that takes
//! little at a time. Every move waits for what the processes do, none for
//! time, so that a blocked write is hit in every run.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::session::{self, Doing, Member};

/// How many signals a process is sent in one round.
const SIGNALS_MAX: u32 = 128;

/// The signals of one round.
#[derive(Debug)]
pub(super) struct Storm {
    sent: Vec<(Pid, u32)>,
    turn: u32,
}

/// Calls that write (write, writev, pwrite64).
pub(super) const WRITING: [i64; 3] = [libc::SYS_write, libc::SYS_writev, libc::SYS_pwrite64];

/// Calls that wait for a lock or for a child.
const WAITING: [i64; 3] = [libc::SYS_futex, libc::SYS_wait4, libc::SYS_waitid];

impl Storm {
    /// A storm; `round` decides which signal comes first.
    pub const fn new(round: u32) -> Self {
        Self {
            sent: Vec::new(),
            turn: round,
        }
    }

    /// Signals every blocked process; false if there is none.
    pub fn strike(&mut self, members: &[Member]) -> bool {
        let targets: Vec<Pid> = members
            .iter()
            .filter(|member| self.is_target(member))
            .map(|member| member.pid)
            .collect();
        self.turn += 1;
        for &pid in &targets {
            match self.sent.iter_mut().find(|(known, _)| *known == pid) {
                Some((_, count)) => *count += 1,
                None => self.sent.push((pid, 1)),
            }
            if self.turn.is_multiple_of(3) {
                stop_and_continue(pid);
            } else {
                let _ = kill(pid, Signal::SIGUSR1);
            }
        }
        !targets.is_empty()
    }

    /// True if a process is blocked in a write and has not been struck yet.
    pub fn owes(&self, members: &[Member]) -> bool {
        members.iter().any(|member| match member.doing {
            Doing::Asleep(call) => WRITING.contains(&call) && self.sent_to(member.pid) == 0,
            _ => false,
        })
    }

    fn sent_to(&self, pid: Pid) -> u32 {
        self.sent
            .iter()
            .find(|(known, _)| *known == pid)
            .map_or(0, |(_, count)| *count)
    }

    fn is_target(&self, member: &Member) -> bool {
        let Doing::Asleep(call) = member.doing else {
            return false;
        };
        let blocked = WRITING.contains(&call)
            || WAITING.contains(&call) && session::catches_sigusr1(member.pid);
        blocked && self.sent_to(member.pid) < SIGNALS_MAX
    }
}

fn stop_and_continue(pid: Pid) {
    if kill(pid, Signal::SIGSTOP).is_err() {
        return;
    }
    session::until_stopped(pid);
    let _ = kill(pid, Signal::SIGCONT);
}
