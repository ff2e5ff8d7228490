//! Test Anything Protocol, version 14 (testanything.org).

use super::document::{Document, Test};
use crate::finding::Verdict;

pub(super) fn text(document: &Document) -> String {
    let tests = document.tests();
    let mut text = format!("TAP version 14\n1..{}\n", tests.len());
    if let Some(refusal) = &document.refusal {
        // What is bailed out of has no further tests (TAP 14, "Bail out!").
        let message = refusal.message.replace(['\n', '\r'], " ");
        return format!("TAP version 14\nBail out! {}\n", printable(&message));
    }
    for (at, test) in tests.iter().enumerate() {
        text.push_str(&line(at + 1, *test, document));
    }
    text
}

fn line(number: usize, test: Test<'_>, document: &Document) -> String {
    let ok = match test.scenario.verdict {
        Verdict::Fail => "not ok",
        _ => "ok",
    };
    let directive = match test.scenario.verdict {
        Verdict::Skipped => format!(" # SKIP {}", escaped(&test.message())),
        Verdict::Error => format!(" # SKIP grader error: {}", escaped(&test.message())),
        _ => String::new(),
    };
    let mut text = format!(
        "{ok} {number} - {}{directive}\n",
        escaped(&test.full_name())
    );
    text.push_str(&format!(
        "  ---\n  points: {}\n  max_points: {}\n  executions: {}\n  bound: {}\n",
        test.scenario.points,
        test.scenario.max_points,
        test.scenario.executions,
        quoted(&test.scenario.bound)
    ));
    if test.scenario.verdict == Verdict::Fail {
        text.push_str(&format!(
            "  message: {}\n  diagnosis: |\n",
            quoted(&test.message())
        ));
        for line in test.diagnosis(&document.replay).lines() {
            text.push_str(&format!("    {}\n", printable(line)));
        }
    }
    text + "  ...\n"
}

/// A description in which nothing begins a directive.
fn escaped(text: &str) -> String {
    printable(&text.replace('\\', "\\\\").replace('#', "\\#"))
}

fn printable(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).collect()
}

/// A YAML scalar: JSON's strings are YAML's (YAML 1.2, 1.3).
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::document::samples;
    use super::*;

    #[test]
    fn each_scenario_is_a_line() {
        let text = text(&samples::graded());
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with(' ')).collect();
        assert_eq!(
            lines,
            [
                "TAP version 14",
                "1..3",
                "ok 1 - single: title of single",
                "not ok 2 - short-writes: title of short-writes",
                "ok 3 - holder-killed: title of holder-killed # SKIP short-writes failed",
            ]
        );
    }

    #[test]
    fn the_blocks_are_yaml() {
        let text = text(&samples::graded());
        let blocks = text.split("  ---\n").skip(1);
        for block in blocks {
            let yaml = block
                .split("  ...\n")
                .next()
                .expect("there is a first part");
            let value: serde_yaml::Value = serde_yaml::from_str(yaml).expect("it is YAML");
            assert!(value.get("points").is_some(), "{yaml}");
        }
    }

    #[test]
    fn what_was_not_graded_bails_out() {
        let text = text(&samples::refused());
        assert_eq!(text.lines().count(), 2, "{text}");
    }
}
