//! Pieces of a file's text, fit to be shown on a terminal.

use super::locate::Position;

/// A line longer than this is shown in part.
const WIDTH: usize = 100;

/// A line of a file and a place in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The line, shortened, without control characters.
    pub text: String,
    /// How many characters of `text` stand before the place.
    pub caret: usize,
}

impl Excerpt {
    /// The line of `text` at `position`. A place past the line's end, or past
    /// the last line, is shown just behind it.
    #[must_use]
    pub fn new(text: &str, position: Position) -> Self {
        let line = text
            .lines()
            .nth(position.line.saturating_sub(1))
            .unwrap_or_default();
        let length = line.chars().count();
        let column = position.column.saturating_sub(1).min(length);
        if length <= WIDTH {
            return Self {
                text: printable(line),
                caret: column,
            };
        }
        let start = column.saturating_sub(WIDTH / 2).min(length - WIDTH);
        let shown: String = line.chars().skip(start).take(WIDTH).collect();
        let before = if start > 0 { "..." } else { "" };
        let after = if start + WIDTH < length { "..." } else { "" };
        Self {
            text: format!("{before}{}{after}", printable(&shown)),
            caret: before.len() + column - start,
        }
    }
}

/// `text` with a blank for each tab and a `\u{fffd}` for each other character
/// that would move the cursor or change colours.
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\t' => ' ',
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                '\u{fffd}'
            }
            other if other.is_control() => '\u{fffd}',
            other => other,
        })
        .collect()
}

/// A text in quotes for a message, shortened.
#[must_use]
pub fn quoted(text: &str) -> String {
    const LENGTH: usize = 40;
    let short: String = text.chars().take(LENGTH).collect();
    let dots = if short.len() < text.len() { "..." } else { "" };
    format!("{short:?}{dots}")
}
