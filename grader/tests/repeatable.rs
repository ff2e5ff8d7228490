//! The same submission gets the same verdicts, counts and witnesses, run
//! after run, however many scenarios are graded at the same time. Five runs
//! each with `KIT_TESTS=all`, three otherwise.

mod support;

use std::fs;
use std::path::Path;

use support::processes::processes;
use support::{Build, ScenarioJson, all_tests, build, course, grader, read};

/// What a grading gave: the scenarios, and each witness's text.
fn outcome(program: &Path, only: &str, jobs: u32) -> (Vec<(String, ScenarioJson)>, Vec<String>) {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let output = grader()
        .args(["grade", "--format", "json", "--only", only, "--witness-dir"])
        .arg(folder.path())
        .args(["--jobs", &jobs.to_string()])
        .arg(program)
        .current_dir(course())
        .output()
        .expect("the grader can be run");
    let mut scenarios = read(&output).scenarios;
    let mut witnesses = Vec::new();
    for (_, scenario) in &mut scenarios {
        for finding in &mut scenario.findings {
            let witness = finding.witness.take().expect("every finding has one");
            witnesses.push(fs::read_to_string(witness).expect("it was just written"));
        }
    }
    (scenarios, witnesses)
}

fn repeat(program: &Path, only: &str) {
    let runs = if all_tests() { 5 } else { 3 };
    let first = outcome(program, only, 1);
    for run in 1..runs {
        assert_eq!(
            outcome(program, only, run % 3 + 1),
            first,
            "run {run} of {}",
            program.display()
        );
    }
}

#[test]
fn wrong_programs_lose_the_same_marks_every_time() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    for (source, build_as) in [
        ("wrong/no_loop.c", Build::Cc),
        ("wrong/textbook.c", Build::Cc),
        ("wrong/opposite_order.c", Build::Cc),
        ("wrong/no_lock.rs", Build::Rustc),
        ("wrong/sleeps.rs", Build::Rustc),
    ] {
        let program = folder.path().join("forkwrite");
        build(Path::new(source), build_as, &program);
        repeat(
            &program,
            "single,interleavings,short-writes,slow-pipe,disk-full",
        );
    }
}

#[test]
fn the_solution_keeps_its_marks_every_time() {
    let status = std::process::Command::new(env!("CARGO"))
        .args(["build", "--release", "--quiet", "--package", "solution"])
        .current_dir(course())
        .status();
    assert!(status.expect("there is cargo").success());
    let solution = course().join("solution");
    repeat(
        &solution,
        "single,interleavings,slow-pipe,disk-full,interrupted,shared-mutex",
    );
}

#[test]
fn all_tracees_die_with_a_killed_grader() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let program = folder.path().join("forkwrite");
    build(Path::new("right/plain.c"), Build::Cc, &program);
    let running = || {
        processes()
            .filter(|process| process.program() == program)
            .count()
    };
    let mut child = grader()
        .args(["grade", "--witness-dir"])
        .arg(folder.path())
        .arg(&program)
        .current_dir(course())
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("the grader can be run");
    while running() == 0 {
        assert!(
            child.try_wait().expect("it is ours").is_none(),
            "it ended too soon"
        );
    }
    child.kill().expect("it is ours");
    child.wait().expect("it is ours");
    let started = std::time::Instant::now();
    while running() > 0 {
        assert!(started.elapsed().as_secs() < 10, "{} left", running());
    }
}
