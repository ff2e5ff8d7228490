//! A few errors as they are shown, in full.

use std::path::Path;

use grader::spec::{Scenario, SpecError};

use crate::base::spoilt;

fn shown(changes: &[(&str, &str)]) -> String {
    let path = Path::new("specs/forkwrite/short-writes.yaml");
    Scenario::parse(path, &spoilt(changes))
        .expect_err("it is spoilt")
        .to_string()
}

#[test]
fn wrong_type() {
    let expected = r#"specs/forkwrite/short-writes.yaml:4:9: points: expected a whole number of 0 or more, got "five"
  4 | points: five
    |         ^
help: write points as a number, such as 5"#;
    assert_eq!(shown(&[("points: 20", "points: five")]), expected);
}

#[test]
fn unknown_field() {
    let expected = "specs/forkwrite/short-writes.yaml:11:22: cases[0].args[1].time: unknown field
  11 |       - { record: a, time: 12 }
     |                      ^
help: did you mean `times`? the fields here are: file, record, text, times";
    assert_eq!(shown(&[("times: 12", "time: 12")]), expected);
}

#[test]
fn oracle_without_its_need() {
    let expected = "specs/forkwrite/short-writes.yaml:26:17: cases[0].oracles[1].rule: exit-status needs the field `status`
  26 |       - { rule: exit-status, only-by-fault: true }
     |                 ^
help: add `status: 0`";
    assert_eq!(shown(&[("status: 0, ", "")]), expected);
}

/// A character is a column, whatever it takes in bytes.
#[test]
fn columns_are_characters() {
    let expected = "specs/forkwrite/short-writes.yaml:11:23: cases[0].args[1].time: unknown field
  11 |       - { record: né, time: 12 }
     |                       ^
help: did you mean `times`? the fields here are: file, record, text, times";
    assert_eq!(shown(&[("a, times: 12", "né, time: 12")]), expected);
}

#[test]
fn long_line_is_cut() {
    let long = format!("record: \"{}\", time", "x".repeat(5000));
    let text = shown(&[("record: a, times", &long)]);
    let line = text.lines().nth(1).expect("the line");
    let caret = text.lines().nth(2).expect("the caret");
    assert!(line.contains("...") && line.chars().count() < 120, "{line}");
    let column = caret.chars().count() - 1;
    assert_eq!(
        line.chars().skip(column).take(4).collect::<String>(),
        "time"
    );
}

#[test]
fn no_control_characters_reach_the_terminal() {
    let text = shown(&[("points: 20", "\"\\e[31mpoints\": 20\u{85}")]);
    assert!(
        !text.contains(|c: char| c.is_control() && c != '\n'),
        "{text:?}"
    );
}

#[test]
fn errors_can_be_made_by_others() {
    let error = SpecError::unreadable(Path::new("w.txt"), "is a folder", "name a witness file");
    assert_eq!(
        error.to_string(),
        "w.txt: is a folder\nhelp: name a witness file"
    );
}
