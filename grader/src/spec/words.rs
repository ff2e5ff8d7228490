//! The format's words for kinds and rules, for messages and reports.

use std::fmt;

use super::types::{FileKind, Rule, StrategyKind};

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Regular => "regular",
            Self::Missing => "missing",
            Self::MissingFolder => "missing-folder",
            Self::Fifo => "fifo",
            Self::Limited => "limited",
            Self::Full => "full",
        })
    }
}

impl fmt::Display for StrategyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Exhaustive => "exhaustive",
            Self::Pct => "pct",
            Self::Native => "native",
        })
    }
}

impl Rule {
    /// The format's word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Records => "records",
            Self::RecordsUntilFull => "records-until-full",
            Self::Writers => "writers",
            Self::ExitStatus => "exit-status",
            Self::Reaped => "reaped",
            Self::SharedLock => "shared-lock",
            Self::Gate => "gate",
            Self::GateFull => "gate-full",
            Self::Rendezvous => "rendezvous",
            Self::Relay => "relay",
            Self::SharedWait => "shared-wait",
            Self::RecordsOfSurvivors => "records-of-survivors",
            Self::DeathIsTold => "death-is-told",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}
