//! What exploring a program came to: for people, and as JSON of the schema
//! `process-sync/exploration/1`.

use serde::Serialize;

use crate::finding::Finding;
use crate::jail::Held;
use crate::program::Exploration;
use crate::report::json::{Found, found};
use crate::report::lost_mark::{Hints, lost_mark};
use crate::report::{escape, jail, paint};

/// Name and version of the shape below.
pub const SCHEMA: &str = "process-sync/exploration/1";

#[derive(Debug, Serialize)]
struct Document<'a> {
    schema: &'static str,
    executions: u64,
    cut_off: u64,
    complete: bool,
    bound: &'a str,
    duration_s: f64,
    processes: usize,
    findings: Vec<Found<'a>>,
    jail: &'a Held,
}

/// `exploration` as one line of JSON, without a line end.
#[must_use]
pub fn json(exploration: &Exploration) -> String {
    let document = Document {
        schema: SCHEMA,
        executions: exploration.executions,
        cut_off: exploration.cut_off,
        complete: exploration.complete,
        bound: &exploration.bound,
        duration_s: exploration.duration.as_millis() as f64 / 1000.0,
        processes: exploration.processes,
        findings: exploration.findings.iter().map(found).collect(),
        jail: &exploration.jail,
    };
    serde_json::to_string(&document).expect("strings and finite numbers always serialise")
}

/// `exploration` for people. `replay` is the command that takes a witness.
#[must_use]
pub fn report(exploration: &Exploration, replay: &str) -> String {
    let mut text = String::new();
    for finding in &exploration.findings {
        text.push_str(&block(finding, replay));
    }
    let (style, word) = match exploration.findings.len() as u64 {
        0 => (paint::GOOD, "nothing found".to_owned()),
        number => (paint::BAD, paint::count(number, "finding")),
    };
    text.push_str(&format!("{}\n", paint::paint(style, &word)));
    let claim = [
        escape::one_line(&exploration.bound),
        format!(
            "{}, {} more cut off as equal to one of them",
            paint::count(exploration.executions, "execution"),
            exploration.cut_off
        ),
        match exploration.processes {
            1 => "1 process".to_owned(),
            number => format!("up to {number} processes"),
        },
    ];
    for line in claim {
        text.push_str(&format!("  {}\n", paint::paint(paint::QUIET, &line)));
    }
    if let Some(warning) = jail::warning(&exploration.jail) {
        text.push_str(&format!("  {}\n", escape::one_line(&warning)));
    }
    text
}

fn block(finding: &Finding, replay: &str) -> String {
    let word = paint::paint(paint::BAD, "FOUND");
    let rule = escape::one_line(&finding.failure.rule);
    format!(
        "{word}         {rule}\n\n{}\n",
        lost_mark(finding, Hints::OnRequest, replay)
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::report::test_data::{finding, held};

    fn exploration(findings: Vec<Finding>) -> Exploration {
        Exploration {
            executions: 12,
            cut_off: 3,
            complete: findings.is_empty(),
            bound: "every interleaving".to_owned(),
            duration: Duration::from_millis(1250),
            processes: 2,
            findings,
            jail: held(),
        }
    }

    #[test]
    fn the_shape_is_the_documented_one() {
        let expected = concat!(
            r#"{"schema":"process-sync/exploration/1","executions":12,"cut_off":3,"#,
            r#""complete":true,"bound":"every interleaving","duration_s":1.25,"processes":2,"#,
            r#""findings":[],"jail":{"tiers":["T0"],"landlock":7,"signals":"landlock","#,
            r#""missing":["T1: the grader is not root"]}}"#,
        );
        assert_eq!(json(&exploration(Vec::new())), expected);
    }

    #[test]
    fn nothing_found_says_within_which_bound() {
        let text = report(&exploration(Vec::new()), "cargo replay");
        let expected = "nothing found\n  every interleaving\n  \
                        12 executions, 3 more cut off as equal to one of them\n  up to 2 processes\n";
        assert_eq!(anstream::adapter::strip_str(&text).to_string(), expected);
    }

    #[test]
    fn each_finding_is_shown_with_its_interleaving() {
        let text = report(&exploration(vec![finding()]), "cargo replay");
        let text = anstream::adapter::strip_str(&text).to_string();
        assert!(
            text.starts_with("FOUND         records\n\n      records   each"),
            "{text}"
        );
        assert!(text.contains("write FILE 17 = 8  <--"), "{text}");
        assert!(text.contains("\n1 finding\n"), "{text}");
    }
}
