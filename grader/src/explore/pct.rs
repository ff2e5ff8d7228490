//! Probabilistic concurrency testing: random priorities that change at a few
//! random steps (Burckhardt, Kothari, Musuvathi, Nagarakatte: A Randomized
//! Scheduler with Probabilistic Guarantees of Finding Bugs, ASPLOS 2010).

use std::collections::BTreeMap;

use crate::engine::{Choice, Decision, Point, Strategy};
use crate::fault::{Fault, FaultPlan};
use crate::operation::{Call, TaskName};
use crate::trace::Step;

/// Steps of the first execution, before its length is known.
const FIRST_GUESS_STEPS: u64 = 40;

/// The strategy; the same seed gives the same schedules.
#[derive(Debug)]
pub struct Pct {
    faults: FaultPlan,
    depth: u32,
    most: u64,
    seed: u64,
    executions: u64,
    random: SplitMix,
    /// Higher goes first.
    priorities: BTreeMap<TaskName, u64>,
    /// Steps at which whoever leads falls behind all others.
    changes: Vec<u64>,
    /// Steps at which a fault is injected at the next place for one.
    fault_steps: Vec<u64>,
    step: u64,
    /// Steps of the first execution: all, and those that are no accesses to
    /// shared memory.
    longest: [u64; 2],
    /// The same of this execution.
    counts: [u64; 2],
    lowest: u64,
}

impl Pct {
    /// `executions` schedules of bug depth `depth` from `seed`.
    #[must_use]
    pub fn new(faults: FaultPlan, depth: u32, executions: u64, seed: u64) -> Self {
        let mut pct = Self {
            faults,
            depth,
            most: executions,
            seed,
            executions: 0,
            random: SplitMix(seed),
            priorities: BTreeMap::new(),
            changes: Vec::new(),
            fault_steps: Vec::new(),
            step: 0,
            longest: [FIRST_GUESS_STEPS; 2],
            counts: [0; 2],
            lowest: 0,
        };
        pct.begin();
        pct
    }

    fn begin(&mut self) {
        self.random = SplitMix(self.seed.wrapping_add(self.executions));
        self.priorities.clear();
        self.step = 0;
        self.counts = [0; 2];
        let longest = self.longest[self.scale()];
        // Priorities of tracees lie above those that changes give.
        self.lowest = u64::from(self.depth);
        let changes = self.depth.saturating_sub(1);
        self.changes = (0..changes).map(|_| self.random.below(longest)).collect();
        let faults = self.random.below(u64::from(self.faults.max) + 1);
        self.fault_steps = (0..faults).map(|_| self.random.below(longest)).collect();
    }

    /// Every other execution changes priorities at system calls only: they are
    /// few among many accesses to memory, and more often decide.
    const fn scale(&self) -> usize {
        (self.executions % 2) as usize
    }

    fn leader(&mut self, choices: &[Choice]) -> Option<TaskName> {
        for choice in choices {
            if !self.priorities.contains_key(&choice.task) {
                let priority = u64::from(self.depth) + 1 + self.random.below(1 << 32);
                self.priorities.insert(choice.task, priority);
            }
        }
        let priority = |choice: &&Choice| (self.priorities[&choice.task], choice.task);
        let ready = choices.iter().filter(|choice| !choice.would_block);
        ready.max_by_key(priority).map(|choice| choice.task)
    }

    /// The fault that is due, at the leader's operation or at one of the calls
    /// that wait.
    fn fault(&mut self, choices: &[Choice], leader: TaskName) -> Option<Decision> {
        let due = self
            .fault_steps
            .iter()
            .position(|&step| step <= self.step)?;
        let candidates = choices.iter().filter(|c| c.task == leader || c.would_block);
        let possible: Vec<Decision> = candidates
            .flat_map(|choice| {
                let faults = self.possible(choice).into_iter();
                faults.map(|fault| Decision {
                    task: choice.task,
                    fault: Some(fault),
                })
            })
            .collect();
        if possible.is_empty() {
            return None;
        }
        self.fault_steps.swap_remove(due);
        let pick = self.random.below(possible.len() as u64);
        possible.get(pick as usize).copied()
    }

    fn possible(&self, choice: &Choice) -> Vec<Fault> {
        let mut possible = self.faults.at(choice);
        // These may or may not block; if not, nothing is injected.
        let may_block = matches!(
            choice.operation.call,
            Call::FutexWait | Call::FileLock | Call::Semaphore | Call::Read
        );
        if may_block && self.faults.interrupts_wait(choice) {
            possible.push(Fault::Interruption);
        }
        possible
    }
}

impl Strategy for Pct {
    fn decide(&mut self, point: &Point<'_>) -> Option<Decision> {
        let mut leader = self.leader(point.choices)?;
        let counted = self.scale() == 0 || !is_memory(point.choices, leader);
        if counted && self.changes.contains(&self.step) {
            self.lowest = self.lowest.saturating_sub(1);
            self.priorities.insert(leader, self.lowest);
            leader = self.leader(point.choices)?;
        }
        let faulted = self.fault(point.choices, leader);
        self.step += u64::from(counted);
        self.counts[0] += 1;
        self.counts[1] += u64::from(!is_memory(point.choices, leader));
        Some(faulted.unwrap_or(Decision {
            task: leader,
            fault: None,
        }))
    }

    fn observe(&mut self, _step: &Step) {}

    fn advance(&mut self) -> bool {
        self.executions += 1;
        // From the first execution only, so that schedules do not depend on
        // each other.
        if self.executions == 1 {
            self.longest = self.counts.map(|count| count.max(1));
        }
        self.begin();
        self.executions < self.most
    }

    fn complete(&self) -> bool {
        false
    }

    fn bound(&self) -> String {
        let faults = match self.faults.max {
            0 => String::new(),
            1 => ", up to 1 fault".to_owned(),
            most => format!(", up to {most} faults"),
        };
        format!(
            "{} random schedules (PCT, depth {}, seed {}){faults}",
            self.executions, self.depth, self.seed
        )
    }
}

/// True if `task` would access shared memory.
fn is_memory(choices: &[Choice], task: TaskName) -> bool {
    let choice = choices.iter().find(|choice| choice.task == task);
    choice.is_some_and(|choice| {
        matches!(
            choice.operation.call,
            Call::Load | Call::Store | Call::Update
        )
    })
}

/// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number
/// Generators, OOPSLA 2014): fixed for ever, unlike a library's generator.
#[derive(Debug, Clone, Copy)]
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 if `end` is 0.
    fn below(&mut self, end: u64) -> u64 {
        self.next().checked_rem(end).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splitmix_gives_its_published_sequence() {
        let mut random = SplitMix(1_234_567);
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
    }
}
