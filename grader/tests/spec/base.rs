//! A small good scenario, and ways to spoil it.

use std::path::Path;

use grader::spec::{Scenario, SpecError};

/// A scenario without a fault; line numbers in the tests count from here.
pub const GOOD: &str = "\
format: 1
id: short-writes
title: Two records and a short write
points: 20
program: forkwrite
unsolved-in-starter: true
cases:
  - name: two-records
    args:
      - file: true
      - { record: a, times: 12 }
      - { record: b, times: 20 }
    file:
      kind: regular
      content: |
        a line from before
    strategy:
      kind: exhaustive
      executions: 20000
      steps: 400
    faults:
      max: 2
      short-writes: [file]
    oracles:
      - rule: records
      - { rule: exit-status, status: 0, only-by-fault: true }
hints:
  - What does write(2) return?
";

/// The good scenario with each `(from, to)` carried out; every `from` must be
/// in it.
pub fn spoilt(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(GOOD.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from:?} is not in the scenario");
        text.replacen(from, to, 1)
    })
}

/// Parses a text as `short-writes.yaml`.
pub fn parse(text: &str) -> Result<Scenario, SpecError> {
    Scenario::parse(Path::new("short-writes.yaml"), text)
}

/// `LINE:COLUMN: MESSAGE` of the error, and its help.
pub fn refusal(error: SpecError) -> (String, String) {
    match error {
        SpecError::Refused(refusal) => (
            format!(
                "{}:{}: {}",
                refusal.position.line, refusal.position.column, refusal.message
            ),
            refusal.help,
        ),
        other => panic!("expected a place in a file, got: {other}"),
    }
}

/// Parses the spoilt scenario, which must be refused.
pub fn refused(changes: &[(&str, &str)]) -> (String, String) {
    let text = spoilt(changes);
    match parse(&text) {
        Ok(_) => panic!("this was accepted:\n{text}"),
        Err(error) => refusal(error),
    }
}
