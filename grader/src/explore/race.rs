//! What happened before what in an execution, and which steps race.

use super::dependence::dependent;
use crate::operation::{Call, Operation, TaskName};
use crate::trace::Step;

/// A step with what the search needs to know of it.
#[derive(Debug, Clone)]
pub(super) struct Event {
    task: TaskName,
    operation: Operation,
    /// The index from which on it could have been made.
    ready_since: usize,
    /// How many steps of each tracee happened before it, itself included.
    clock: Clock,
}

/// By tracee, in the order of their first steps.
type Clock = Vec<(TaskName, usize)>;

/// A race: two dependent steps of different tracees with nothing between them
/// that would order them.
#[derive(Debug)]
pub(super) struct Race {
    /// Index of the first of the two.
    pub at: usize,
    /// Who could begin what leads to the other order, at that index.
    pub initials: Vec<TaskName>,
}

impl Event {
    pub fn new(step: &Step, ready_since: usize) -> Self {
        Self {
            task: step.task,
            operation: step.operation.clone(),
            ready_since,
            clock: Clock::new(),
        }
    }

    fn knows(&self, task: TaskName, count: usize) -> bool {
        self.clock
            .iter()
            .any(|&(known, steps)| known == task && steps >= count)
    }

    fn learn(&mut self, other: &Clock) {
        for &(task, steps) in other {
            match self.clock.iter_mut().find(|(known, _)| *known == task) {
                Some((_, known)) => *known = (*known).max(steps),
                None => self.clock.push((task, steps)),
            }
        }
    }

    fn own_count(&self) -> usize {
        let own = self.clock.iter().find(|(task, _)| *task == self.task);
        own.map_or(0, |(_, steps)| *steps)
    }

    /// True if another tracee's step may have made it possible at all: a birth,
    /// a wake-up, a child's end.
    const fn is_enabled_by_others(&self) -> bool {
        matches!(self.operation.call, Call::Start | Call::Return | Call::Wait)
    }
}

/// The steps of the current path.
#[derive(Debug, Default)]
pub(super) struct History {
    events: Vec<Event>,
    races: Vec<Race>,
}

impl History {
    /// Adds the step at index `at`, unless it is known from before.
    pub fn push(&mut self, at: usize, event: Event) {
        if at < self.events.len() {
            return;
        }
        let mut event = event;
        let mut racing = Vec::new();
        let enabler = event
            .ready_since
            .checked_sub(1)
            .filter(|_| event.is_enabled_by_others());
        for (index, other) in self.events.iter().enumerate().rev() {
            if event.knows(other.task, other.own_count()) {
                continue;
            }
            if enabler == Some(index) {
                event.learn(&other.clock);
            } else if dependent(
                (other.task, &other.operation),
                (event.task, &event.operation),
            ) {
                // Before its child's end a wait could not have been made.
                let early = event.operation.call != Call::Wait || event.ready_since <= index;
                if other.task != event.task && early {
                    racing.push(index);
                }
                event.learn(&other.clock);
            }
        }
        let own = self
            .events
            .iter()
            .filter(|other| other.task == event.task)
            .count()
            + 1;
        event.clock.retain(|(task, _)| *task != event.task);
        event.clock.push((event.task, own));
        self.events.push(event);
        for index in racing {
            let race = Race {
                at: index,
                initials: self.initials(index),
            };
            self.races.push(race);
        }
    }

    /// Who can begin the sequence of all steps after `at` that do not depend
    /// on it, and of the last step.
    fn initials(&self, at: usize) -> Vec<TaskName> {
        let first = &self.events[at];
        let last = self.events.len() - 1;
        let free = |index: &usize| {
            *index == last || !self.events[*index].knows(first.task, first.own_count())
        };
        let sequence: Vec<&Event> = (at + 1..=last)
            .filter(free)
            .map(|index| &self.events[index])
            .collect();
        let mut initials = Vec::new();
        for (position, event) in sequence.iter().enumerate() {
            let begins = sequence[..position].iter().all(|before| {
                before.task != event.task && !event.knows(before.task, before.own_count())
            });
            if begins && !initials.contains(&event.task) {
                initials.push(event.task);
            }
        }
        initials
    }

    /// The races found since the last call.
    pub fn take_races(&mut self) -> Vec<Race> {
        std::mem::take(&mut self.races)
    }

    /// Forgets the steps from index `length` on.
    pub fn truncate(&mut self, length: usize) {
        self.events.truncate(length);
    }
}
