//! What is wrong with FILE, in words: expected and actual, with byte counts.

use crate::finding::Failure;
use crate::spec::types::Rule;

use super::damage::{Damage, line_of};
use super::text::{count, quote, quote_sized, rule_name};

pub(super) const RULE: &str = "every record must stand in FILE as one whole line, exactly once";
pub(super) const KEEP: &str = "what FILE held at the start must stay as it was";

/// A failure of the rule `records` that has no step yet.
pub(super) fn failure(message: &str, expected: String, actual: String) -> Failure {
    Failure {
        rule: rule_name(Rule::Records).to_owned(),
        message: message.to_owned(),
        expected,
        actual,
        step: None,
    }
}

/// What is expected and found where the old content should be.
pub(super) fn old_content(initial: &[u8], content: &[u8]) -> (String, String) {
    let same = initial
        .iter()
        .zip(content)
        .take_while(|(a, b)| a == b)
        .count();
    let actual = if same == content.len() {
        format!("only {} of it: {}", count(same, "byte"), quote(content))
    } else {
        let from = format!("from byte {same} on: {}", quote(&content[same..]));
        format!("{} in all, different {from}", count(content.len(), "byte"))
    };
    (format!("{} at FILE's start", quote_sized(initial)), actual)
}

/// Puts it into words.
pub(super) fn describe(
    damage: &Damage,
    initial: &[u8],
    content: &[u8],
    records: &[Vec<u8>],
) -> Failure {
    let once = |record: usize| {
        let bytes = count(records[record].len() + 1, "byte");
        format!(
            "{} and its newline ({bytes}), once",
            quote(&records[record])
        )
    };
    let of = |record: usize, kept: usize| {
        format!("{kept} of {}", count(records[record].len() + 1, "byte"))
    };
    match *damage {
        Damage::OldContent => {
            let (expected, actual) = old_content(initial, content);
            failure(KEEP, expected, actual)
        }
        Damage::Torn {
            record,
            kept,
            then,
            rest_elsewhere,
        } => {
            let line = line_of(&records[record]);
            let cut = format!("cut after {}: {}", of(record, kept), quote(&line[..kept]));
            let then = match then {
                [] => ", and there FILE ends".to_owned(),
                then => format!(", then {}", quote(then)),
            };
            let rest = if rest_elsewhere {
                "; the rest stands elsewhere"
            } else {
                ""
            };
            failure(RULE, once(record), format!("{cut}{then}{rest}"))
        }
        Damage::Tail { record, kept } => {
            let line = line_of(&records[record]);
            let tail = quote(&line[line.len() - kept..]);
            failure(
                RULE,
                once(record),
                format!("only its last {}: {tail}", of(record, kept)),
            )
        }
        Damage::Missing { record } => {
            let rest = &content[initial.len()..];
            let instead = match (rest, initial) {
                ([], []) => "FILE is empty".to_owned(),
                ([], _) => "FILE holds only its old content".to_owned(),
                (rest, []) => format!("FILE holds {}", quote_sized(rest)),
                (rest, _) => format!("after its old content FILE holds {}", quote_sized(rest)),
            };
            failure(RULE, once(record), format!("missing; {instead}"))
        }
        Damage::Repeated { record, times } => {
            let due = records.iter().filter(|r| **r == records[record]).count();
            let expected = match due {
                1 => once(record),
                _ => format!("{} {}", quote(&records[record]), count(due, "time")),
            };
            failure(
                RULE,
                expected,
                format!("it stands there {}", count(times, "time")),
            )
        }
        Damage::Foreign { line } => failure(
            "nothing but the old content and the records may stand in FILE",
            "no other bytes".to_owned(),
            quote_sized(line),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::damage::find;
    use crate::oracle::testing::facts;

    fn check(initial: &str, content: &str, records: &[&str]) -> Option<Failure> {
        let facts = facts(initial, records);
        let content = content.as_bytes();
        let damage = find(&facts.initial, content, &facts.records)?;
        Some(describe(&damage, &facts.initial, content, &facts.records))
    }

    /// What is said about a wrong content, `expected` and `actual`.
    fn said(initial: &str, content: &str, records: &[&str]) -> (String, String) {
        let failure = check(initial, content, records).expect("wrong content");
        assert_eq!(failure.rule, "records");
        (failure.expected, failure.actual)
    }

    fn actual(content: &str, records: &[&str]) -> String {
        said("", content, records).1
    }

    #[test]
    fn any_order_of_whole_lines_passes() {
        assert_eq!(
            check("old\n", "old\nbeta\nalpha\n", &["alpha", "beta"]),
            None
        );
        assert_eq!(check("", "", &[]), None);
    }

    #[test]
    fn equal_records_stand_as_often_as_they_are_given() {
        assert_eq!(check("", "a\n\na\n", &["a", "a", ""]), None);
        let (expected, actual) = said("", "a\na\na\n", &["a", "a"]);
        assert_eq!(expected, "\"a\" 2 times");
        assert_eq!(actual, "it stands there 3 times");
    }

    #[test]
    fn a_record_cut_short_is_shown_with_what_follows() {
        let (expected, actual) = said("old\n", "old\nalpbeta\n", &["alpha", "beta"]);
        assert_eq!(expected, "\"alpha\" and its newline (6 bytes), once");
        assert_eq!(actual, r#"cut after 3 of 6 bytes: "alp", then "beta\n""#);
    }

    #[test]
    fn a_cut_is_told_from_a_longer_chance_likeness() {
        let actual = actual("aaab\n", &["aaaa", "aab"]);
        assert_eq!(actual, r#"cut after 1 of 5 bytes: "a", then "aab\n""#);
    }

    #[test]
    fn a_cut_at_the_end_of_file() {
        let actual = actual("beta\nalp", &["alpha", "beta"]);
        assert_eq!(
            actual,
            r#"cut after 3 of 6 bytes: "alp", and there FILE ends"#
        );
    }

    #[test]
    fn a_missing_newline_is_a_cut() {
        let actual = actual("alphabeta\n", &["alpha", "beta"]);
        assert_eq!(actual, r#"cut after 5 of 6 bytes: "alpha", then "beta\n""#);
    }

    #[test]
    fn a_torn_record_has_its_rest_elsewhere() {
        let one = actual("alpbeta\nha\n", &["alpha", "beta"]);
        assert_eq!(
            one,
            r#"cut after 3 of 6 bytes: "alp", then "beta\n"; the rest stands elsewhere"#
        );
        let both = actual("alpbe\nha\nta\n", &["alpha", "be\u{7}ta"]);
        assert!(both.starts_with("cut after 3 of 6 bytes"), "{both}");
    }

    #[test]
    fn a_loop_that_starts_over_leaves_the_beginning_twice() {
        let actual = actual("alpalpha\nbeta\n", &["alpha", "beta"]);
        assert_eq!(actual, r#"cut after 3 of 6 bytes: "alp", then "alpha\n""#);
    }

    #[test]
    fn an_overwritten_beginning_leaves_a_tail() {
        let actual = actual("beta\nrecord\n", &["long-record", "beta"]);
        assert_eq!(actual, r#"only its last 7 of 12 bytes: "record\n""#);
    }

    #[test]
    fn a_missing_record_is_shown_with_what_is_there() {
        assert_eq!(
            actual("beta\n", &["alpha", "beta"]),
            r#"missing; FILE holds "beta\n" (5 bytes)"#
        );
        assert_eq!(actual("", &["a"]), "missing; FILE is empty");
        let (_, old) = said("old\n", "old\n", &["a"]);
        assert_eq!(old, "missing; FILE holds only its old content");
    }

    #[test]
    fn a_record_written_twice_is_counted() {
        let actual = actual("alpha\nbeta\nalpha\n", &["alpha", "beta"]);
        assert_eq!(actual, "it stands there 2 times");
    }

    #[test]
    fn foreign_bytes_are_quoted() {
        let failure = check("", "alpha\ndebug\x1b[0m\n", &["alpha"]).expect("foreign");
        assert!(failure.message.starts_with("nothing but"), "{failure:?}");
        assert_eq!(failure.actual, r#""debug\x1b[0m\n" (10 bytes)"#);
    }

    #[test]
    fn damaged_old_content_comes_first() {
        let (expected, actual) = said("old line\n", "alpha\nne\n", &["alpha"]);
        assert_eq!(expected, r#""old line\n" (9 bytes) at FILE's start"#);
        assert_eq!(
            actual,
            r#"9 bytes in all, different from byte 0 on: "alpha\nne\n""#
        );
        let (_, shorter) = said("old\n", "", &["a"]);
        assert_eq!(shorter, "only 0 bytes of it: \"\"");
    }

    #[test]
    fn long_records_stay_readable() {
        let long = "abc".repeat(23_334);
        let content = format!("{}beta\n", &long[..65_536]);
        let (expected, actual) = said("", &content, &[&long, "beta"]);
        assert!(expected.contains("(70003 bytes)"), "{expected}");
        assert!(
            actual.contains("cut after 65536 of 70003 bytes"),
            "{actual}"
        );
        assert!(
            expected.len() < 120 && actual.len() < 160,
            "{expected} {actual}"
        );
    }
}
