//! Words and quotations for failures.

use crate::operation::TaskName;
use crate::spec::types::Rule;

/// Longer quotations are shortened to [`HEAD`] and [`TAIL`] bytes.
const QUOTED: usize = 48;
const HEAD: usize = 28;
const TAIL: usize = 12;

/// A rule's name, as in scenario files and results.
#[must_use]
pub const fn rule_name(rule: Rule) -> &'static str {
    rule.word()
}

/// `bytes` in quotes, printable: control and non-ASCII bytes escaped, the
/// middle of a long text left out.
pub(super) fn quote(bytes: &[u8]) -> String {
    if bytes.len() <= QUOTED {
        return format!("\"{}\"", bytes.escape_ascii());
    }
    format!(
        "\"{}\" ... \"{}\"",
        bytes[..HEAD].escape_ascii(),
        bytes[bytes.len() - TAIL..].escape_ascii()
    )
}

/// Like [`quote`], with the number of bytes.
pub(super) fn quote_sized(bytes: &[u8]) -> String {
    format!("{} ({})", quote(bytes), count(bytes.len(), "byte"))
}

/// `1 byte`, `2 bytes`.
pub(super) fn count(n: usize, what: &str) -> String {
    match n {
        1 => format!("1 {what}"),
        _ => format!("{n} {what}s"),
    }
}

/// `P1`, `P1 and P2`, `P1, P2 and P3`.
pub(super) fn names(tasks: &[TaskName]) -> String {
    let names: Vec<String> = tasks.iter().map(ToString::to_string).collect();
    list(&names)
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn list(names: &[String]) -> String {
    match names.split_last() {
        None => "nobody".to_owned(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quotation_is_printable() {
        assert_eq!(quote(b"a\n\x00\xffz\""), r#""a\n\x00\xffz\"""#);
    }

    #[test]
    fn a_long_quotation_is_short() {
        let long = vec![b'x'; 70_000];
        let quoted = quote_sized(&long);
        assert!(quoted.len() < 80, "{quoted}");
        assert!(quoted.ends_with("(70000 bytes)"), "{quoted}");
    }

    #[test]
    fn lists_read_as_english() {
        let p = TaskName::process;
        assert_eq!(names(&[p(1)]), "P1");
        assert_eq!(names(&[p(1), p(2), p(3)]), "P1, P2 and P3");
        assert_eq!(count(1, "byte"), "1 byte");
        assert_eq!(count(0, "byte"), "0 bytes");
    }
}
