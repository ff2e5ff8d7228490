//! The limits of an execution: what a program may use up before it is ended.
//! Which one it was is said in the finding; none of them is a wrong answer.

/// What a program had too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Processor time, or steps without an end.
    Cpu,
    /// Time, without using the processor.
    Wall,
    /// Memory of all its processes together.
    Memory,
    /// Processes and threads.
    Processes,
    /// What it printed.
    Output,
    /// Files and their contents.
    Disk,
}

/// The rule of programs that do not end; the limit that shows it is that on
/// processor time and steps.
pub const ENDLESS_LOOP: &str = "endless-loop";

/// Every limit, with its name in results and the rule of its findings.
const NAMES: [(Limit, &str, &str); 6] = [
    (Limit::Cpu, "cpu", "cpu-limit"),
    (Limit::Wall, "wall", "wall-limit"),
    (Limit::Memory, "memory", "memory-limit"),
    (Limit::Processes, "processes", "process-limit"),
    (Limit::Output, "output", "output-limit"),
    (Limit::Disk, "disk", "disk-limit"),
];

impl Limit {
    fn row(self) -> (&'static str, &'static str) {
        let row = NAMES.iter().find(|(limit, ..)| *limit == self);
        row.map_or(("", ""), |(_, name, rule)| (name, rule))
    }

    /// Its name, as in results.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().0
    }

    /// The rule that a finding of it is of.
    #[must_use]
    pub fn rule(self) -> &'static str {
        self.row().1
    }

    /// What there is too much of, in words.
    #[must_use]
    pub const fn of(self) -> &'static str {
        match self {
            Self::Cpu => "processor time",
            Self::Wall => "time",
            Self::Memory => "memory",
            Self::Processes => "processes",
            Self::Output => "output",
            Self::Disk => "disk space",
        }
    }

    /// The limit that findings of `rule` are about, if they are about one.
    #[must_use]
    pub fn of_rule(rule: &str) -> Option<Self> {
        if rule == ENDLESS_LOOP {
            return Some(Self::Cpu);
        }
        let row = NAMES.iter().find(|(.., known)| *known == rule);
        row.map(|(limit, ..)| *limit)
    }

    /// True if where exactly it is reached depends on when the grader looks:
    /// the same program may get a step further in another run.
    #[must_use]
    pub fn is_measured(self) -> bool {
        !matches!(self, Self::Processes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_names_its_limit() {
        for (limit, _, rule) in NAMES {
            assert_eq!(limit.rule(), rule);
            assert_eq!(Limit::of_rule(rule), Some(limit));
        }
        assert_eq!(Limit::of_rule(ENDLESS_LOOP), Some(Limit::Cpu));
        assert_eq!(Limit::of_rule("records"), None);
    }
}
