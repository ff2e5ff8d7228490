//! Source-DPOR with sleep sets: of all schedules that differ only in the order
//! of independent steps, one is run (Abdulla, Aronis, Jonsson, Sagonas:
//! Optimal Dynamic Partial Order Reduction, POPL 2014; Source Sets, JACM 2017,
//! algorithm 1).
//!
//! Faults are decisions on the same path: wherever a tracee is to move, it is
//! also tried with each fault. Commuting two independent steps changes neither
//! how many faults a schedule has nor where, so the bound on faults is closed
//! under it and sleep sets stay sound.

use std::collections::BTreeMap;

use super::dependence::dependent;
use super::exhaustive::Bounds;
use super::race::{Event, History};
use crate::engine::{Choice, Decision, Point, Strategy};
use crate::fault::Fault;
use crate::operation::{Call, Operation, TaskName};
use crate::trace::{Outcome, Step};

/// A decision that need not be tried before something that depends on it has
/// happened, with what it would do.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Sleeping {
    decision: Decision,
    operation: Operation,
}

/// A state on the current path.
#[derive(Debug)]
struct Node {
    choices: Vec<Choice>,
    sleep: Vec<Sleeping>,
    /// Decisions that are to be tried here, in order; those before `taken`
    /// have been, with everything that follows from them.
    planned: Vec<Decision>,
    taken: usize,
    faults: u32,
}

/// The search; remembers no more than the current path.
#[derive(Debug)]
pub struct Dpor {
    bounds: Bounds,
    path: Vec<Node>,
    history: History,
    depth: usize,
    /// Since which step each tracee could have made its next one.
    ready_since: BTreeMap<TaskName, usize>,
    executions: u64,
    cut_off: u64,
    cut: bool,
    complete: bool,
    desync: bool,
}

impl Dpor {
    /// A search within `bounds`, whose bound on preemptions is not looked at:
    /// reduction and such a bound do not go together, as the one schedule that
    /// stands for many may have more preemptions than the others.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            path: Vec::new(),
            history: History::default(),
            depth: 0,
            ready_since: BTreeMap::new(),
            executions: 0,
            cut_off: 0,
            cut: false,
            complete: false,
            desync: false,
        }
    }

    fn node(&self, point: &Point<'_>) -> Node {
        let (sleep, faults) = match self.path.last() {
            None => (Vec::new(), 0),
            Some(parent) => (parent.sleep_after(), parent.faults_after()),
        };
        let mut node = Node {
            choices: point.choices.to_vec(),
            sleep,
            planned: Vec::new(),
            taken: 0,
            faults,
        };
        self.plan_interruptions(&mut node);
        let mut order: Vec<TaskName> = node.ready().map(|choice| choice.task).collect();
        order.sort_by_key(|task| Some(*task) != point.last);
        for task in order {
            let before = node.planned.len();
            node.plan(task, &self.bounds);
            if node.planned.len() > before {
                break;
            }
        }
        node
    }

    /// Waits for a child that have just been come to may be interrupted. Later
    /// would be the same, as nothing but the child's end depends on it: so it
    /// is tried before all else here, and then sleeps.
    fn plan_interruptions(&self, node: &mut Node) {
        if node.faults >= self.bounds.faults.max {
            return;
        }
        let before = self.path.last();
        let waiting: Vec<TaskName> = node
            .choices
            .iter()
            .filter(|choice| choice.would_block)
            .filter(|choice| !before.is_some_and(|before| before.choices.contains(choice)))
            .filter(|choice| self.bounds.faults.interrupts_wait(choice))
            .map(|choice| choice.task)
            .collect();
        for task in waiting {
            node.add(Decision {
                task,
                fault: Some(Fault::Interruption),
            });
        }
    }

    /// Whoever could move and is dead after the last step might have moved
    /// before it. As it never did, no race tells of that.
    fn plan_victims(&mut self, alive: &[Choice]) {
        let Some(node) = self.path.last_mut() else {
            return;
        };
        let ends = node.decision().filter(|decision| {
            let call = node.choice(decision.task).map(|c| c.operation.call);
            let ending = matches!(call, Some(Call::Signal | Call::Exit | Call::Exec));
            ending || decision.fault == Some(Fault::Death)
        });
        let Some(decision) = ends else {
            return;
        };
        let gone: Vec<TaskName> = node
            .ready()
            .map(|choice| choice.task)
            .filter(|task| *task != decision.task)
            .filter(|task| alive.iter().all(|choice| choice.task != *task))
            .collect();
        for task in gone {
            node.plan(task, &self.bounds);
        }
    }

    /// Plans the reversal of every race that the last execution has shown.
    fn plan_reversals(&mut self) {
        for race in self.history.take_races() {
            let Some(node) = self.path.get_mut(race.at) else {
                continue;
            };
            let known = |task: &TaskName| {
                node.planned.iter().any(|d| d.task == *task)
                    || node
                        .sleep
                        .iter()
                        .any(|s| s.decision.task == *task && s.decision.fault.is_none())
            };
            if race.initials.iter().any(known) {
                continue;
            }
            let ready = |task: &&TaskName| node.ready().any(|choice| choice.task == **task);
            match race.initials.iter().find(ready).copied() {
                Some(task) => node.plan(task, &self.bounds),
                None => {
                    let all: Vec<TaskName> = node.ready().map(|choice| choice.task).collect();
                    for task in all {
                        node.plan(task, &self.bounds);
                    }
                }
            }
        }
    }
}

impl Node {
    fn ready(&self) -> impl Iterator<Item = &Choice> {
        self.choices.iter().filter(|choice| !choice.would_block)
    }

    fn choice(&self, task: TaskName) -> Option<&Choice> {
        self.choices.iter().find(|choice| choice.task == task)
    }

    /// Adds a decision that neither sleeps nor is planned already.
    fn add(&mut self, decision: Decision) {
        let asleep = self
            .sleep
            .iter()
            .any(|sleeping| sleeping.decision == decision);
        if !asleep && !self.planned.contains(&decision) {
            self.planned.push(decision);
        }
    }

    /// Plans `task`, without a fault and with each that is possible.
    fn plan(&mut self, task: TaskName, bounds: &Bounds) {
        let Some(choice) = self.choice(task).cloned() else {
            return;
        };
        self.add(Decision { task, fault: None });
        if self.faults < bounds.faults.max {
            for fault in bounds.faults.at(&choice) {
                self.add(Decision {
                    task,
                    fault: Some(fault),
                });
            }
        }
    }

    fn decision(&self) -> Option<Decision> {
        self.planned.get(self.taken).copied()
    }

    fn faults_after(&self) -> u32 {
        self.faults
            + u32::from(
                self.decision()
                    .is_some_and(|decision| decision.fault.is_some()),
            )
    }

    /// What sleeps after the decision taken here: all that slept or has been
    /// tried, unless the step depends on it.
    fn sleep_after(&self) -> Vec<Sleeping> {
        let Some(decision) = self.decision() else {
            return Vec::new();
        };
        let Some(moved) = self.choice(decision.task) else {
            return Vec::new();
        };
        let tried = self.planned[..self.taken].iter().filter_map(|&decision| {
            let operation = self.choice(decision.task)?.operation.clone();
            Some(Sleeping {
                decision,
                operation,
            })
        });
        self.sleep
            .iter()
            .cloned()
            .chain(tried)
            .filter(|sleeping| {
                let other = (sleeping.decision.task, &sleeping.operation);
                !dependent(other, (moved.task, &moved.operation))
            })
            .collect()
    }
}

impl Strategy for Dpor {
    fn decide(&mut self, point: &Point<'_>) -> Option<Decision> {
        if self.depth == self.path.len() {
            self.plan_victims(point.choices);
            let node = self.node(point);
            self.path.push(node);
        } else if self.path[self.depth].choices != point.choices {
            self.desync = true;
            return None;
        }
        for choice in point.choices.iter().filter(|choice| !choice.would_block) {
            self.ready_since.entry(choice.task).or_insert(self.depth);
        }
        let node = &self.path[self.depth];
        let Some(decision) = node.decision() else {
            // Everything that could move sleeps.
            self.path.pop();
            self.cut = true;
            return None;
        };
        self.depth += 1;
        Some(decision)
    }

    fn observe(&mut self, step: &Step) {
        let at = self.depth - 1;
        let since = self.ready_since.remove(&step.task).unwrap_or(at);
        self.history.push(at, Event::new(step, since));
        let Some(node) = self.path.get_mut(at) else {
            return;
        };
        let blocked = step.outcome == Outcome::Blocked && step.fault.is_none();
        if blocked
            && node.faults < self.bounds.faults.max
            && let Some(choice) = node.choice(step.task).cloned()
            && self.bounds.faults.interrupts_wait(&choice)
        {
            node.add(Decision {
                task: step.task,
                fault: Some(Fault::Interruption),
            });
        }
    }

    fn advance(&mut self) -> bool {
        if !self.cut && self.depth == self.path.len() {
            self.plan_victims(&[]);
        }
        self.plan_reversals();
        if std::mem::take(&mut self.cut) {
            self.cut_off += 1;
        } else {
            self.executions += 1;
        }
        self.path.truncate(self.depth);
        self.depth = 0;
        self.ready_since.clear();
        while let Some(node) = self.path.last_mut() {
            node.taken += 1;
            if node.taken < node.planned.len() {
                self.history.truncate(self.path.len() - 1);
                return self.executions < self.bounds.executions;
            }
            self.path.pop();
        }
        self.complete = true;
        false
    }

    fn complete(&self) -> bool {
        self.complete
    }

    fn cut_off(&self) -> u64 {
        self.cut_off
    }

    fn desync(&self) -> bool {
        self.desync
    }

    fn bound(&self) -> String {
        self.bounds
            .told((!self.complete).then_some(self.executions))
    }
}
