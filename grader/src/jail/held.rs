//! What holds a program, said in every result.

use std::path::Path;
use std::sync::OnceLock;

use serde::Serialize;

use super::job;
use super::rules::{Reach, ruleset};
use crate::tracee::confinement::{Calls, Confinement};
use crate::tracee::filter::Signals;
use crate::tracee::probe;
use crate::tracee::spawn::Control;

/// What keeps a program's signals from other processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignalGuard {
    /// Landlock's scope (Linux 6.12 and later).
    Landlock,
    /// A user of its own.
    OwnUser,
    /// The engine looks at each target; where nothing is traced, no signal can
    /// be sent.
    Filter,
}

/// What holds the programs of a grading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Held {
    /// Those of the tiers T0 (without privilege) and T1 (a user of its own)
    /// that hold in full.
    pub tiers: Vec<&'static str>,
    /// Version of Landlock that is in force.
    pub landlock: Option<u32>,
    /// What keeps signals in.
    pub signals: SignalGuard,
    /// What does not hold, and why.
    pub missing: Vec<String>,
}

/// What holds `program` on this machine.
#[must_use]
pub fn held(program: &Path) -> Held {
    let own_user = job::identity(program, Control::Traced);
    let landlock = landlock();
    let mut missing = Vec::new();
    let mut tiers = Vec::new();
    match landlock {
        Landlock { files: Some(_), .. } => tiers.push("T0"),
        Landlock { files: None, .. } => {
            missing.push("T0: no Landlock, so programs can read what the grader can".to_owned());
        }
    }
    match &own_user {
        Ok(_) => tiers.push("T1"),
        Err(why) => missing.push(format!("T1: {why}")),
    }
    Held {
        tiers,
        landlock: landlock.files,
        signals: guard(own_user.is_ok()),
        missing,
    }
}

pub(super) fn guard(own_user: bool) -> SignalGuard {
    match (landlock().signals, own_user) {
        (true, _) => SignalGuard::Landlock,
        (false, true) => SignalGuard::OwnUser,
        (false, false) => SignalGuard::Filter,
    }
}

/// What of Landlock was seen to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Landlock {
    /// Files are held, by this version.
    pub files: Option<u32>,
    /// Signals are held.
    pub signals: bool,
}

/// Tried once, by a child behind walls with nothing of its own.
pub(super) fn landlock() -> Landlock {
    static SEEN: OnceLock<Landlock> = OnceLock::new();
    *SEEN.get_or_init(|| {
        let walls = Confinement {
            ruleset: ruleset(&Reach::default()).ok().flatten(),
            identity: None,
            signals: Signals::Allowed,
            calls: Calls::Known,
        };
        let holds = walls.ruleset.is_some() && probe::walls_hold(&walls);
        Landlock {
            files: probe::landlock_version().filter(|_| holds),
            signals: holds && probe::walls_hold_signals(&walls),
        }
    })
}
