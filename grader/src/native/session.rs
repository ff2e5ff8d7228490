//! The submission's processes and what they are doing, from `/proc`.

use std::fs;

use nix::unistd::Pid;

use crate::tracee::proc::{self, ProcState};
use crate::tracee::wait;

/// What a process is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    /// Running, or about to.
    Running,
    /// Asleep in this system call.
    Asleep(i64),
    /// Stopped by SIGSTOP.
    Stopped,
    /// Dead.
    Dead,
}

/// A process of the submission.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    pub pid: Pid,
    pub doing: Doing,
}

/// All living processes below the guardian, whatever session they are in.
pub(super) fn members(guardian: Pid) -> Vec<Member> {
    proc::descendants(guardian)
        .into_iter()
        .map(|pid| Member {
            pid,
            doing: doing(pid),
        })
        .filter(|member| member.doing != Doing::Dead)
        .collect()
}

/// What a process is doing.
pub(super) fn doing(pid: Pid) -> Doing {
    match proc::state(pid) {
        ProcState::Running | ProcState::Uninterruptible => Doing::Running,
        ProcState::Sleeping => proc::call(pid).map_or(Doing::Running, Doing::Asleep),
        ProcState::Stopped => Doing::Stopped,
        ProcState::Zombie | ProcState::Gone => Doing::Dead,
    }
}

/// Waits for a stop: the process makes it itself, on its way out of a call.
pub(super) fn until_stopped(pid: Pid) {
    while doing(pid) == Doing::Running {
        wait::rest();
    }
}

/// True if the process has a handler for SIGUSR1 (proc_pid_status(5)).
pub(super) fn catches_sigusr1(pid: Pid) -> bool {
    let Ok(status) = fs::read_to_string(format!("/proc/{pid}/status")) else {
        return false;
    };
    let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let mask = mask
        .and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok())
        .unwrap_or(0);
    mask & (1 << (libc::SIGUSR1 - 1)) != 0
}
