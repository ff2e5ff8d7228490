//! PrairieLearn's `results.json` (prairielearn.readthedocs.io, "External
//! grading").

use serde::Serialize;

use super::document::Document;

#[derive(Serialize)]
struct Results {
    /// False if there was nothing that could be graded.
    gradable: bool,
    /// From 0 to 1.
    score: f64,
    message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    format_errors: Vec<String>,
    tests: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    name: String,
    description: String,
    points: u32,
    max_points: u32,
    output: String,
}

pub(super) fn text(document: &Document) -> String {
    let tests = document.tests().into_iter().map(|test| Entry {
        name: test.name(),
        description: test.scenario.title.clone(),
        points: test.scenario.points,
        max_points: test.scenario.max_points,
        output: test.diagnosis(&document.replay),
    });
    let share = f64::from(document.score()) / f64::from(document.max_score().max(1));
    let refused = document
        .refusal
        .iter()
        .map(|refusal| refusal.message.clone());
    let results = Results {
        gradable: document.refusal.is_none(),
        // A bonus cannot be shown: more than all is an error to PrairieLearn.
        score: share.min(1.0),
        message: document.headline(),
        format_errors: refused.collect(),
        tests: tests.collect(),
    };
    serde_json::to_string_pretty(&results).expect("strings and finite numbers always serialise")
}

#[cfg(test)]
mod tests {
    use super::super::document::samples;
    use super::*;

    #[test]
    fn the_score_is_a_share() {
        let text = text(&samples::graded());
        let value: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
        assert_eq!(value["score"], 0.2);
        assert_eq!(value["gradable"], true);
        assert_eq!(value["tests"][0]["points"], 5);
    }

    #[test]
    fn more_than_all_is_all() {
        let mut document = samples::graded();
        document.exercises[0].score = 35;
        let value: serde_json::Value = serde_json::from_str(&text(&document)).expect("it is JSON");
        assert_eq!(value["score"], 1.0);
    }

    #[test]
    fn what_does_not_build_is_not_gradable() {
        let value: serde_json::Value =
            serde_json::from_str(&text(&samples::refused())).expect("it is JSON");
        assert_eq!(value["gradable"], false);
        assert!(value["format_errors"][0].is_string());
    }
}
