//! Depth-first search through every schedule within the bounds.

use crate::engine::{Choice, Decision, Point, Strategy};
use crate::fault::{Fault, FaultPlan};
use crate::operation::TaskName;
use crate::trace::{Outcome, Step};

/// What a search leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// At most this many preemptions a schedule: times that a tracee which
    /// could go on has to let another go first. `None`: no bound.
    pub preemptions: Option<u32>,
    /// At most this many executions.
    pub executions: u64,
    /// Which faults, and how many a schedule.
    pub faults: FaultPlan,
}

impl Bounds {
    /// In words; `reached` after so many executions, if they were too many.
    pub(super) fn told(&self, reached: Option<u64>) -> String {
        let plural = |count: u32| if count == 1 { "" } else { "s" };
        let up_to = |count: u32, what: &str| format!("up to {count} {what}{}", plural(count));
        let preemptions = self.preemptions.map(|most| up_to(most, "preemption"));
        let faults = (self.faults.max > 0).then(|| up_to(self.faults.max, "fault"));
        let most: Vec<String> = preemptions.into_iter().chain(faults).collect();
        let with = if most.is_empty() { "" } else { " with " };
        let all = format!("every interleaving{with}{}", most.join(" and "));
        match reached {
            None => all,
            Some(executions) => format!("bound reached: {executions} executions of {all}"),
        }
    }
}

/// A state in which a decision was taken, on the current path.
#[derive(Debug)]
struct Node {
    choices: Vec<Choice>,
    options: Vec<Decision>,
    taken: usize,
    /// Who would go on if there were no preemption.
    current: Option<TaskName>,
    preemptions: u32,
    faults: u32,
}

/// The search; remembers no more than the current path.
#[derive(Debug)]
pub struct Exhaustive {
    bounds: Bounds,
    path: Vec<Node>,
    depth: usize,
    executions: u64,
    complete: bool,
    desync: bool,
}

impl Exhaustive {
    /// A search within `bounds`.
    #[must_use]
    pub const fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            path: Vec::new(),
            depth: 0,
            executions: 0,
            complete: false,
            desync: false,
        }
    }

    fn node(&self, point: &Point<'_>) -> Node {
        let (preemptions, faults) = match self.path.last() {
            None => (0, 0),
            Some(parent) => parent.spent(),
        };
        let goes_on = |last: &TaskName| {
            point
                .choices
                .iter()
                .any(|choice| choice.task == *last && !choice.would_block)
        };
        let current = point.last.filter(goes_on);
        let mut node = Node {
            choices: point.choices.to_vec(),
            options: Vec::new(),
            taken: 0,
            current,
            preemptions,
            faults,
        };
        // Without a fault and without a preemption first.
        let mut order: Vec<&Choice> = point.choices.iter().collect();
        order.sort_by_key(|choice| Some(choice.task) != current);
        order.retain(|choice| {
            let most = self.bounds.preemptions;
            most.is_none_or(|most| preemptions + node.preempts(choice.task) <= most)
        });
        let plain = order.iter().filter(|choice| !choice.would_block);
        node.options = plain
            .map(|choice| Decision {
                task: choice.task,
                fault: None,
            })
            .collect();
        if faults < self.bounds.faults.max {
            for choice in order {
                let faults = self.bounds.faults.at(choice).into_iter();
                node.options.extend(faults.map(|fault| Decision {
                    task: choice.task,
                    fault: Some(fault),
                }));
            }
        }
        node
    }
}

impl Node {
    /// 1 if letting `task` move takes the turn from one that could go on.
    fn preempts(&self, task: TaskName) -> u32 {
        u32::from(self.current.is_some_and(|current| current != task))
    }

    /// Preemptions and faults up to and with the decision taken here.
    fn spent(&self) -> (u32, u32) {
        let option = self.options[self.taken];
        (
            self.preemptions + self.preempts(option.task),
            self.faults + u32::from(option.fault.is_some()),
        )
    }
}

impl Strategy for Exhaustive {
    fn decide(&mut self, point: &Point<'_>) -> Option<Decision> {
        if self.depth == self.path.len() {
            let node = self.node(point);
            self.path.push(node);
        } else if self.path[self.depth].choices != point.choices {
            self.desync = true;
            return None;
        }
        let node = &self.path[self.depth];
        let option = node.options.get(node.taken).copied();
        self.depth += usize::from(option.is_some());
        option
    }

    fn observe(&mut self, step: &Step) {
        let most = self.bounds.faults.max;
        let Some(node) = self.path.get_mut(self.depth - 1) else {
            return;
        };
        let fault = Some(Fault::Interruption);
        let interrupted = Decision {
            task: step.task,
            fault,
        };
        // Only now is it known that this call can be interrupted: it blocked.
        if step.outcome == Outcome::Blocked
            && step.fault.is_none()
            && node.faults < most
            && !node.options.contains(&interrupted)
            && let Some(choice) = node.choices.iter().find(|choice| choice.task == step.task)
            && self.bounds.faults.interrupts_wait(choice)
        {
            node.options.push(interrupted);
        }
    }

    fn advance(&mut self) -> bool {
        self.executions += 1;
        self.path.truncate(self.depth);
        self.depth = 0;
        while let Some(node) = self.path.last_mut() {
            node.taken += 1;
            if node.taken < node.options.len() {
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

    fn desync(&self) -> bool {
        self.desync
    }

    fn bound(&self) -> String {
        self.bounds
            .told((!self.complete).then_some(self.executions))
    }
}
