//! What a replay showed.

use crate::replay::Replay;
use crate::report::lost_mark::{evidence, failure, labelled};
use crate::report::{escape, paint};

/// How a replay compares with what its witness says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// The same finding.
    Reproduced,
    /// A finding, but another.
    Other,
    /// No finding.
    Gone,
}

/// Compares a replay with what its witness says.
#[must_use]
pub const fn compare(replay: &Replay) -> Comparison {
    match (replay.reproduced, &replay.failure) {
        (true, _) => Comparison::Reproduced,
        (false, Some(_)) => Comparison::Other,
        (false, None) => Comparison::Gone,
    }
}

/// The report of a replay.
#[must_use]
pub fn report(replay: &Replay) -> String {
    let mut text = heading(replay);
    if let Some(found) = &replay.failure {
        text.push_str(&format!("\n{}", failure(found)));
    }
    if let Some(execution) = &replay.execution {
        let decisive = replay.failure.as_ref().and_then(|failure| failure.step);
        text.push_str(&format!("\n{}", evidence(execution, decisive)));
    }
    text
}

/// How the replay compares, and what is to be known besides.
pub(super) fn heading(replay: &Replay) -> String {
    let comparison = compare(replay);
    let mut text = verdict(comparison);
    for line in replay.note.lines() {
        text.push_str(&format!("{:14}{}\n", "", escape::one_line(line)));
    }
    if comparison == Comparison::Other {
        text.push_str(&format!(
            "\n{}",
            labelled("wanted", &replay.expected.message)
        ));
    }
    text
}

/// The verdict's word and a sentence.
fn verdict(comparison: Comparison) -> String {
    let (style, word, sentence) = match comparison {
        Comparison::Reproduced => (
            paint::BAD,
            "reproduced",
            "the same finding as in the witness",
        ),
        Comparison::Other => (paint::BAD, "differs", "a finding, but not the witness's"),
        Comparison::Gone => (
            paint::GOOD,
            "gone",
            "this schedule no longer breaks the rule",
        ),
    };
    format!(
        "{}  {sentence}\n",
        paint::paint(style, &format!("{word:<12}"))
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::test_data::{finding, short_write};

    fn replay() -> Replay {
        Replay {
            reproduced: true,
            failure: Some(finding().failure),
            expected: finding().failure,
            execution: Some(short_write()),
            lines: Vec::new(),
            nearest: None,
            note: String::new(),
        }
    }

    fn plain(replay: &Replay) -> String {
        anstream::adapter::strip_str(&report(replay)).to_string()
    }

    #[test]
    fn a_reproduced_finding_is_shown_with_its_decisive_step() {
        let text = plain(&replay());
        let expected = "\
reproduced    the same finding as in the witness

      records   each record";
        assert!(text.starts_with(expected), "{text}");
        assert!(text.contains("write FILE 17 = 8  <--"), "{text}");
    }

    #[test]
    fn a_finding_that_is_gone_marks_no_step() {
        let mut replay = replay();
        replay.reproduced = false;
        replay.failure = None;
        replay.note = "the program is another one".to_owned();
        let text = plain(&replay);
        let expected = "\
gone          this schedule no longer breaks the rule
              the program is another one

      step  P0";
        assert!(text.starts_with(expected), "{text}");
        assert!(!text.contains("<--"), "{text}");
    }

    #[test]
    fn another_finding_is_shown_with_the_rule_that_was_wanted() {
        let mut replay = replay();
        replay.reproduced = false;
        replay.expected.message = "nobody waits for ever".to_owned();
        let text = plain(&replay);
        let expected = "\
differs       a finding, but not the witness's

      wanted    nobody waits for ever

      records   each record";
        assert!(text.starts_with(expected), "{text}");
    }
}
