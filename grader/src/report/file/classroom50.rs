//! Classroom 50's `result.json`, schema `classroom50/result/v1`.

use serde::Serialize;

use super::document::{Document, Test};

#[derive(Serialize)]
struct Record {
    schema: &'static str,
    classroom: String,
    assignment: String,
    assignment_type: String,
    owner: String,
    submission: String,
    commit: String,
    release: String,
    review: String,
    datetime: String,
    score: u32,
    #[serde(rename = "max-score")]
    max_score: u32,
    tests: Vec<Entry>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Entry {
    test_name: String,
    passed: bool,
    score: u32,
    max_score: u32,
    output: String,
}

pub(super) fn text(document: &Document) -> String {
    text_with(document, &|name| std::env::var(name).unwrap_or_default())
}

fn text_with(document: &Document, variable: &dyn Fn(&str) -> String) -> String {
    let mut tests: Vec<Entry> = document
        .tests()
        .into_iter()
        .map(|test| entry(test, document))
        .collect();
    if let Some(refusal) = &document.refusal {
        tests.push(Entry {
            test_name: "graded".to_owned(),
            passed: false,
            score: 0,
            max_score: 0,
            output: refusal.message.clone(),
        });
    }
    let owner = variable("OWNER");
    let result = Record {
        schema: "classroom50/result/v1",
        classroom: variable("CLASSROOM"),
        assignment: variable("ASSIGNMENT"),
        assignment_type: variable("ASSIGNMENT_TYPE"),
        owner: if owner.is_empty() {
            variable("USERNAME")
        } else {
            owner
        },
        submission: variable("SUBMISSION_TAG"),
        commit: variable("COMMIT_URL"),
        release: variable("RELEASE_URL"),
        review: variable("REVIEW_URL"),
        datetime: humantime::format_rfc3339_seconds(document.started).to_string(),
        score: document.score(),
        max_score: document.max_score(),
        tests,
    };
    serde_json::to_string_pretty(&result).expect("strings and integers always serialise")
}

fn entry(test: Test<'_>, document: &Document) -> Entry {
    Entry {
        test_name: test.full_name(),
        passed: test.passed(),
        score: test.scenario.points,
        max_score: test.scenario.max_points,
        output: test.diagnosis(&document.replay),
    }
}

#[cfg(test)]
mod tests {
    use super::super::document::samples;
    use super::*;

    #[test]
    fn the_keys_are_the_schemas() {
        let variable = |name: &str| match name {
            "USERNAME" => "ada".to_owned(),
            other => other.to_lowercase(),
        };
        let variable = |name: &str| {
            if name == "OWNER" {
                String::new()
            } else {
                variable(name)
            }
        };
        let text = text_with(&samples::graded(), &variable);
        let value: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
        assert_eq!(value["schema"], "classroom50/result/v1");
        assert_eq!(value["owner"], "ada");
        assert_eq!(value["submission"], "submission_tag");
        assert_eq!(value["datetime"], "2023-11-14T22:13:20Z");
        assert_eq!(value["max-score"], 25);
        assert_eq!(
            value["tests"][1]["test-name"],
            "short-writes: title of short-writes"
        );
        assert_eq!(value["tests"][1]["passed"], false);
    }
}
