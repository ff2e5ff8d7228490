//! What an oracle is, and the judge that asks all of a case's oracles.

use crate::finding::Failure;
use crate::spec::types::{self, Rule};
use crate::trace::{Ending, Execution};

use super::builtin;
use super::exit_status::ExitStatusOracle;
use super::order::{GateFullOracle, OrderOracle};
use super::reaped::ReapedOracle;
use super::records::RecordsOracle;
use super::records_until_full::RecordsUntilFullOracle;
use super::shared_lock::SharedLockOracle;
use super::shared_wait::SharedWaitOracle;
use super::survivors::{DeathIsToldOracle, RecordsOfSurvivorsOracle};
use super::writers::WritersOracle;

/// What an oracle knows about the case besides the execution.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The records, in the order of the arguments, without their newlines.
    pub records: Vec<Vec<u8>>,
    /// FILE's content at the start; empty if there is no such file.
    pub initial: Vec<u8>,
    /// The numbers among the arguments, in their order.
    pub numbers: Vec<u32>,
    /// The rule that says when a process has to wait.
    pub exercise: Option<Rule>,
}

/// One rule of a case.
pub trait Oracle {
    /// Which rule it judges.
    fn rule(&self) -> Rule;

    /// Judges one execution by what must hold in every execution.
    fn judge(&mut self, facts: &Facts, execution: &Execution) -> Option<Failure>;

    /// Judges the whole exploration by what at least one execution must have
    /// shown, after all of them have been judged.
    fn conclude(&self, facts: &Facts) -> Option<Failure> {
        let _ = facts;
        None
    }
}

/// Asks all oracles of a case, and judges deadlock, endless loops and death
/// by a signal, which no case has to name.
///
/// An oracle that is `only-by-fault` is switched off for good by the first
/// execution without faults that breaks it, which then yields no failure of
/// that rule. So the executions without faults have to come first.
pub struct Judge {
    facts: Facts,
    oracles: Vec<Entry>,
}

struct Entry {
    oracle: Box<dyn Oracle>,
    only_by_fault: bool,
    on: bool,
}

impl Judge {
    /// A judge for a case with these oracles.
    #[must_use]
    pub fn new(oracles: &[types::Oracle], facts: Facts) -> Self {
        let entries = oracles.iter().map(|oracle| Entry {
            oracle: build(oracle),
            only_by_fault: oracle.only_by_fault,
            on: true,
        });
        Self {
            facts,
            oracles: entries.collect(),
        }
    }

    /// Judges one execution: every failure, the built-in rules first, then in
    /// the case's order.
    pub fn judge(&mut self, execution: &Execution) -> Vec<Failure> {
        let mut failures = builtin::judge(execution);
        if matches!(execution.ending, Ending::Limit(_)) {
            return failures;
        }
        for entry in self.oracles.iter_mut().filter(|entry| entry.on) {
            let Some(failure) = entry.oracle.judge(&self.facts, execution) else {
                continue;
            };
            if entry.only_by_fault && execution.faults() == 0 {
                entry.on = false;
            } else {
                failures.push(failure);
            }
        }
        failures
    }

    /// Judges the whole exploration, after every execution has passed.
    ///
    /// An oracle that is `only-by-fault` has no say here: what no execution
    /// shows is not caused by a fault.
    #[must_use]
    pub fn conclude(&self) -> Option<Failure> {
        let always = self.oracles.iter().filter(|entry| !entry.only_by_fault);
        always
            .filter_map(|entry| entry.oracle.conclude(&self.facts))
            .next()
    }

    /// The rules that are broken without any fault and so are not judged any
    /// more: some other scenario's reason to fail.
    #[must_use]
    pub fn switched_off(&self) -> Vec<Rule> {
        let off = self.oracles.iter().filter(|entry| !entry.on);
        off.map(|entry| entry.oracle.rule()).collect()
    }
}

fn build(oracle: &types::Oracle) -> Box<dyn Oracle> {
    match oracle.rule {
        Rule::Records => Box::new(RecordsOracle),
        Rule::RecordsUntilFull => Box::new(RecordsUntilFullOracle),
        Rule::Writers => Box::new(WritersOracle::default()),
        Rule::ExitStatus => Box::new(ExitStatusOracle::new(oracle.status.unwrap_or(0))),
        Rule::Reaped => Box::new(ReapedOracle),
        Rule::SharedLock => Box::new(SharedLockOracle::default()),
        Rule::Gate | Rule::Rendezvous | Rule::Relay => {
            Box::new(OrderOracle::new(oracle.rule, oracle.partial))
        }
        Rule::GateFull => Box::new(GateFullOracle::default()),
        Rule::SharedWait => Box::new(SharedWaitOracle::default()),
        Rule::RecordsOfSurvivors => Box::new(RecordsOfSurvivorsOracle),
        Rule::DeathIsTold => Box::new(DeathIsToldOracle),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Fault;
    use crate::oracle::testing::{Run, facts};
    use crate::trace::{Ending, ExitStatus};

    fn oracle(rule: Rule) -> types::Oracle {
        types::Oracle {
            rule,
            status: None,
            partial: false,
            of: None,
            only_by_fault: false,
        }
    }

    fn by_fault(rule: Rule) -> types::Oracle {
        types::Oracle {
            only_by_fault: true,
            ..oracle(rule)
        }
    }

    fn rules(failures: &[Failure]) -> Vec<&str> {
        failures.iter().map(|f| f.rule.as_str()).collect()
    }

    fn lost(run: Run) -> Execution {
        run.file("b\n").exit(0, 0).done()
    }

    fn cut_short() -> Run {
        Run::new()
            .write(0, 2, 1)
            .fault(Fault::ShortWrite { bytes: 1 })
    }

    #[test]
    fn a_right_execution_passes_every_rule() {
        let all = [
            oracle(Rule::Records),
            oracle(Rule::Writers),
            oracle(Rule::ExitStatus),
            oracle(Rule::Reaped),
        ];
        let mut judge = Judge::new(&all, facts("old\n", &["a", "b"]));
        let run = Run::new().fork(1).write(1, 2, 2).exit(1, 0).write(0, 2, 2);
        let execution = run.exit(0, 0).file("old\na\nb\n").done();
        assert_eq!(judge.judge(&execution), vec![]);
        assert_eq!(judge.conclude(), None);
    }

    #[test]
    fn built_in_rules_come_first_then_the_case_s_order() {
        let both = [oracle(Rule::ExitStatus), oracle(Rule::Records)];
        let mut judge = Judge::new(&both, facts("", &["a"]));
        let run = Run::new().end(0, ExitStatus::Signalled(11)).file("");
        let failures = judge.judge(&run.done());
        assert_eq!(
            rules(&failures),
            ["death-by-signal", "exit-status", "records"]
        );
    }

    #[test]
    fn built_in_rules_need_not_be_named() {
        let mut judge = Judge::new(&[], Facts::default());
        let failures = judge.judge(&Run::new().ending(Ending::StepLimit).done());
        assert_eq!(rules(&failures), ["endless-loop"]);
    }

    #[test]
    fn only_by_fault_counts_when_no_fault_free_execution_breaks_it() {
        let mut judge = Judge::new(&[by_fault(Rule::Records)], facts("", &["a"]));
        let whole = Run::new().file("a\n").exit(0, 0).done();
        assert_eq!(judge.judge(&whole), vec![]);
        assert_eq!(rules(&judge.judge(&lost(cut_short()))), ["records"]);
        assert_eq!(judge.switched_off(), vec![]);
    }

    #[test]
    fn only_by_fault_is_off_once_a_fault_free_execution_breaks_it() {
        let both = [by_fault(Rule::Records), oracle(Rule::ExitStatus)];
        let mut judge = Judge::new(&both, facts("", &["a"]));
        assert_eq!(judge.judge(&lost(Run::new())), vec![]);
        assert_eq!(judge.judge(&lost(cut_short())), vec![]);
        assert_eq!(judge.switched_off(), vec![Rule::Records]);
    }

    #[test]
    fn only_by_fault_has_nothing_to_conclude() {
        let mut judge = Judge::new(&[by_fault(Rule::Writers)], facts("", &["a", "b"]));
        let waits = Run::new().write(0, 2, 2).fork(1).write(1, 2, 2);
        assert_eq!(judge.judge(&waits.exit(0, 0).done()), vec![]);
        assert_eq!(judge.conclude(), None);
    }

    #[test]
    fn the_rules_of_the_whole_exploration_are_concluded() {
        let mut judge = Judge::new(&[oracle(Rule::Writers)], facts("", &["a", "b"]));
        let waits = Run::new().write(0, 2, 2).fork(1).write(1, 2, 2);
        assert_eq!(judge.judge(&waits.exit(0, 0).done()), vec![]);
        let failure = judge.conclude().expect("never concurrent");
        assert_eq!((failure.rule.as_str(), failure.step), ("writers", None));
    }

    #[test]
    fn judging_is_deterministic() {
        let all = [oracle(Rule::Records), oracle(Rule::SharedLock)];
        let run = || Run::new().fork(1).write(1, 4, 2).write(0, 2, 2);
        let execution = run().write(1, 2, 2).file("aab\naa\n").exit(0, 0).done();
        let judge = || Judge::new(&all, facts("", &["aaaa", "b"])).judge(&execution);
        assert_eq!(judge(), judge());
        assert_eq!(rules(&judge()), ["records", "shared-lock"]);
    }
}
