//! JUnit XML, as its readers agree on it: a suite an exercise, a case a
//! scenario, the diagnosis in the body.

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use super::document::{Document, Test};
use crate::finding::Verdict;

pub(super) fn text(document: &Document) -> String {
    let mut report = Report::new("grader");
    report.set_time(document.duration);
    for result in &document.exercises {
        let mut suite = TestSuite::new(result.exercise.as_str());
        let marks = [
            ("submission", document.submission.clone()),
            ("score", result.score.to_string()),
            ("max_score", result.max_score.to_string()),
        ];
        suite
            .properties
            .extend(marks.map(|(name, value)| Property::new(name, value)));
        let tests = document.tests();
        let own = tests.iter().filter(|test| test.exercise == result.exercise);
        suite.add_test_cases(own.map(|test| case(*test, document)));
        report.add_test_suite(suite);
    }
    if let Some(refusal) = &document.refusal {
        let mut suite = TestSuite::new("submission");
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_type("not graded");
        status.set_description(refusal.message.as_str());
        suite.add_test_case(TestCase::new(document.submission.as_str(), status));
        report.add_test_suite(suite);
    }
    report
        .to_string()
        .expect("a string can always be written to")
}

fn case(test: Test<'_>, document: &Document) -> TestCase {
    let failed = |kind, name: &str| {
        let mut status = TestCaseStatus::non_success(kind);
        status.set_type(name);
        status.set_message(test.message());
        status.set_description(test.diagnosis(&document.replay));
        status
    };
    let status = match test.scenario.verdict {
        Verdict::Pass | Verdict::Inconclusive => TestCaseStatus::success(),
        Verdict::Fail => {
            let rule = test.scenario.findings.first();
            failed(
                NonSuccessKind::Failure,
                rule.map_or("lost", |finding| finding.failure.rule.as_str()),
            )
        }
        Verdict::Error => failed(NonSuccessKind::Error, "grader error"),
        Verdict::Skipped => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(test.message());
            status
        }
    };
    let mut case = TestCase::new(test.scenario.id.as_str(), status);
    case.set_classname(test.exercise);
    case.set_time(test.scenario.duration);
    if test.passed() {
        case.set_system_out(test.diagnosis(&document.replay));
    }
    case
}

#[cfg(test)]
mod tests {
    use super::super::document::samples;
    use super::*;

    #[test]
    fn it_is_read_back_as_it_was_meant() {
        let text = text(&samples::graded());
        let read = junit_parser::from_reader(text.as_bytes()).expect("it is JUnit XML");
        assert_eq!(
            (read.tests, read.failures, read.errors, read.skipped),
            (3, 1, 0, 1)
        );
        let suite = &read.suites[0];
        assert_eq!(suite.name, "forkwrite");
        let lost = &suite.cases[1];
        assert!(lost.status.is_failure());
        let failure = lost.status.failure_as_ref();
        assert_eq!(failure.failure_type, "records");
        assert!(failure.text.contains("27 bytes"), "{}", failure.text);
    }

    #[test]
    fn any_text_can_be_told() {
        let text = text(&samples::refused());
        let read = junit_parser::from_reader(text.as_bytes()).expect("it is JUnit XML");
        assert_eq!(read.errors, 1);
    }
}
