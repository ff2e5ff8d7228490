//! What the formats have in common: what was graded so far, as tests, and what
//! there is to say of each.

use std::time::{Duration, SystemTime};

use crate::finding::{GradeResult, ScenarioResult};
use crate::picture::Taken;
use crate::report::lost_mark::{Hints, lost_mark};
use crate::report::terminal::claim;

/// The most that is said of one scenario: platforms drop reports that are too
/// long.
const DIAGNOSIS_MAX_BYTES: usize = 16 * 1024;

/// What a report file tells of.
#[derive(Debug)]
pub(super) struct Document {
    pub submission: String,
    /// Each exercise's result; the last may still be under way.
    pub exercises: Vec<GradeResult>,
    /// Pictures by exercise and scenario, for the page alone.
    pub pictures: Vec<(String, String, Taken)>,
    /// Why the submission was not graded, or not to its end.
    pub refusal: Option<Refusal>,
    pub state: State,
    pub started: SystemTime,
    pub duration: Duration,
    /// The command that takes a witness.
    pub replay: String,
}

/// How far the grading has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    UnderWay,
    Ended,
}

/// Why there is no result.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    /// The message, with what to do.
    pub message: String,
    /// True if the submission is to blame, false for the grader or the machine.
    pub submission: bool,
}

/// One scenario as a test.
#[derive(Debug, Clone, Copy)]
pub(super) struct Test<'a> {
    pub exercise: &'a str,
    pub scenario: &'a ScenarioResult,
    /// Several exercises have been graded.
    pub several: bool,
}

impl Document {
    /// All scenarios, in order.
    pub fn tests(&self) -> Vec<Test<'_>> {
        let several = self.exercises.len() > 1;
        let scenarios = self.exercises.iter().flat_map(|result| {
            result.scenarios.iter().map(move |scenario| Test {
                exercise: &result.exercise,
                scenario,
                several,
            })
        });
        scenarios.collect()
    }

    /// Marks got.
    pub fn score(&self) -> u32 {
        self.exercises.iter().map(|result| result.score).sum()
    }

    /// Marks to be had without bonus.
    pub fn max_score(&self) -> u32 {
        self.exercises.iter().map(|result| result.max_score).sum()
    }

    /// The score in words, or why there is none.
    pub fn headline(&self) -> String {
        if let Some(refusal) = &self.refusal {
            return refusal.message.clone();
        }
        let score = format!("{} of {} points", self.score(), self.max_score());
        match self.state {
            State::Ended => score,
            State::UnderWay => format!("{score} so far: grading has not come to its end"),
        }
    }
}

impl Test<'_> {
    /// The scenario's id, with the exercise's name if there are several.
    pub fn name(&self) -> String {
        match self.several {
            true => format!("{}: {}", self.exercise, self.scenario.id),
            false => self.scenario.id.clone(),
        }
    }

    /// The name and the title.
    pub fn full_name(&self) -> String {
        format!("{}: {}", self.name(), self.scenario.title)
    }

    /// True if no mark is lost.
    pub fn passed(&self) -> bool {
        !self.scenario.verdict.loses()
    }

    /// What the verdict rests on; for a lost mark the rule, what was expected
    /// and what was there, and the interleaving. Plain text.
    pub fn diagnosis(&self, replay: &str) -> String {
        let mut text = claim(self.scenario);
        text.push('\n');
        for finding in &self.scenario.findings {
            text.push('\n');
            text.push_str(&lost_mark(finding, Hints::OnRequest, replay));
        }
        let plain = anstream::adapter::strip_str(&text).to_string();
        shortened(plain)
    }

    /// The broken rule in one sentence, or what the verdict rests on.
    pub fn message(&self) -> String {
        let findings = &self.scenario.findings;
        findings
            .first()
            .map_or_else(|| claim(self.scenario), |f| f.failure.message.clone())
    }
}

fn shortened(mut text: String) -> String {
    if text.len() <= DIAGNOSIS_MAX_BYTES {
        return text;
    }
    let end = (0..=DIAGNOSIS_MAX_BYTES)
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(0);
    let left_out = text.len() - end;
    text.truncate(end);
    text.push_str(&format!("\n... {left_out} bytes left out\n"));
    text
}

/// Documents for the formats' tests.
#[cfg(test)]
pub(super) mod samples {
    use super::*;
    use crate::report::test_data::result;

    /// One pass, one lost mark, one skipped.
    pub fn graded() -> Document {
        Document {
            submission: "starter".to_owned(),
            exercises: vec![result()],
            pictures: Vec::new(),
            refusal: None,
            state: State::Ended,
            started: SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000),
            duration: Duration::from_millis(2500),
            replay: "cargo replay".to_owned(),
        }
    }

    /// One that does not build, with text that means something everywhere.
    pub fn refused() -> Document {
        Document {
            exercises: Vec::new(),
            refusal: Some(Refusal {
                message: "does not build: <b>]]>&\"'\u{1b}[31m%,:\nhelp: \u{fffd}#".to_owned(),
                submission: true,
            }),
            ..graded()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_characters() {
        let text = "é".repeat(DIAGNOSIS_MAX_BYTES);
        let cut = shortened(text);
        assert!(cut.ends_with(&format!("... {DIAGNOSIS_MAX_BYTES} bytes left out\n")));
    }

    #[test]
    fn names_say_the_exercise_only_among_several() {
        let mut document = samples::graded();
        assert_eq!(document.tests()[0].name(), "single");
        document.exercises.push(document.exercises[0].clone());
        assert_eq!(document.tests()[0].name(), "forkwrite: single");
    }
}
