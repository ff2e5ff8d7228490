//! The faults that can be injected, and where (design: fault model).

use std::fmt;
use std::str::FromStr;

use crate::engine::Choice;
use crate::operation::{Call, Object};
use crate::spec::types::{Case, DeathTarget, InterruptionTarget, ShortWriteTarget, WakeUpTarget};

/// A fault at one operation. Each is something the kernel could do by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fault {
    /// The write transfers only this many bytes (write(2): "the number of
    /// bytes written may be less than count").
    ShortWrite {
        /// How many.
        bytes: u64,
    },
    /// SIGUSR1 arrives and the kernel ends or restarts the call (signal(7),
    /// "Interruption of system calls and library functions").
    Interruption,
    /// A futex wait returns 0 although nobody has woken the waiter (futex(2):
    /// "callers should always conservatively assume that a return value of 0
    /// can mean a spurious wake-up").
    WakeUp,
    /// SIGKILL arrives before the operation.
    Death,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ShortWrite { bytes } => write!(f, "short {bytes}"),
            Self::Interruption => write!(f, "interrupt"),
            Self::WakeUp => write!(f, "wake"),
            Self::Death => write!(f, "kill"),
        }
    }
}

/// What may be injected, and how much of it in one execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FaultPlan {
    /// At most this many in one execution.
    pub max: u32,
    /// Whose faults they are.
    pub scope: Scope,
    /// Writes may end short.
    pub short_writes: bool,
    /// Writes may be interrupted before anything is transferred.
    pub interrupted_writes: bool,
    /// Calls that have blocked may be interrupted.
    pub interrupted_waits: bool,
    /// Waits on a futex may end for nothing.
    pub wake_ups: bool,
    /// A child that writes may be killed.
    pub deaths: bool,
}

/// What a plan's faults are injected into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scope {
    /// Writes to FILE, and processes that have agreed to bear SIGUSR1.
    #[default]
    Assignment,
    /// Writes to any file of the scratch folder, and SIGUSR1 only where there
    /// is a handler for it.
    AnyProgram,
}

impl FaultPlan {
    /// Nothing.
    pub const NONE: Self = Self {
        max: 0,
        scope: Scope::Assignment,
        short_writes: false,
        interrupted_writes: false,
        interrupted_waits: false,
        wake_ups: false,
        deaths: false,
    };

    /// What the case asks for.
    #[must_use]
    pub fn of(case: &Case) -> Self {
        let Some(faults) = &case.faults else {
            return Self::default();
        };
        Self {
            max: faults.max,
            scope: Scope::Assignment,
            short_writes: faults.short_writes.contains(&ShortWriteTarget::File),
            interrupted_writes: faults.interruptions.contains(&InterruptionTarget::File),
            interrupted_waits: faults.interruptions.contains(&InterruptionTarget::Blocked),
            wake_ups: faults.wake_ups.contains(&WakeUpTarget::Futex),
            deaths: faults.deaths.contains(&DeathTarget::Writer),
        }
    }

    /// Up to `max` faults of every kind that any program has to bear.
    #[must_use]
    pub const fn any_program(max: u32) -> Self {
        Self {
            max,
            scope: Scope::AnyProgram,
            short_writes: true,
            interrupted_writes: true,
            interrupted_waits: true,
            wake_ups: true,
            deaths: false,
        }
    }

    /// The plans to explore one after the other: without faults first, so that
    /// what is broken even so is not taken for the faults' doing, and so that
    /// the smallest schedule has none.
    #[must_use]
    pub fn in_turn(self) -> Vec<Self> {
        if self.max == 0 {
            vec![self]
        } else {
            vec![self.without_faults(), self]
        }
    }

    /// The same without any fault.
    #[must_use]
    pub const fn without_faults(self) -> Self {
        Self { max: 0, ..self }
    }

    /// The faults that are possible where `choice` moves. Interruptions of
    /// waiting calls are among them only if the call is known to block.
    #[must_use]
    pub fn at(self, choice: &Choice) -> Vec<Fault> {
        let operation = &choice.operation;
        if choice.would_block && self.interrupts_wait(choice) {
            return vec![Fault::Interruption];
        }
        let mut faults = Vec::new();
        if self.deaths && choice.inside {
            faults.push(Fault::Death);
        }
        if self.wake_ups && operation.call == Call::FutexWait {
            faults.push(Fault::WakeUp);
        }
        if operation.call != Call::Write || !self.writes_to(&operation.object) {
            return faults;
        }
        if self.short_writes {
            let count = operation.amount.unwrap_or(0);
            // Fewer than asked for, but at least one byte.
            for bytes in [1, count / 2, count.saturating_sub(1)] {
                let fault = Fault::ShortWrite { bytes };
                if bytes > 0 && bytes < count && !faults.contains(&fault) {
                    faults.push(fault);
                }
            }
        }
        if self.interrupted_writes && self.reaches(choice) {
            faults.push(Fault::Interruption);
        }
        faults
    }

    /// True if `choice`, which has been seen to block, can be interrupted.
    #[must_use]
    pub fn interrupts_wait(self, choice: &Choice) -> bool {
        self.interrupted_waits && self.reaches(choice)
    }

    /// Pipes are never meant: up to PIPE_BUF bytes the kernel writes whole
    /// (pipe(7)).
    const fn writes_to(self, object: &Object) -> bool {
        match self.scope {
            Scope::Assignment => matches!(object, Object::File),
            Scope::AnyProgram => matches!(object, Object::File | Object::Path(_)),
        }
    }

    const fn reaches(self, choice: &Choice) -> bool {
        let allowed = matches!(self.scope, Scope::Assignment) || choice.handled;
        choice.interruptible && allowed
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(' ') {
            None if text == "interrupt" => Ok(Self::Interruption),
            None if text == "wake" => Ok(Self::WakeUp),
            None if text == "kill" => Ok(Self::Death),
            Some(("short", bytes)) => bytes
                .parse()
                .map(|bytes| Self::ShortWrite { bytes })
                .map_err(|_| format!("`{bytes}` is no number of bytes")),
            _ => Err(format!(
                "`{text}` is no fault: use `short N`, `interrupt`, `wake` or `kill`"
            )),
        }
    }
}
