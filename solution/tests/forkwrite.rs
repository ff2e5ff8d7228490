//! The program as a whole, on the real kernel. What needs a controlled
//! schedule is the grader's business.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

fn forkwrite(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_forkwrite"))
        .args(arguments)
        .output()
        .expect("forkwrite can be started")
}

/// A file of this name in the tests' scratch folder, with this content.
fn scratch_file(name: &str, content: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, content).expect("the scratch folder can be written to");
    path
}

#[test]
fn every_line_is_there_once_behind_the_old_content() {
    let path = scratch_file("all-there", "old\n");
    let long = "x".repeat(100_000);
    let records = ["one", &long, "", "two words", "one"];

    let mut arguments = vec![path.to_str().expect("a plain path")];
    arguments.extend(records);
    let output = forkwrite(&arguments);

    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let content = fs::read_to_string(&path).expect("FILE can be read");
    let lines = content
        .strip_prefix("old\n")
        .expect("the old content is first");
    let mut lines: Vec<&str> = lines.lines().collect();
    lines.sort_unstable();
    let mut expected = records.to_vec();
    expected.sort_unstable();
    assert!(lines == expected, "a line is missing, torn or doubled");
}

#[test]
fn misuse_is_answered_by_the_usage() {
    for arguments in [&[][..], &["file-without-records"][..]] {
        let output = forkwrite(arguments);
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(output.stderr, b"usage: forkwrite FILE RECORD...\n");
    }
}

#[test]
fn what_cannot_be_written_ends_with_a_message() {
    for file in ["/dev/full", "/no-such-folder/file"] {
        let output = forkwrite(&[file, "one", "two", "three"]);
        assert_eq!(output.status.code(), Some(1), "{file}");
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(message.contains(file), "{message:?} does not name {file}");
        assert_eq!(output.stdout, b"");
    }
}
