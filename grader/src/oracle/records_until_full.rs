//! The rule `records-until-full`: when the space gives out, what fitted is
//! whole.

use crate::finding::Failure;
use crate::spec::types::Rule;
use crate::trace::Execution;

use super::damage::Lines;
use super::damage_text::{KEEP, failure, old_content};
use super::judge::{Facts, Oracle};
use super::text::{count, quote, quote_sized, rule_name};
use super::writes::{ran_to_its_end, transfers};

const RULE: &str = "what fits into FILE must be whole records, each at most once, \
                    and then at most the beginning of one more";

/// Judges what stands in a FILE that could not take everything.
///
/// A write that crosses the limit transfers what still fits, and the next one
/// fails (write(2): EFBIG, ENOSPC); so after the whole records there may be a
/// beginning of one more. A FILE that is no regular file, such as
/// `/dev/full`, has nothing to judge.
pub(super) struct RecordsUntilFullOracle;

impl Oracle for RecordsUntilFullOracle {
    fn rule(&self) -> Rule {
        Rule::RecordsUntilFull
    }

    fn judge(&mut self, facts: &Facts, execution: &Execution) -> Option<Failure> {
        let content = execution.file.as_ref()?;
        if !ran_to_its_end(execution) {
            return None;
        }
        let failure = check(&facts.initial, content, &facts.records)?;
        Some(Failure {
            rule: rule_name(Rule::RecordsUntilFull).to_owned(),
            step: transfers(execution).last().map(|write| write.step),
            ..failure
        })
    }
}

fn check(initial: &[u8], content: &[u8], records: &[Vec<u8>]) -> Option<Failure> {
    let Some(rest) = content.strip_prefix(initial) else {
        let (expected, actual) = old_content(initial, content);
        return Some(failure(KEEP, expected, actual));
    };
    let lines = Lines::sort(rest, records);
    if let Some(record) = lines.repeated.first() {
        return Some(failure(
            RULE,
            format!("{} at most once", quote(&records[*record])),
            "it stands there once more".to_owned(),
        ));
    }
    let missing = || (0..records.len()).filter(|r| !lines.placed[*r]);
    let begins = |stray: &[u8]| missing().find(|r| records[*r].starts_with(stray));
    for stray in &lines.strays {
        if stray.ends_with(b"\n") {
            return Some(failure(
                RULE,
                "each line a whole record".to_owned(),
                not_a_record(stray, missing().map(|r| &records[r])),
            ));
        }
        if begins(stray).is_none() {
            return Some(failure(
                RULE,
                "at the end, if anything, the beginning of a record that is not there yet"
                    .to_owned(),
                quote_sized(stray),
            ));
        }
    }
    if lines.placed.contains(&true) || records.is_empty() {
        return None;
    }
    Some(failure(
        "a record that fits into FILE must be there, whole",
        "at least one whole record".to_owned(),
        match rest {
            [] => "none, and no beginning of one".to_owned(),
            rest => format!("none, only {}", quote_sized(rest)),
        },
    ))
}

/// A line that is no record, and which record it begins like.
fn not_a_record<'a>(line: &[u8], missing: impl Iterator<Item = &'a Vec<u8>>) -> String {
    let same = |record: &[u8]| record.iter().zip(line).take_while(|(a, b)| a == b).count();
    // Of records that share as much, the last; any would do.
    let alike = missing.map(|record| (same(record), record));
    match alike.max_by_key(|(kept, _)| *kept) {
        Some((kept, record)) if kept > 0 => format!(
            "after {kept} of {} of {} comes {}",
            count(record.len() + 1, "byte"),
            quote(record),
            quote_sized(&line[kept..])
        ),
        _ => format!("{}, which is no record", quote_sized(line)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::testing::{Run, facts};
    use crate::trace::Ending;

    const RECORDS: [&str; 2] = ["alpha", "beta"];

    fn judge(content: &str) -> Option<Failure> {
        let run = Run::new().write(0, 6, 3).write(0, 3, -27).file(content);
        let run = run.exit(0, 1).done();
        RecordsUntilFullOracle.judge(&facts("old\n", &RECORDS), &run)
    }

    fn actual(content: &str) -> String {
        let failure = judge(content).expect("wrong content");
        assert_eq!(
            (failure.rule.as_str(), failure.step),
            ("records-until-full", Some(0))
        );
        failure.actual
    }

    #[test]
    fn whole_records_and_a_beginning_pass() {
        for content in [
            "old\nalpha\n",
            "old\nalpha\nb",
            "old\nbeta\nalpha",
            "old\nbeta\nalpha\n",
        ] {
            assert_eq!(judge(content), None, "{content:?}");
        }
    }

    #[test]
    fn nothing_whole_is_not_enough() {
        assert_eq!(actual("old\n"), "none, and no beginning of one");
        assert_eq!(actual("old\nal"), "none, only \"al\" (2 bytes)");
    }

    #[test]
    fn nothing_may_follow_a_beginning() {
        assert_eq!(
            actual("old\nalpbeta\n"),
            r#"after 3 of 6 bytes of "alpha" comes "beta\n" (5 bytes)"#
        );
        assert_eq!(actual("old\nbeta\nalpbe"), r#""alpbe" (5 bytes)"#);
    }

    #[test]
    fn a_beginning_of_a_record_that_is_there_is_too_much() {
        assert_eq!(actual("old\nalpha\nal"), r#""al" (2 bytes)"#);
    }

    #[test]
    fn no_record_twice() {
        assert_eq!(actual("old\nbeta\nbeta\n"), "it stands there once more");
    }

    #[test]
    fn no_foreign_lines() {
        assert_eq!(
            actual("old\nbeta\nxyz\n"),
            r#""xyz\n" (4 bytes), which is no record"#
        );
    }

    #[test]
    fn the_old_content_is_kept() {
        assert_eq!(actual("old"), r#"only 3 bytes of it: "old""#);
    }

    #[test]
    fn a_device_has_no_content_to_judge() {
        let run = Run::new().exit(0, 1).done();
        assert_eq!(
            RecordsUntilFullOracle.judge(&facts("", &RECORDS), &run),
            None
        );
    }

    #[test]
    fn an_endless_retry_is_for_another_rule() {
        let run = Run::new().file("al").ending(Ending::StepLimit).done();
        assert_eq!(
            RecordsUntilFullOracle.judge(&facts("", &RECORDS), &run),
            None
        );
    }
}
