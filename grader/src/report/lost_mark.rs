//! A lost mark: the rule that was broken, what was expected and what was
//! there, the interleaving that shows it, the command that replays it.

use crate::finding::{Failure, Finding};
use crate::limit::Limit;
use crate::report::interleaving::interleaving;
use crate::report::{escape, paint};
use crate::trace::Execution;

/// How far a lost mark is indented.
pub(super) const INDENT: &str = "      ";
/// How much of what the program printed is shown.
const PRINTED_BYTES: usize = 400;

/// Whether the hint is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hints {
    /// It is shown.
    Shown,
    /// Only how to get it is said.
    OnRequest,
}

/// The block for `finding`. `replay` is the command that takes a witness,
/// such as `cargo replay`.
#[must_use]
pub fn lost_mark(finding: &Finding, hints: Hints, replay: &str) -> String {
    let mut block = failure(&finding.failure);
    if let Some(execution) = &finding.execution {
        block.push('\n');
        block.push_str(&evidence(execution, finding.failure.step));
        block.push('\n');
    }
    if let Some(passes_if) = &finding.passes_if {
        block.push_str(&labelled("nearest", passes_if));
    }
    if let Some(witness) = &finding.witness {
        let witness = escape::shell_word(&witness.to_string_lossy());
        block.push_str(&labelled("replay", &format!("{replay} {witness}")));
    }
    match (&finding.hint, hints) {
        (Some(hint), Hints::Shown) => block.push_str(&labelled("hint", hint)),
        (Some(_), Hints::OnRequest) => {
            block.push_str(&labelled("hint", "run again with --hints"));
        }
        (None, _) => {}
    }
    block
}

/// The rule in one sentence, what was expected and what was there.
#[must_use]
pub fn failure(failure: &Failure) -> String {
    let mut block = labelled(&failure.rule, &failure.message);
    if let Some(limit) = Limit::of_rule(&failure.rule) {
        block.push_str(&labelled("limit", limit.of()));
    }
    block.push_str(&labelled("expected", &failure.expected));
    block.push_str(&labelled("actual", &failure.actual));
    block
}

/// The interleaving, and what the program printed meanwhile.
#[must_use]
pub fn evidence(execution: &Execution, decisive: Option<usize>) -> String {
    let mut block: String = interleaving(execution, decisive)
        .lines()
        .map(|line| format!("{INDENT}{line}\n"))
        .collect();
    block.push_str(&printed(execution));
    block
}

/// What the program printed.
pub(super) fn printed(execution: &Execution) -> String {
    let mut block = String::new();
    for (stream, printed) in [("output", &execution.stdout), ("error", &execution.stderr)] {
        if !printed.is_empty() {
            let text = escape::bytes(printed, PRINTED_BYTES);
            block.push_str(&format!("{INDENT}printed on standard {stream}:\n"));
            for line in text.lines() {
                block.push_str(&format!("{INDENT}  {line}\n"));
            }
        }
    }
    block
}

/// `label  text`, further lines of `text` under the first.
#[must_use]
pub fn labelled(label: &str, text: &str) -> String {
    const WIDTH: usize = 10;
    let text = escape::lines(text);
    let label = escape::one_line(label);
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    // A long rule name, such as `records-until-full`, has a line of its own.
    let mut block = if label.len() < WIDTH {
        format!(
            "{INDENT}{}{first}\n",
            paint::paint(paint::HEAD, &format!("{label:WIDTH$}"))
        )
    } else {
        let label = paint::paint(paint::HEAD, &label);
        format!("{INDENT}{label}\n{INDENT}{:WIDTH$}{first}\n", "")
    };
    for line in lines {
        block.push_str(&format!("{INDENT}{:WIDTH$}{line}\n", ""));
    }
    block
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::test_data::finding;

    fn plain(finding: &Finding, hints: Hints) -> String {
        let block = lost_mark(finding, hints, "cargo replay");
        anstream::adapter::strip_str(&block).to_string()
    }

    #[test]
    fn a_lost_mark_has_all_its_parts() {
        let expected = r#"
      records   each record stands in FILE as one whole line, exactly once
      expected  27 bytes: "log\n", "the first record\n" in any order
      actual    18 bytes: "log\n", then 8 of 17 bytes "the firs"

      step  P0                 P1
         1  fork = P1
         2  open FILE          |
         3  |                  start
         4  |                  open FILE
         5  |                  write FILE 17 = 8  <--
            |                    ! short write: 8 of 17 bytes
         6  wait P1: blocked   |
         7  |                  exit 0
         8  return: wait P1
         9  exit 0

      replay    cargo replay .grade/short-writes.witness
      hint      run again with --hints
"#;
        assert_eq!(plain(&finding(), Hints::OnRequest), expected[1..]);
    }

    #[test]
    fn the_hint_is_shown_if_asked_for() {
        let block = plain(&finding(), Hints::Shown);
        assert!(block.ends_with("      hint      what does write(2) promise to return?\n"));
    }

    #[test]
    fn what_the_program_printed_is_made_safe() {
        let mut finding = finding();
        finding.failure.actual = "\x1b]0;owned\x07\nsecond line".to_owned();
        if let Some(execution) = &mut finding.execution {
            execution.stderr = b"\x1b[2Jcleared\n".to_vec();
        }
        let block = lost_mark(&finding, Hints::OnRequest, "cargo replay");
        assert!(block.contains("\\x1b]0;owned\\x07\n                second line\n"));
        assert!(block.contains("      printed on standard error:\n        \\x1b[2Jcleared\n"));
    }

    #[test]
    fn a_long_rule_name_has_a_line_of_its_own() {
        let mut finding = finding();
        finding.failure.rule = "records-until-full".to_owned();
        let block = plain(&finding, Hints::OnRequest);
        assert!(block.starts_with("      records-until-full\n                each record stands"));
    }
}
