//! Which of several blocked writers goes on, so that it does not hang on the
//! order in which the kernel happens to wake them up.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::pace::Pace;
use super::session::{self, Doing, Member};
use super::storm::WRITING;
use crate::tracee::wait;

/// Stops all blocked writers but one; dropping it continues them.
#[derive(Debug)]
pub(super) struct Turn {
    writer: Option<Pid>,
    stopped: Vec<Pid>,
}

impl Turn {
    /// The turn of the `number`th blocked writer, counted round and round.
    pub fn give(members: &[Member], number: u32) -> Self {
        let writers: Vec<Pid> = members
            .iter()
            .filter(|member| matches!(member.doing, Doing::Asleep(call) if WRITING.contains(&call)))
            .map(|member| member.pid)
            .collect();
        if writers.len() < 2 {
            return Self {
                writer: None,
                stopped: Vec::new(),
            };
        }
        let chosen = writers[number as usize % writers.len()];
        let others = writers.into_iter().filter(|&pid| pid != chosen);
        let stopped: Vec<Pid> = others
            .filter(|&pid| kill(pid, Signal::SIGSTOP).is_ok())
            .collect();
        for &pid in &stopped {
            session::until_stopped(pid);
        }
        Self {
            writer: Some(chosen),
            stopped,
        }
    }

    /// Waits until the writer whose turn it is has gone as far as it can.
    pub fn play(self) {
        let Some(pid) = self.writer else { return };
        let mut pace = Pace::default();
        while session::doing(pid) == Doing::Running && !pace.spins(pid) {
            wait::rest();
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        for &pid in &self.stopped {
            let _ = kill(pid, Signal::SIGCONT);
        }
    }
}
