//! The lines that Autolab reads at the end of standard output
//! (docs.autolabproject.com, "Guide for Lab Authors"): the stages, then the
//! scores, one problem an exercise.

use serde_json::{Map, Value, json};

use super::document::Document;

pub(super) fn text(document: &Document) -> String {
    let mut stages = Map::new();
    let mut scores = Map::new();
    for result in &document.exercises {
        let mut stage = Map::new();
        for test in document.tests() {
            if test.exercise == result.exercise {
                let mut shown = json!({ "passed": test.passed() });
                if !test.passed() {
                    shown["hint"] = Value::from(test.message());
                }
                stage.insert(test.scenario.id.clone(), shown);
            }
        }
        stages.insert(result.exercise.clone(), Value::Object(stage));
        scores.insert(result.exercise.clone(), Value::from(result.score));
    }
    let names: Vec<Value> = stages
        .keys()
        .map(|name| Value::from(name.as_str()))
        .collect();
    let mut presentation = Map::new();
    presentation.insert("_presentation".to_owned(), Value::from("semantic"));
    presentation.insert("stages".to_owned(), Value::Array(names));
    presentation.extend(stages);
    let refusal = document.refusal.as_ref();
    let message = refusal.map_or_else(String::new, |refusal| refusal.message.clone() + "\n");
    let scores = json!({ "scores": scores });
    format!("{message}{}\n{scores}\n", Value::Object(presentation))
}

#[cfg(test)]
mod tests {
    use super::super::document::samples;
    use super::*;

    #[test]
    fn the_last_line_has_the_scores() {
        let text = text(&samples::graded());
        let mut lines = text.lines().rev();
        let scores: Value = lines
            .next()
            .map(serde_json::from_str)
            .expect("a line")
            .expect("JSON");
        assert_eq!(scores, json!({"scores": {"forkwrite": 5}}));
        let stages: Value = lines
            .next()
            .map(serde_json::from_str)
            .expect("a line")
            .expect("JSON");
        assert_eq!(stages["_presentation"], "semantic");
        assert_eq!(stages["forkwrite"]["single"]["passed"], true);
        assert!(stages["forkwrite"]["short-writes"]["hint"].is_string());
    }
}
