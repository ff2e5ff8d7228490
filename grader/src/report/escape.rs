//! Makes text safe to show: what a student's program printed must not move
//! the cursor, change colours or turn the line round.

/// `text` with every control character written out, line ends and tabs
/// included: for texts that must stay on one line.
#[must_use]
pub fn one_line(text: &str) -> String {
    escape(text, |_| false)
}

/// `text` with every control character but line ends and tabs written out.
#[must_use]
pub fn lines(text: &str) -> String {
    escape(text, |c| c == '\n' || c == '\t')
}

/// At most the first `limit_bytes` of `bytes`, safe to show: what is not
/// UTF-8 is written as `\xNN`, and what is left out is counted.
#[must_use]
pub fn bytes(bytes: &[u8], limit_bytes: usize) -> String {
    let shown = &bytes[..bytes.len().min(limit_bytes)];
    let mut text = String::new();
    for chunk in shown.utf8_chunks() {
        text.push_str(&lines(chunk.valid()));
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    let left_out = bytes.len() - shown.len();
    if left_out > 0 {
        text.push_str(&format!("\n({left_out} more bytes)"));
    }
    text
}

fn escape(text: &str, keep: impl Fn(char) -> bool) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if keep(c) => safe.push(c),
            '\n' => safe.push_str("\\n"),
            '\t' => safe.push_str("\\t"),
            '\r' => safe.push_str("\\r"),
            c if c.is_ascii_control() => safe.push_str(&format!("\\x{:02x}", u32::from(c))),
            c if c.is_control() || turns_text_round(c) => {
                safe.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
            }
            c => safe.push(c),
        }
    }
    safe
}

/// Invisible characters that change the direction of what follows.
const fn turns_text_round(c: char) -> bool {
    matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

/// `text` as one word for a POSIX shell.
#[must_use]
pub fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:@%,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_written_out() {
        assert_eq!(one_line("a\x1b[31mb\r\n"), r"a\x1b[31mb\r\n");
        assert_eq!(lines("a\n\tb\x07"), "a\n\tb\\x07");
        assert_eq!(one_line("\u{9b}2J \u{202e}x"), r"\u{9b}2J \u{202e}x");
        assert_eq!(one_line("é ∞ \\n"), "é ∞ \\n");
    }

    #[test]
    fn bytes_are_shown_up_to_a_limit() {
        assert_eq!(bytes(b"ab\xffc", 10), "ab\\xffc");
        assert_eq!(bytes(b"abcdef", 4), "abcd\n(2 more bytes)");
        assert_eq!(bytes("aé".as_bytes(), 2), "a\\xc3\n(1 more bytes)");
    }

    #[test]
    fn shell_words_are_quoted_where_needed() {
        assert_eq!(shell_word(".grade/a-1.witness"), ".grade/a-1.witness");
        assert_eq!(shell_word("my work/it's"), r"'my work/it'\''s'");
        assert_eq!(shell_word(""), "''");
    }
}
