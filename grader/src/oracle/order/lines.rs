//! FILE as lines: which of the expected ones it holds, in which order.

use crate::oracle::text::quote;

/// A whole line of FILE.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// Without its newline.
    pub text: &'a str,
    /// Where it begins in FILE, in bytes.
    pub offset: usize,
}

impl Line<'_> {
    /// The numbers in it, in their order.
    pub fn numbers(&self) -> Vec<u32> {
        let words = self.text.split(' ').skip(1);
        words.filter_map(|word| word.parse().ok()).collect()
    }

    /// True if its first word is this.
    pub fn begins_with(&self, word: &str) -> bool {
        self.text.split(' ').next() == Some(word)
    }
}

/// What is wrong with FILE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Broken {
    pub expected: String,
    pub actual: String,
    /// Where it shows in FILE, in bytes.
    pub offset: Option<usize>,
}

/// The lines after the old content, if all are whole, each is one of
/// `expected`, none comes twice and, unless FILE may be `partial`, none is
/// missing.
pub(super) fn read<'a>(
    initial: &[u8],
    content: &'a [u8],
    expected: &[String],
    partial: bool,
) -> Result<Vec<Line<'a>>, Broken> {
    let Some(added) = content.strip_prefix(initial) else {
        return Err(Broken {
            expected: "the old content of FILE is kept".to_owned(),
            actual: format!(
                "FILE does not begin with its old content {}",
                quote(initial)
            ),
            offset: Some(0),
        });
    };
    let known = |text: &str| expected.iter().any(|line| line == text);
    let mut lines: Vec<Line<'_>> = Vec::new();
    let mut offset = initial.len();
    let mut pieces = added.split_inclusive(|&byte| byte == b'\n');
    let mut rest: &[u8] = &[];
    for piece in &mut pieces {
        let Some(text) = piece.strip_suffix(b"\n") else {
            rest = piece;
            break;
        };
        let line = std::str::from_utf8(text).ok().filter(|text| known(text));
        let Some(line) = line else {
            return Err(Broken {
                expected: "only whole lines of the exercise".to_owned(),
                actual: format!("the line {}", quote(text)),
                offset: Some(offset),
            });
        };
        if lines.iter().any(|earlier| earlier.text == line) {
            return Err(Broken {
                expected: "each line once".to_owned(),
                actual: format!("the line {} twice", quote(text)),
                offset: Some(offset),
            });
        }
        lines.push(Line { text: line, offset });
        offset += piece.len();
    }
    let begins = |line: &String| {
        line.as_bytes().starts_with(rest) && !lines.iter().any(|there| there.text == line)
    };
    let rest_is_fine = rest.is_empty() || partial && expected.iter().any(begins);
    if !rest_is_fine {
        return Err(Broken {
            expected: "only whole lines of the exercise".to_owned(),
            actual: format!("FILE ends in {}, without a newline", quote(rest)),
            offset: Some(offset),
        });
    }
    let missing = expected
        .iter()
        .find(|line| !lines.iter().any(|there| there.text == line.as_str()));
    match missing {
        Some(missing) if !partial => Err(Broken {
            expected: format!(
                "{} lines, one of them {}",
                expected.len(),
                quote(missing.as_bytes())
            ),
            actual: format!("no line {}", quote(missing.as_bytes())),
            offset: None,
        }),
        _ => Ok(lines),
    }
}
