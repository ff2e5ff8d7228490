//! A grading's events as JSON, one a line, for `grader watch`: in the words of
//! the report for people.

use std::io::Write;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::event::{Event, Sink};
use crate::finding::{GradeResult, ScenarioResult};
use crate::report::doing::doing;
use crate::report::lost_mark::Hints;
use crate::report::output::Output;
use crate::report::terminal;

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Told {
    /// What is being done, in a few words.
    Doing(String),
    /// What the compiler said of a program that it did build.
    Built(String),
    /// A scenario has ended.
    Scenario(ToldScenario),
    /// An exercise has: the scenarios since the last one are its own.
    Exercise(ToldExercise),
}

/// What a scenario came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToldScenario {
    /// Its id.
    pub id: String,
    /// The word for its verdict, as in the result.
    pub verdict: String,
    /// True if the verdict costs marks.
    pub loses: bool,
    /// The rules that were broken.
    pub rules: Vec<String>,
    /// Its line in the report.
    pub line: String,
    /// All that the report says of it, with hints.
    pub whole: String,
    /// Their witness files.
    pub witnesses: Vec<PathBuf>,
}

/// What an exercise came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToldExercise {
    /// Its name.
    pub name: String,
    /// The score's line in the report.
    pub score: String,
}

/// Prints a line for each event.
#[derive(Debug)]
pub struct Stream<'a, W> {
    output: &'a mut Output<W>,
    replay: String,
}

impl<'a, W: Write> Stream<'a, W> {
    /// Prints to `output`. `replay` is the command that takes a witness.
    pub fn new(output: &'a mut Output<W>, replay: &str) -> Self {
        Self {
            output,
            replay: replay.to_owned(),
        }
    }

    fn told(&self, event: &Event<'_>) -> Option<Told> {
        match event {
            Event::Built { output } => Some(Told::Built((*output).to_owned())),
            Event::ScenarioFinished(result) => Some(Told::Scenario(self.scenario(result))),
            Event::Finished(result) => Some(Told::Exercise(exercise(result))),
            _ => doing(event).map(Told::Doing),
        }
    }

    fn scenario(&self, result: &ScenarioResult) -> ToldScenario {
        let findings = result.findings.iter();
        let mut rules: Vec<String> = findings.clone().map(|f| f.failure.rule.clone()).collect();
        rules.sort();
        rules.dedup();
        ToldScenario {
            id: result.id.clone(),
            verdict: result.verdict.word().to_owned(),
            loses: result.verdict.loses(),
            rules,
            line: terminal::brief_line(result),
            whole: terminal::scenario(result, Hints::Shown, &self.replay),
            witnesses: findings.filter_map(|f| f.witness.clone()).collect(),
        }
    }
}

fn exercise(result: &GradeResult) -> ToldExercise {
    ToldExercise {
        name: result.exercise.clone(),
        score: terminal::score(result).trim().to_owned(),
    }
}

impl<W: Write> Sink for Stream<'_, W> {
    fn event(&mut self, event: &Event<'_>) {
        if let Some(told) = self.told(event) {
            let line = serde_json::to_string(&told).expect("strings always serialise");
            self.output.print(&format!("{line}\n"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::test_data::result;

    #[test]
    fn what_is_told_can_be_read_again() {
        let (result, mut output) = (result(), Output::new(Vec::new()));
        let mut stream = Stream::new(&mut output, "cargo replay");
        stream.event(&Event::ScenarioFinished(&result.scenarios[1]));
        stream.event(&Event::Finished(&result));
        let text = String::from_utf8(output.into_inner()).expect("JSON is UTF-8");
        let told: Vec<Told> = text
            .lines()
            .map(|line| serde_json::from_str(line).expect("it is JSON"))
            .collect();
        let [Told::Scenario(scenario), Told::Exercise(exercise)] = told.as_slice() else {
            panic!("{told:?}");
        };
        assert_eq!(scenario.id, "short-writes");
        assert_eq!(scenario.rules, ["records"]);
        assert!(scenario.loses);
        let block = anstream::adapter::strip_str(&scenario.whole).to_string();
        assert!(block.contains("hint      what does write(2)"), "{block}");
        let score = anstream::adapter::strip_str(&exercise.score).to_string();
        assert_eq!(score, "score 5 of 25");
    }
}
