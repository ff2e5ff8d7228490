//! When a process waits for the others, by its own lines, and which locks
//! only keep lines whole.
//!
//! Only the order of each process's own steps counts: how they fall between
//! those of others is not the same in every equal execution, of which the
//! search runs one.

use std::collections::BTreeMap;

use super::lines::read;
use super::{Facts, Rule, expected};
use crate::operation::{Call, Object};
use crate::oracle::writes::{FileWrite, transfers, writing};
use crate::trace::Execution;

/// Mapping and offset of a lock in shared memory.
type Place = (u32, u64);

/// The waits of one execution.
#[derive(Debug)]
pub(in crate::oracle) struct Waits {
    exercise: Option<Rule>,
    /// By process: the step by which each of its lines was whole, in order.
    lines: BTreeMap<u32, Vec<usize>>,
    /// Locks that keep lines whole.
    line_locks: Vec<Place>,
}

impl Waits {
    pub fn of(facts: &Facts, execution: &Execution) -> Self {
        let mut waits = Self {
            exercise: facts.exercise,
            lines: BTreeMap::new(),
            line_locks: Vec::new(),
        };
        let content = execution.file.as_deref().unwrap_or_default();
        let all = facts.exercise.map(|rule| expected(rule, facts));
        let lines = read(&facts.initial, content, &all.unwrap_or_default(), true);
        let transfers = transfers(execution);
        for line in lines.unwrap_or_default() {
            // The write of its newline made it whole.
            let newline = line.offset + line.text.len();
            if let Some(write) = writing(&transfers, &facts.initial, newline) {
                let process = write.task.process;
                waits.lines.entry(process).or_default().push(write.step);
            }
        }
        waits.find_line_locks(execution, &transfers);
        waits
    }

    /// True if the exercise may have the process wait for others at this step
    /// of its own.
    pub fn may_wait(&self, process: u32, step: usize) -> bool {
        let Some(lines) = self.lines.get(&process) else {
            return false;
        };
        let written = lines.iter().filter(|&&whole| whole < step).count();
        match self.exercise {
            // Before its `enter`.
            Some(Rule::Gate) => written == 0,
            // Between an `arrive` and the `depart` that follows.
            Some(Rule::Rendezvous) => written % 2 == 1 && written < lines.len(),
            // Before each of its lines.
            Some(Rule::Relay) => written < lines.len(),
            _ => false,
        }
    }

    /// True if this lock only keeps lines whole.
    pub fn is_line_lock(&self, mapping: u32, offset: u64) -> bool {
        self.line_locks.contains(&(mapping, offset))
    }

    fn find_line_locks(&mut self, execution: &Execution, transfers: &[FileWrite]) {
        let updates = |process: u32| {
            let steps = execution.steps.iter().enumerate();
            steps.filter_map(move |(index, step)| match step.operation.object {
                Object::Shared { mapping, offset }
                    if step.operation.call == Call::Update && step.task.process == process =>
                {
                    Some((index, (mapping, offset)))
                }
                _ => None,
            })
        };
        for (&process, lines) in &self.lines {
            if self.exercise == Some(Rule::Gate) {
                // What is taken and let go between `enter` and `leave`.
                let [enter, leave, ..] = lines.as_slice() else {
                    continue;
                };
                let between = updates(process).filter(|(at, _)| enter < at && at < leave);
                self.line_locks.extend(between.map(|(_, place)| place));
                continue;
            }
            // What is changed last before a write and first after it.
            for write in transfers
                .iter()
                .filter(|write| write.task.process == process)
            {
                let before = updates(process)
                    .take_while(|(at, _)| *at < write.step)
                    .last();
                let after = updates(process).find(|(at, _)| *at > write.step);
                if let (Some((_, before)), Some((_, after))) = (before, after)
                    && before == after
                {
                    self.line_locks.push(before);
                }
            }
        }
    }
}
