//! Gradescope's `results.json` (gradescope-autograders.readthedocs.io,
//! "Autograder Specifications").

use serde::Serialize;

use super::document::{Document, Test};

#[derive(Serialize)]
struct Results {
    /// Overrides the sum of the tests.
    score: u32,
    /// In seconds.
    execution_time: f64,
    output: String,
    output_format: &'static str,
    test_output_format: &'static str,
    test_name_format: &'static str,
    visibility: &'static str,
    /// What the grader itself prints says nothing more.
    stdout_visibility: &'static str,
    tests: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    score: u32,
    max_score: u32,
    status: &'static str,
    name: String,
    number: String,
    output: String,
    visibility: &'static str,
    extra_data: Extra,
}

#[derive(Serialize)]
struct Extra {
    verdict: &'static str,
    bonus: bool,
    executions: u64,
    bound: String,
}

pub(super) fn text(document: &Document) -> String {
    let tests = document.tests();
    let entries = tests.iter().enumerate();
    let results = Results {
        score: document.score(),
        execution_time: document.duration.as_secs_f64(),
        output: document.headline(),
        output_format: "text",
        test_output_format: "text",
        test_name_format: "text",
        visibility: "visible",
        stdout_visibility: "hidden",
        tests: entries
            .map(|(at, test)| entry(at + 1, *test, document))
            .collect(),
    };
    serde_json::to_string_pretty(&results).expect("strings and finite numbers always serialise")
}

fn entry(number: usize, test: Test<'_>, document: &Document) -> Entry {
    Entry {
        score: test.scenario.points,
        max_score: test.scenario.max_points,
        status: if test.passed() { "passed" } else { "failed" },
        name: test.full_name(),
        number: number.to_string(),
        output: test.diagnosis(&document.replay),
        visibility: "visible",
        extra_data: Extra {
            verdict: test.scenario.verdict.word(),
            bonus: test.scenario.bonus,
            executions: test.scenario.executions,
            bound: test.scenario.bound.clone(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::document::{State, samples};
    use super::*;

    fn value(document: &Document) -> serde_json::Value {
        serde_json::from_str(&text(document)).expect("it is JSON")
    }

    #[test]
    fn marks_and_reasons_are_there() {
        let value = value(&samples::graded());
        assert_eq!(value["score"], 5);
        assert_eq!(value["output"], "5 of 25 points");
        assert_eq!(value["tests"][0]["status"], "passed");
        let lost = &value["tests"][1];
        assert_eq!(
            (&lost["score"], &lost["max_score"]),
            (&0.into(), &20.into())
        );
        let output = lost["output"].as_str().expect("it is text");
        assert!(output.contains("each record stands in FILE"), "{output}");
        assert!(!output.contains('\u{1b}'), "{output}");
    }

    #[test]
    fn an_early_report_says_so() {
        let mut document = samples::graded();
        document.state = State::UnderWay;
        let output = value(&document)["output"].to_string();
        assert!(output.contains("has not come to its end"), "{output}");
    }

    #[test]
    fn what_does_not_build_has_no_marks_and_a_reason() {
        let value = value(&samples::refused());
        assert_eq!(value["score"], 0);
        assert!(
            value["output"]
                .as_str()
                .is_some_and(|text| text.contains("does not build"))
        );
    }
}
