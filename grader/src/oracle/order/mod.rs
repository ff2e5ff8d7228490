//! The rules `gate`, `rendezvous` and `relay`: FILE holds the exercise's
//! lines, each whole and once, in an order that its primitive allows.

mod gate;
mod lines;
mod relay;
mod rendezvous;
mod waits;

pub(super) use gate::GateFullOracle;
pub(super) use waits::Waits;

use crate::finding::Failure;
use crate::spec::types::Rule;
use crate::trace::Execution;

use self::lines::{Broken, Line};
use super::judge::{Facts, Oracle};
use super::text::rule_name;
use super::writes::{ran_to_its_end, transfers, writing};

/// Judges FILE's content at the end. Says nothing about an execution that was
/// cut off: a built-in rule does.
pub(super) struct OrderOracle {
    rule: Rule,
    /// FILE may end early, in the middle of a line.
    partial: bool,
}

impl OrderOracle {
    pub(super) const fn new(rule: Rule, partial: bool) -> Self {
        Self { rule, partial }
    }

    fn out_of_order(&self, facts: &Facts, lines: &[Line<'_>]) -> Option<Broken> {
        let [count, second] = numbers(facts);
        match self.rule {
            Rule::Gate => gate::out_of_order(lines, second),
            Rule::Rendezvous => rendezvous::out_of_order(lines, count),
            _ => relay::out_of_order(lines, count),
        }
    }

    const fn message(&self) -> &'static str {
        match self.rule {
            Rule::Gate => {
                "no more than K processes may be inside at once, each line whole and once"
            }
            Rule::Rendezvous => {
                "nobody departs before all have arrived, nor arrives again before all have \
                 departed, each line whole and once"
            }
            _ => "the processes take turns, round after round, each line whole and once",
        }
    }
}

impl Oracle for OrderOracle {
    fn rule(&self) -> Rule {
        self.rule
    }

    fn judge(&mut self, facts: &Facts, execution: &Execution) -> Option<Failure> {
        if !ran_to_its_end(execution) {
            return None;
        }
        let content = execution.file.as_deref().unwrap_or_default();
        let expected = expected(self.rule, facts);
        let broken = match lines::read(&facts.initial, content, &expected, self.partial) {
            Err(broken) => Some(broken),
            Ok(lines) => self.out_of_order(facts, &lines),
        }?;
        Some(Failure {
            rule: rule_name(self.rule).to_owned(),
            message: self.message().to_owned(),
            step: writer_of(execution, &facts.initial, broken.offset),
            expected: broken.expected,
            actual: broken.actual,
        })
    }
}

/// The lines of the whole job.
fn expected(rule: Rule, facts: &Facts) -> Vec<String> {
    let [count, second] = numbers(facts);
    match rule {
        Rule::Gate => gate::expected(count),
        Rule::Rendezvous => rendezvous::expected(count, second),
        _ => relay::expected(count, second),
    }
}

/// N, and K or ROUNDS.
fn numbers(facts: &Facts) -> [u32; 2] {
    let number = |index: usize| facts.numbers.get(index).copied().unwrap_or(1);
    [number(0), number(1)]
}

/// The step that wrote the byte at `offset` of FILE, if FILE was only added to;
/// the last that wrote anything, if it is past the end.
fn writer_of(execution: &Execution, initial: &[u8], offset: Option<usize>) -> Option<usize> {
    let transfers = transfers(execution);
    let at = writing(&transfers, initial, offset?);
    at.or(transfers.last()).map(|write| write.step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::testing::Run;
    use crate::trace::Ending;

    fn facts(numbers: [u32; 2]) -> Facts {
        Facts {
            initial: b"old\n".to_vec(),
            numbers: numbers.to_vec(),
            ..Facts::default()
        }
    }

    fn judge(rule: Rule, partial: bool, numbers: [u32; 2], file: &str) -> Option<String> {
        let execution = Run::new().file(&format!("old\n{file}")).exit(0, 0).done();
        let failure = OrderOracle::new(rule, partial).judge(&facts(numbers), &execution)?;
        Some(failure.actual)
    }

    #[test]
    fn a_gate_lets_in_as_many_as_it_has_places() {
        let gate = |file: &str| judge(Rule::Gate, false, [3, 2], file);
        let right = "enter 0\nenter 1\nleave 1\nenter 2\nleave 0\nleave 2\n";
        assert_eq!(gate(right), None);
        let actual = gate("enter 0\nenter 1\nenter 2\nleave 1\nleave 0\nleave 2\n");
        assert_eq!(
            actual.as_deref(),
            Some("after line \"enter 2\" 3 processes are inside: 0, 1 and 2")
        );
        let actual = gate("leave 0\nenter 0\nenter 1\nleave 1\nenter 2\nleave 2\n");
        assert_eq!(
            actual.as_deref(),
            Some("\"leave 0\" comes before \"enter 0\"")
        );
    }

    #[test]
    fn a_rendezvous_keeps_rounds_apart() {
        let rendezvous = |file: &str| judge(Rule::Rendezvous, false, [2, 2], file);
        let first = "arrive 0 0\narrive 0 1\ndepart 0 1\ndepart 0 0\n";
        let right = format!("{first}arrive 1 1\narrive 1 0\ndepart 1 0\ndepart 1 1\n");
        assert_eq!(rendezvous(&right), None);
        let early = "arrive 0 0\ndepart 0 0\narrive 0 1\ndepart 0 1\n";
        let actual = rendezvous(&format!(
            "{early}arrive 1 1\narrive 1 0\ndepart 1 0\ndepart 1 1\n"
        ));
        assert_eq!(
            actual.as_deref(),
            Some("\"depart 0 0\" comes before \"arrive 0 1\"")
        );
        let mixed = "arrive 0 0\narrive 0 1\ndepart 0 1\narrive 1 1\ndepart 0 0\narrive 1 0\n";
        let actual = rendezvous(&format!("{mixed}depart 1 0\ndepart 1 1\n"));
        assert_eq!(
            actual.as_deref(),
            Some("\"arrive 1 1\" comes before \"depart 0 0\"")
        );
    }

    #[test]
    fn a_relay_has_one_order() {
        let relay = |file: &str| judge(Rule::Relay, false, [2, 2], file);
        assert_eq!(relay("turn 0 0\nturn 0 1\nturn 1 0\nturn 1 1\n"), None);
        let actual = relay("turn 0 0\nturn 1 0\nturn 0 1\nturn 1 1\n");
        assert_eq!(
            actual.as_deref(),
            Some("line 2 is \"turn 1 0\", where it was \"turn 0 1\"'s turn")
        );
    }

    #[test]
    fn lines_are_whole_and_there() {
        let relay = |partial, file: &str| judge(Rule::Relay, partial, [2, 1], file);
        let torn = relay(false, "turn turn 0 1\n0 0\n");
        assert_eq!(torn.as_deref(), Some("the line \"turn turn 0 1\""));
        assert_eq!(
            relay(false, "turn 0 0\n").as_deref(),
            Some("no line \"turn 0 1\"")
        );
        assert_eq!(relay(true, "turn 0 0\n"), None);
        assert_eq!(relay(true, "turn 0 0\ntur"), None);
        let rest = relay(false, "turn 0 0\ntur");
        assert_eq!(
            rest.as_deref(),
            Some("FILE ends in \"tur\", without a newline")
        );
        let twice = relay(false, "turn 0 0\nturn 0 0\nturn 0 1\n");
        assert_eq!(twice.as_deref(), Some("the line \"turn 0 0\" twice"));
    }

    #[test]
    fn old_content_is_kept() {
        let execution = Run::new().file("turn 0 0\n").exit(0, 0).done();
        let failure = OrderOracle::new(Rule::Relay, false).judge(&facts([1, 1]), &execution);
        let failure = failure.expect("the old content is gone");
        assert!(failure.actual.contains("old content"), "{failure:?}");
    }

    #[test]
    fn an_execution_that_was_cut_off_is_not_judged() {
        let execution = Run::new().file("").ending(Ending::Deadlock).done();
        let judged = OrderOracle::new(Rule::Relay, false).judge(&facts([1, 1]), &execution);
        assert_eq!(judged, None);
    }
}
