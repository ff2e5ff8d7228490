//! The one question that the engine asks: who moves next?

use crate::fault::Fault;
use crate::operation::{Operation, TaskName};
use crate::trace::Step;

/// A tracee that could move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Who.
    pub task: TaskName,
    /// What it would do.
    pub operation: Operation,
    /// True if SIGUSR1 would reach it in this call: neither blocked nor
    /// ignored. Not asked of calls that are never interrupted.
    pub interruptible: bool,
    /// True if its process has a handler for SIGUSR1, which otherwise kills.
    pub handled: bool,
    /// True if it is a child between the beginning of its first write to FILE
    /// and the release of its lock after it.
    pub inside: bool,
    /// True if the call would have it sleep until somebody else moves: it
    /// waits for a child that lives. Such a choice only makes sense with an
    /// interruption.
    pub would_block: bool,
}

/// A state of the program in which somebody has to move.
#[derive(Debug)]
pub struct Point<'a> {
    /// Who could, in the order of their names; never empty, and at least one
    /// of them would not block.
    pub choices: &'a [Choice],
    /// Who moved last.
    pub last: Option<TaskName>,
    /// How many steps have been made.
    pub step: usize,
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decision {
    /// Who moves.
    pub task: TaskName,
    /// What is injected.
    pub fault: Option<Fault>,
}

/// Chooses schedules, one execution after the other.
pub trait Strategy {
    /// Chooses who moves; `None` gives the execution up.
    fn decide(&mut self, point: &Point<'_>) -> Option<Decision>;

    /// Is told what came of the decision.
    fn observe(&mut self, step: &Step);

    /// Gets ready for the next execution; false if there is none.
    fn advance(&mut self) -> bool;

    /// True if everything within the bound has been run.
    fn complete(&self) -> bool;

    /// How many executions were given up as equal to others.
    fn cut_off(&self) -> u64 {
        0
    }

    /// True if the program did something else than it did before under the
    /// same decisions.
    fn desync(&self) -> bool {
        false
    }

    /// The bound, in words.
    fn bound(&self) -> String;
}
