//! What a class's results come to, counted.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::class::Record;

/// Bands of marks, in percent.
const BAND: u64 = 10;

/// Something and how many submissions it is true of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Count {
    pub what: String,
    pub more: String,
    pub number: usize,
}

/// The counts.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Submissions by marks, the best band first: it takes in a bonus too.
    pub bands: Vec<Count>,
    /// Scenarios by how many lose them, the most first.
    pub scenarios: Vec<Count>,
    /// Rules by how many break them, the most first.
    pub findings: Vec<Count>,
    /// The marks of the submission in the middle, in percent.
    pub median: Option<u64>,
}

impl Tally {
    /// Of these results. Who has none by the grader's fault does not count.
    pub fn of(records: &[Record]) -> Self {
        let mut percents: Vec<u64> = records.iter().filter_map(percent).collect();
        percents.sort_unstable();
        let mut scenarios = BTreeMap::new();
        let mut findings = BTreeMap::new();
        for record in records {
            // Once a submission, however many cases or exercises.
            let mut broken = BTreeMap::new();
            for (exercise, scenario) in scenarios_of(record) {
                let id = (
                    format!("{exercise}: {}", word(&scenario["id"])),
                    word(&scenario["title"]),
                );
                let count: &mut usize = scenarios.entry(id).or_default();
                *count += usize::from(scenario["verdict"] == "fail");
                for finding in list(&scenario["findings"]) {
                    broken.insert(word(&finding["rule"]), word(&finding["message"]));
                }
            }
            for (rule, message) in broken {
                let (_, count) = findings.entry(rule).or_insert((message, 0_usize));
                *count += 1;
            }
        }
        let findings = findings
            .into_iter()
            .map(|(rule, (message, number))| ((rule, message), number));
        Self {
            bands: bands(&percents),
            scenarios: most_first(scenarios.into_iter()),
            findings: most_first(findings),
            median: percents.get(percents.len() / 2).copied(),
        }
    }
}

/// The scenarios that a submission loses, by exercise and id.
pub(super) fn lost(record: &Record) -> Vec<String> {
    let several = record.results.len() > 1;
    let lost = scenarios_of(record)
        .into_iter()
        .filter(|(_, scenario)| scenario["verdict"] == "fail");
    lost.map(|(exercise, scenario)| match several {
        true => format!("{exercise}: {}", word(&scenario["id"])),
        false => word(&scenario["id"]),
    })
    .collect()
}

fn scenarios_of(record: &Record) -> Vec<(String, &Value)> {
    let results = record.results.iter();
    results
        .flat_map(|result| {
            let exercise = word(&result["exercise"]);
            list(&result["scenarios"])
                .iter()
                .map(move |scenario| (exercise.clone(), scenario))
        })
        .collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Marks in percent; `None` for who was not graded.
fn percent(record: &Record) -> Option<u64> {
    let graded = record.exit_code <= 1 && record.max_score > 0;
    graded.then(|| record.score * 100 / record.max_score)
}

fn bands(percents: &[u64]) -> Vec<Count> {
    let band = |from: u64| Count {
        what: match from {
            100 => "full marks".to_owned(),
            _ => format!("{from}\u{2013}{} %", from + BAND - 1),
        },
        more: String::new(),
        number: percents
            .iter()
            .filter(|&&percent| percent.min(100) / BAND == from / BAND)
            .count(),
    };
    (0..=100 / BAND).rev().map(|at| band(at * BAND)).collect()
}

fn most_first(counts: impl Iterator<Item = ((String, String), usize)>) -> Vec<Count> {
    let mut counts: Vec<Count> = counts
        .map(|((what, more), number)| Count { what, more, number })
        .collect();
    // Stable: by name where the numbers are the same.
    counts.sort_by_key(|count| std::cmp::Reverse(count.number));
    counts
}

#[cfg(test)]
pub(super) mod samples {
    use super::*;

    /// A result of one exercise with two scenarios, `single` and `double`.
    pub fn record(name: &str, score: u64, lost: &[&str]) -> Record {
        let scenario = |id: &str| {
            let fails = lost.contains(&id);
            let finding = serde_json::json!({ "rule": "records", "message": "each once" });
            serde_json::json!({
                "id": id, "title": "a title", "verdict": if fails { "fail" } else { "pass" },
                "findings": if fails { vec![finding] } else { Vec::new() },
            })
        };
        let record = serde_json::json!({
            "schema": "process-sync/class-result/1", "name": name,
            "key": { "submission": "", "specs": "", "grader": "", "options": "" },
            "exit_code": 1, "score": score, "max_score": 20, "message": null,
            "results": [{
                "exercise": "forkwrite", "score": score, "max_score": 20,
                "scenarios": [scenario("single"), scenario("double")],
            }],
        });
        serde_json::from_value(record).expect("it is a result")
    }
}

#[cfg(test)]
mod tests {
    use super::samples::record;
    use super::*;

    #[test]
    fn everybody_counts_once() {
        let mut ungraded = record("dan", 0, &[]);
        ungraded.exit_code = 5;
        let records = [
            record("ada", 20, &[]),
            record("bob", 5, &["single", "double"]),
            record("cy", 9, &["single"]),
            ungraded,
        ];
        let tally = Tally::of(&records);
        assert_eq!(tally.median, Some(45));
        let counted = |what: &str| {
            let band = tally.bands.iter().find(|band| band.what == what);
            band.expect("there is such a band").number
        };
        assert_eq!(counted("full marks"), 1);
        assert_eq!(counted("40\u{2013}49 %"), 1);
        assert_eq!(counted("20\u{2013}29 %"), 1);
        assert_eq!(counted("0\u{2013}9 %"), 0);
        let scenarios: Vec<_> = tally
            .scenarios
            .iter()
            .map(|c| (c.what.as_str(), c.number))
            .collect();
        assert_eq!(
            scenarios,
            [("forkwrite: single", 2), ("forkwrite: double", 1)]
        );
        assert_eq!((tally.findings.len(), tally.findings[0].number), (1, 2));
        assert_eq!(lost(&records[1]), ["single", "double"]);
    }
}
