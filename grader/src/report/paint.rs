//! Colours and the words they go with; a colour never stands alone.

use anstyle::{AnsiColor, Style};

use crate::finding::Verdict;

/// For what is good.
pub const GOOD: Style = AnsiColor::Green.on_default().bold();
/// For what is lost.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// For what is neither.
pub const OPEN: Style = AnsiColor::Yellow.on_default();
/// For injected faults.
pub const FAULT: Style = AnsiColor::Yellow.on_default();
/// For what matters less.
pub const QUIET: Style = Style::new().dimmed();
/// For headings.
pub const HEAD: Style = Style::new().bold();

/// `text` in `style`. `Output` takes the colour out again where it does not
/// belong.
#[must_use]
pub fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// The word for a verdict in reports for people.
#[must_use]
pub const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "FAIL",
        Verdict::Skipped => "skipped",
        Verdict::Inconclusive => "inconclusive",
        Verdict::Error => "error",
    }
}

/// The colour that goes with that word.
#[must_use]
pub const fn style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Pass => GOOD,
        Verdict::Fail => BAD,
        Verdict::Skipped => QUIET,
        Verdict::Inconclusive | Verdict::Error => OPEN,
    }
}

/// `1 execution`, `2 executions`.
#[must_use]
pub fn count(number: u64, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}
