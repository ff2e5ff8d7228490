//! The result as JSON, schema `process-sync/result/1`, for programs: one
//! object on a line, nothing else on standard output.

use std::io::{Stderr, Write};

use serde::Serialize;

use crate::event::{Event, Sink};
use crate::finding::{Finding, GradeResult, ScenarioResult};
use crate::jail::Held;
use crate::limit::Limit;
use crate::report::output::Output;
use crate::report::terminal::show_build;

/// Name and version of the shape below.
pub const SCHEMA: &str = "process-sync/result/1";

/// One submission's result.
#[derive(Debug, Serialize)]
struct Document<'a> {
    schema: &'static str,
    exercise: &'a str,
    submission: &'a str,
    score: u32,
    max_score: u32,
    bonus: u32,
    scenarios: Vec<Scenario<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jail: Option<&'a Held>,
}

#[derive(Debug, Serialize)]
struct Scenario<'a> {
    id: &'a str,
    title: &'a str,
    points: u32,
    max_points: u32,
    verdict: &'static str,
    executions: u64,
    cut_off: u64,
    complete: bool,
    bound: &'a str,
    duration_s: f64,
    findings: Vec<Found<'a>>,
}

#[derive(Debug, Serialize)]
pub(super) struct Found<'a> {
    rule: &'a str,
    limit: Option<&'static str>,
    message: &'a str,
    expected: &'a str,
    actual: &'a str,
    witness: Option<String>,
    hint: Option<&'a str>,
}

/// `result` as one line of JSON, without a line end.
#[must_use]
pub fn json(result: &GradeResult) -> String {
    let document = Document {
        schema: SCHEMA,
        exercise: &result.exercise,
        submission: &result.submission,
        score: result.score,
        max_score: result.max_score,
        bonus: result.bonus,
        scenarios: result.scenarios.iter().map(scenario).collect(),
        jail: result.jail.as_ref(),
    };
    serde_json::to_string(&document).expect("strings and finite numbers always serialise")
}

fn scenario(result: &ScenarioResult) -> Scenario<'_> {
    Scenario {
        id: &result.id,
        title: &result.title,
        points: result.points,
        max_points: result.max_points,
        verdict: result.verdict.word(),
        executions: result.executions,
        cut_off: result.cut_off,
        complete: result.complete,
        bound: &result.bound,
        duration_s: result.duration.as_millis() as f64 / 1000.0,
        findings: result.findings.iter().map(found).collect(),
    }
}

pub(super) fn found(finding: &Finding) -> Found<'_> {
    Found {
        rule: &finding.failure.rule,
        limit: Limit::of_rule(&finding.failure.rule).map(Limit::name),
        message: &finding.failure.message,
        expected: &finding.failure.expected,
        actual: &finding.failure.actual,
        witness: finding
            .witness
            .as_ref()
            .map(|path| path.to_string_lossy().into_owned()),
        hint: finding.hint.as_deref(),
    }
}

/// Prints one object for each grading that ends; what the compiler said goes
/// to standard error.
#[derive(Debug)]
pub struct Json<'a, W> {
    output: &'a mut Output<W>,
    messages: &'a mut Output<Stderr>,
}

impl<'a, W: Write> Json<'a, W> {
    /// Prints to `output` and `messages`.
    pub const fn new(output: &'a mut Output<W>, messages: &'a mut Output<Stderr>) -> Self {
        Self { output, messages }
    }
}

impl<W: Write> Sink for Json<'_, W> {
    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Built { output } => show_build(output, self.messages),
            Event::Finished(result) => self.output.print(&format!("{}\n", json(result))),
            Event::Building { .. }
            | Event::ScenarioStarted { .. }
            | Event::Progress { .. }
            | Event::ScenarioFinished(_)
            | Event::Pictured { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::test_data::result;

    #[test]
    fn the_shape_is_the_documented_one() {
        let expected = concat!(
            r#"{"schema":"process-sync/result/1","exercise":"forkwrite","submission":"starter","#,
            r#""score":5,"max_score":25,"bonus":0,"scenarios":["#,
            r#"{"id":"single","title":"title of single","points":5,"max_points":5,"#,
            r#""verdict":"pass","executions":1,"cut_off":0,"complete":true,"#,
            r#""bound":"every interleaving, no fault","duration_s":1.25,"findings":[]},"#,
            r#"{"id":"short-writes","title":"title of short-writes","points":0,"max_points":20,"#,
            r#""verdict":"fail","executions":7,"cut_off":0,"complete":false,"#,
            r#""bound":"every interleaving with up to 2 faults","duration_s":1.25,"findings":["#,
            r#"{"rule":"records","limit":null,"#,
            r#""message":"each record stands in FILE as one whole line, exactly once","#,
            r#""expected":"27 bytes: \"log\\n\", \"the first record\\n\" in any order","#,
            r#""actual":"18 bytes: \"log\\n\", then 8 of 17 bytes \"the firs\"","#,
            r#""witness":".grade/short-writes.witness","#,
            r#""hint":"what does write(2) promise to return?"}]},"#,
            r#"{"id":"holder-killed","title":"title of holder-killed","points":0,"#,
            r#""max_points":10,"verdict":"skipped","executions":0,"cut_off":0,"complete":true,"#,
            r#""bound":"short-writes failed","duration_s":1.25,"findings":[]}],"#,
            r#""jail":{"tiers":["T0"],"landlock":7,"signals":"landlock","#,
            r#""missing":["T1: the grader is not root"]}}"#,
        );
        assert_eq!(json(&result()), expected);
    }
}
