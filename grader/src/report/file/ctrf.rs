//! Common Test Report Format (ctrf.io). What it has no key for stands in `extra`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Serialize;
use serde_json::{Value, json};

use super::document::{Document, Test};
use crate::finding::Verdict;

/// The only version that CTRF's own implementation knows by name; 0.1.0, which
/// followed it, has the same shape.
const SPEC_VERSION: &str = "0.0.0";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    name: String,
    status: &'static str,
    /// In milliseconds.
    duration: u64,
    suite: Vec<String>,
    raw_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<String>,
    extra: Value,
}

pub(super) fn text(document: &Document) -> String {
    let mut entries: Vec<Entry> = document
        .tests()
        .into_iter()
        .map(|test| entry(test, document))
        .collect();
    if let Some(refusal) = &document.refusal {
        entries.push(Entry {
            name: document.submission.clone(),
            status: if refusal.submission {
                "failed"
            } else {
                "other"
            },
            duration: millis(document.duration),
            suite: vec!["submission".to_owned()],
            raw_status: "not graded",
            message: Some(refusal.message.clone()),
            trace: None,
            extra: json!({}),
        });
    }
    let count = |status: &str| {
        entries
            .iter()
            .filter(|entry| entry.status == status)
            .count()
    };
    let start = since_epoch(document.started);
    let report = json!({
        "reportFormat": "CTRF",
        "specVersion": SPEC_VERSION,
        "results": {
            "tool": { "name": "grader", "version": env!("CARGO_PKG_VERSION") },
            "summary": {
                "tests": entries.len(),
                "passed": count("passed"),
                "failed": count("failed"),
                "skipped": count("skipped"),
                "pending": 0,
                "other": count("other"),
                "start": start,
                "stop": start + millis(document.duration),
            },
            "tests": entries,
            "extra": {
                "submission": document.submission,
                "score": document.score(),
                "maxScore": document.max_score(),
            },
        },
    });
    serde_json::to_string_pretty(&report).expect("strings and integers always serialise")
}

fn entry(test: Test<'_>, document: &Document) -> Entry {
    let scenario = test.scenario;
    let status = match scenario.verdict {
        Verdict::Pass | Verdict::Inconclusive => "passed",
        Verdict::Fail => "failed",
        Verdict::Skipped => "skipped",
        Verdict::Error => "other",
    };
    let passed = status == "passed";
    Entry {
        name: test.full_name(),
        status,
        duration: millis(scenario.duration),
        suite: vec![test.exercise.to_owned()],
        raw_status: scenario.verdict.word(),
        message: (!passed).then(|| test.message()),
        trace: (!passed).then(|| test.diagnosis(&document.replay)),
        extra: json!({
            "points": scenario.points,
            "maxPoints": scenario.max_points,
            "bonus": scenario.bonus,
            "executions": scenario.executions,
            "bound": scenario.bound,
        }),
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn since_epoch(time: SystemTime) -> u64 {
    millis(time.duration_since(UNIX_EPOCH).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::super::document::samples;
    use super::*;

    #[test]
    fn the_summary_counts_the_tests() {
        let value: Value = serde_json::from_str(&text(&samples::graded())).expect("it is JSON");
        let summary = &value["results"]["summary"];
        assert_eq!(summary["tests"], 3);
        assert_eq!(summary["passed"], 1);
        assert_eq!(summary["failed"], 1);
        assert_eq!(summary["skipped"], 1);
        assert_eq!(summary["start"], 1_700_000_000_000u64);
        assert_eq!(value["results"]["tests"][1]["rawStatus"], "fail");
        assert_eq!(value["results"]["tests"][1]["extra"]["maxPoints"], 20);
    }
}
