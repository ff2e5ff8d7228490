//! `gate`, `rendezvous` and `relay` as a whole, on the real kernel. What needs
//! a controlled schedule is the grader's business.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const GATE: &str = env!("CARGO_BIN_EXE_gate");
const RENDEZVOUS: &str = env!("CARGO_BIN_EXE_rendezvous");
const RELAY: &str = env!("CARGO_BIN_EXE_relay");

fn run(program: &str, arguments: &[&str]) -> Output {
    Command::new(program)
        .args(arguments)
        .output()
        .expect("the program can be started")
}

/// The lines behind the old content, after a run that did the whole job.
fn lines(program: &str, size: &str, count: &str) -> Vec<String> {
    let name = Path::new(program).file_name().expect("a program's name");
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, "old\n").expect("the scratch folder can be written to");
    let output = run(
        program,
        &[path.to_str().expect("a plain path"), size, count],
    );
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let content = fs::read_to_string(&path).expect("FILE can be read");
    let content = content.strip_prefix("old\n").expect("the old content");
    assert!(content.ends_with('\n'), "the last line is whole");
    content.lines().map(str::to_owned).collect()
}

#[test]
fn at_most_k_are_inside_at_once() {
    let mut inside = HashSet::new();
    let mut visitors = HashSet::new();
    for line in lines(GATE, "20", "3") {
        match line.split_once(' ').expect("a word and a number") {
            ("enter", number) => {
                assert!(inside.insert(number.to_owned()), "{line}, twice");
                assert!(visitors.insert(number.to_owned()), "{line}, again");
            }
            (_, number) => assert!(inside.remove(number), "{line}, from outside"),
        }
        assert!(inside.len() <= 3, "{} inside", inside.len());
    }
    assert_eq!((visitors.len(), inside.len()), (20, 0));
}

#[test]
fn nobody_departs_before_all_have_arrived() {
    let lines = lines(RENDEZVOUS, "4", "20");
    let phases = (0..20).flat_map(|round| [("arrive", round), ("depart", round)]);
    for (found, (what, round)) in lines.chunks(4).zip(phases) {
        let mut found = found.to_vec();
        found.sort_unstable();
        let expected = [0, 1, 2, 3].map(|number| format!("{what} {round} {number}"));
        assert_eq!(found, expected);
    }
    assert_eq!(lines.len(), 2 * 4 * 20);
}

#[test]
fn everybody_writes_in_turn() {
    let expected: Vec<String> = (0..20)
        .flat_map(|round| (0..4).map(move |number| format!("turn {round} {number}")))
        .collect();
    assert_eq!(lines(RELAY, "4", "20"), expected);
}

#[test]
fn misuse_is_answered_by_the_usage() {
    let wrong: [&[&str]; 6] = [
        &[],
        &["file", "2"],
        &["file", "2", "2", "2"],
        &["file", "0", "2"],
        &["file", "2", "0"],
        &["file", "two", "2"],
    ];
    for program in [GATE, RENDEZVOUS, RELAY] {
        for arguments in wrong {
            let output = run(program, arguments);
            assert_eq!(output.status.code(), Some(2), "{program} {arguments:?}");
            assert!(output.stderr.starts_with(b"usage: "), "{output:?}");
        }
    }
}

#[test]
fn nobody_waits_for_a_line_that_cannot_be_written() {
    for program in [GATE, RENDEZVOUS, RELAY] {
        let output = run(program, &["/dev/full", "4", "2"]);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(message.contains("cannot write to /dev/full"), "{message:?}");
    }
}
