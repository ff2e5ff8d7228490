//! The order of `gate`: at most K processes inside at once, and K of them in
//! at least one execution.

use super::lines::{Broken, Line, read};
use super::{Facts, Failure, Oracle, Rule, numbers};
use crate::oracle::text::{list, quote, rule_name};
use crate::trace::Execution;

pub(super) fn expected(processes: u32) -> Vec<String> {
    (0..processes)
        .flat_map(|i| [format!("enter {i}"), format!("leave {i}")])
        .collect()
}

pub(super) fn out_of_order(lines: &[Line<'_>], places: u32) -> Option<Broken> {
    let mut inside: Vec<u32> = Vec::new();
    for line in lines {
        let process = line.numbers().first().copied().unwrap_or(0);
        if line.begins_with("enter") {
            inside.push(process);
            if inside.len() > places as usize {
                inside.sort_unstable();
                let names: Vec<String> = inside.iter().map(u32::to_string).collect();
                return Some(Broken {
                    expected: format!("at most {places} inside, after every line"),
                    actual: format!(
                        "after line {} {} processes are inside: {}",
                        quote(line.text.as_bytes()),
                        inside.len(),
                        list(&names)
                    ),
                    offset: Some(line.offset),
                });
            }
        } else if inside.contains(&process) {
            inside.retain(|other| *other != process);
        } else {
            return Some(Broken {
                expected: "each process enters before it leaves".to_owned(),
                actual: format!("\"leave {process}\" comes before \"enter {process}\""),
                offset: Some(line.offset),
            });
        }
    }
    None
}

/// The most that are inside at once.
fn most_inside(lines: &[Line<'_>]) -> u32 {
    let (mut inside, mut most) = (0_u32, 0);
    for line in lines {
        inside = match line.begins_with("enter") {
            true => inside + 1,
            false => inside.saturating_sub(1),
        };
        most = most.max(inside);
    }
    most
}

/// The rule `gate-full`: K at once is possible.
#[derive(Default)]
pub(in crate::oracle) struct GateFullOracle {
    most: u32,
}

impl Oracle for GateFullOracle {
    fn rule(&self) -> Rule {
        Rule::GateFull
    }

    fn judge(&mut self, facts: &Facts, execution: &Execution) -> Option<Failure> {
        let content = execution.file.as_deref().unwrap_or_default();
        let [processes, _] = numbers(facts);
        if let Ok(lines) = read(&facts.initial, content, &expected(processes), true) {
            self.most = self.most.max(most_inside(&lines));
        }
        None
    }

    fn conclude(&self, facts: &Facts) -> Option<Failure> {
        let [processes, places] = numbers(facts);
        let possible = places.min(processes);
        (self.most < possible).then(|| Failure {
            rule: rule_name(Rule::GateFull).to_owned(),
            message: "a gate with K places must let K processes in at once".to_owned(),
            expected: format!("{possible} inside at once, in at least one execution"),
            actual: format!("never more than {} inside, in any execution", self.most),
            step: None,
        })
    }
}
