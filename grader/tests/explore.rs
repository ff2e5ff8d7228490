//! `grader explore` on real programs, as a user would run it.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde::Deserialize;
use support::{FindingJson, compile, grader};
use tempfile::TempDir;

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Json {
    schema: String,
    executions: u64,
    cut_off: u64,
    complete: bool,
    bound: String,
    duration_s: serde_json::Value,
    processes: u64,
    findings: Vec<Found>,
    jail: serde_json::Value,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Found {
    #[serde(flatten)]
    finding: FindingJson,
}

/// A folder that holds a program.
struct Place {
    folder: TempDir,
    name: String,
}

fn place(source: &str, flags: &[&str]) -> Place {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let name = source.trim_end_matches(".c").to_owned();
    compile(source, flags, &folder.path().join(&name));
    Place { folder, name }
}

impl Place {
    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn explore(&self, options: &[&str], arguments: &[&str]) -> Output {
        grader()
            .arg("explore")
            .args(options)
            .arg("--")
            .arg(format!("./{}", self.name))
            .args(arguments)
            .current_dir(self.path())
            .output()
            .expect("the grader can be run")
    }

    fn json(&self, options: &[&str], arguments: &[&str]) -> Json {
        let output = self.explore(&[options, &["--format", "json"]].concat(), arguments);
        let text = String::from_utf8_lossy(&output.stdout);
        let result: Json = serde_json::from_str(&text).unwrap_or_else(|error| {
            panic!(
                "{error}: {text}\n{}",
                String::from_utf8_lossy(&output.stderr)
            )
        });
        assert_eq!(result.schema, "process-sync/exploration/1");
        let expected = i32::from(!result.findings.is_empty());
        assert_eq!(output.status.code(), Some(expected), "{text}");
        result
    }

    /// The rules that are broken, with the first one's witness.
    fn rules(&self, options: &[&str], arguments: &[&str]) -> Vec<String> {
        let result = self.json(options, arguments);
        let rules = result
            .findings
            .iter()
            .map(|found| found.finding.rule.clone());
        rules.collect()
    }
}

fn run(command: &str, witness: &Path, folder: &Path) -> (Option<i32>, String) {
    let output = grader()
        .arg(command)
        .arg(witness)
        .current_dir(folder)
        .output()
        .expect("the grader can be run");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let messages = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), text + &messages)
}

#[test]
fn a_lost_update_is_found_replayed_and_explained() {
    let place = place("counter.c", &["-O1", "-g"]);
    let result = place.json(&[], &["2", "plain"]);
    assert!(result.complete && result.processes == 3, "{result:?}");
    let [found] = result.findings.as_slice() else {
        panic!("{result:?}")
    };
    assert_eq!(found.finding.rule, "exit-status");
    let witness: PathBuf = found
        .finding
        .witness
        .clone()
        .expect("every finding has one");
    let (code, text) = run("replay", &witness, place.path());
    assert!(code == Some(1) && text.starts_with("reproduced"), "{text}");
    let (code, text) = run("explain", &witness, place.path());
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("counter.c:") && text.contains("shared->value++;"),
        "{text}"
    );
    assert!(
        text.contains("(1) decides") && text.contains("(2) decides"),
        "{text}"
    );
    // The same witness on a folder that has changed says so.
    fs::write(place.path().join("more"), "").expect("it is ours");
    let (_, text) = run("replay", &witness, place.path());
    assert!(
        text.contains("the folder does not hold what it held"),
        "{text}"
    );
}

#[test]
fn nothing_is_found_in_what_is_right() {
    let counter = place("counter.c", &["-O1"]);
    for how in ["locked", "mutex"] {
        let result = counter.json(&[], &["2", how]);
        assert!(result.complete && result.findings.is_empty(), "{result:?}");
    }
    for source in ["double_checked.c", "wakeup.c"] {
        let result = place(source, &["-O1"]).json(&[], &["right"]);
        assert!(result.complete && result.findings.is_empty(), "{result:?}");
    }
}

#[test]
fn double_checked_initialisation_and_a_lost_wake_up_are_found() {
    for level in ["-O0", "-O2"] {
        let rules = place("double_checked.c", &[level]).rules(&[], &["wrong"]);
        assert_eq!(rules, ["exit-status"], "{level}");
        let rules = place("wakeup.c", &[level]).rules(&[], &["wrong"]);
        assert_eq!(rules, ["deadlock"], "{level}");
    }
}

#[test]
fn the_folder_is_copied_and_put_back_before_every_execution() {
    let place = place("folder.c", &["-O1"]);
    let log = place.path().join("log");
    fs::write(&log, "the first line\n").expect("it is ours");
    let result = place.json(&["--witness-dir", "/dev/null/nowhere"], &["once"]);
    assert!(result.complete && result.findings.is_empty(), "{result:?}");
    assert!(result.executions > 1);
    assert_eq!(
        fs::read_to_string(&log).expect("it is there"),
        "the first line\n"
    );
    assert!(!place.path().join("scratch").exists());
    assert!(!place.path().join(".grade").exists());
}

#[test]
fn a_short_write_is_a_fault_that_any_program_has_to_bear() {
    let place = place("folder.c", &["-O1"]);
    fs::write(place.path().join("log"), "the first line\n").expect("it is ours");
    assert_eq!(place.rules(&["--faults", "1"], &["once"]), ["exit-status"]);
    let result = place.json(&["--faults", "1"], &["loop"]);
    // No handler for SIGUSR1: so no interruptions, which would kill it.
    assert!(result.complete && result.findings.is_empty(), "{result:?}");
}

#[test]
fn every_bad_end_is_a_finding() {
    let place = place("endings.c", &["-O1"]);
    assert_eq!(place.rules(&[], &["deadlock"]), ["deadlock"]);
    let rules = place.rules(&[], &["abort"]);
    assert_eq!(rules.first().map(String::as_str), Some("death-by-signal"));
    assert_eq!(place.rules(&[], &["leave"]), ["reaped"]);
    assert_eq!(place.rules(&[], &["loop"]), ["endless-loop"]);
    assert_eq!(place.rules(&[], &["status"]), ["exit-status"]);
}

#[test]
fn bounds_are_kept_to_and_told() {
    let place = place("counter.c", &["-O1"]);
    let none = place.json(&["--preemptions", "0"], &["2", "plain"]);
    assert!(none.complete && none.findings.is_empty(), "{none:?}");
    assert!(none.bound.contains("0 preemptions"), "{none:?}");
    let few = place.json(&["--max-executions", "2"], &["2", "plain"]);
    assert!(
        !few.complete && few.bound.contains("bound reached"),
        "{few:?}"
    );
}

#[test]
fn the_same_program_gives_the_same_exploration() {
    let place = place("counter.c", &["-O1"]);
    let run = || {
        let mut result = place.json(&["--seed", "7"], &["2", "plain"]);
        result.duration_s = serde_json::Value::Null;
        result
    };
    assert_eq!(run(), run());
}

#[test]
fn what_cannot_be_explored_is_refused() {
    let place = place("counter.c", &["-O1"]);
    let refused = |options: &[&str], code: i32, message: &str| {
        let output = grader()
            .arg("explore")
            .args(options)
            .current_dir(place.path())
            .output()
            .expect("the grader can be run");
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{text}");
        assert!(text.contains(message) && output.stdout.is_empty(), "{text}");
    };
    refused(&[], 2, "required");
    refused(&["--", "no-such-program"], 5, "no such program in PATH");
    refused(&["--", "./no/such"], 5, "help:");
    refused(&["--max-executions", "0", "--", "./counter"], 2, "0");
    let large = fs::File::create(place.path().join("large")).expect("it is ours");
    large.set_len(64 << 20).expect("a hole");
    refused(&["--", "./counter"], 2, "more than 16 MiB");
}
