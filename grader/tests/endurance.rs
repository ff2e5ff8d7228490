//! Many gradings, and graders that are killed: nothing is left, nothing is half
//! written, and the next grading is as the first.
//!
//! `KIT_TESTS=everything` has 1,000 gradings and 200 kills.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use support::lots::Lots;
use support::processes::{Process, processes};
use support::{Build, build, course, everything, open_folder, peak_kib};

/// In the program, where each grading has a seed of its own.
const PLACE_OF_SEED: &[u8] = b"SEED:00000000";
/// Within this time the processes of a killed grader are gone.
const GONE: Duration = Duration::from_secs(3);
/// Between two looks at `/proc`.
const POLL: Duration = Duration::from_millis(5);
/// A grader is killed at the latest after this time.
const KILLED_BY_MS: u64 = 1500;
/// The most memory that a grader may have used.
const MEMORY_MAX_KIB: u64 = 64 << 10;

fn grading(program: &Path, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = support::grader();
    command
        .current_dir(course())
        .args(["grade", "--exercise", "forkwrite", "--format", "json"])
        .arg("--witness-dir")
        .arg(folder.join("witnesses"))
        .args(arguments)
        .arg(program)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// The living processes that have to do with `folder`: those that run something
/// in it, and graders and guardians that have been given it.
fn at_work(folder: &Path) -> Vec<Process> {
    let name = folder.to_string_lossy();
    let has_to_do = |process: &Process| {
        let given = |argument: &String| argument.contains(&*name);
        process.program().starts_with(folder) || process.arguments().iter().any(given)
    };
    processes().filter(has_to_do).collect()
}

fn until_gone(folder: &Path) -> Vec<Process> {
    let since = Instant::now();
    loop {
        let left = at_work(folder);
        if left.is_empty() || since.elapsed() > GONE {
            return left;
        }
        thread::sleep(POLL);
    }
}

/// Waits for a grader; the most memory that it was seen to use.
fn watched(mut grader: Child) -> (Output, u64) {
    let mut peak = 0;
    while grader.try_wait().expect("it is our child").is_none() {
        peak = peak_kib(grader.id()).unwrap_or(0).max(peak);
        thread::sleep(POLL);
    }
    (grader.wait_with_output().expect("it has ended"), peak)
}

#[test]
fn programs_that_die_anywhere_leave_nothing() {
    let count = if everything() { 1000 } else { 40 };
    let folder = open_folder();
    let made = folder.path().join("made");
    build(Path::new("../hostile/dies_anywhere.c"), Build::Cc, &made);
    let bytes = fs::read(&made).expect("it has been built");
    let at = bytes
        .windows(PLACE_OF_SEED.len())
        .position(|window| window == PLACE_OF_SEED)
        .expect("the program has a place for its seed");
    let program = folder.path().join("forkwrite");
    let (mut most, mut verdicts) = (0, BTreeMap::new());
    for seed in 0..count {
        let mut bytes = bytes.clone();
        bytes[at..at + PLACE_OF_SEED.len()].copy_from_slice(format!("SEED:{seed:08}").as_bytes());
        // Another file each time, and executable as the first one.
        fs::copy(&made, &program).expect("it can be copied");
        fs::write(&program, bytes).expect("it can be written");
        let mut command = grading(&program, folder.path(), &["--only", "single,clean-exit"]);
        let (output, peak) = watched(command.spawn().expect("the grader can be run"));
        let result: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
            panic!("seed {seed}: {error} in {output:?}");
        });
        for scenario in result["scenarios"].as_array().into_iter().flatten() {
            assert_ne!(scenario["verdict"], "error", "seed {seed}: {scenario}");
            *verdicts.entry(scenario["verdict"].to_string()).or_insert(0) += 1;
        }
        let left = until_gone(folder.path());
        assert!(left.is_empty(), "seed {seed}: {left:?}");
        most = peak.max(most);
    }
    println!("{count} gradings: {verdicts:?}, at most {most} KiB");
    assert!(most <= MEMORY_MAX_KIB, "a grader used {most} KiB");
}

#[test]
fn a_killed_grader_leaves_nothing() {
    let kills = if everything() { 200 } else { 12 };
    let folder = open_folder();
    let program = folder.path().join("forkwrite");
    build(Path::new("right/plain.c"), Build::Cc, &program);
    let report = folder.path().join("report.json");
    let to = format!("json={}", report.display());
    let mut lots = Lots::new(1);
    let mut slowest = Duration::ZERO;
    for kill in 0..kills {
        let _ = fs::remove_file(&report);
        let scenarios = match kill % 2 {
            0 => "slow-pipe",
            _ => "interleavings,short-writes,slow-pipe",
        };
        let arguments = ["--only", scenarios, "--report", &to];
        let mut grader = grading(&program, folder.path(), &arguments)
            .spawn()
            .expect("the grader can be run");
        // The moment is drawn by lot; nothing hangs on it.
        thread::sleep(Duration::from_millis(lots.below(KILLED_BY_MS)));
        let _ = grader.kill();
        let since = Instant::now();
        grader.wait().expect("it is our child");
        let left = until_gone(folder.path());
        assert!(left.is_empty(), "kill {kill}: {left:?}");
        slowest = slowest.max(since.elapsed());
        if let Ok(text) = fs::read_to_string(&report) {
            let whole = serde_json::from_str::<Value>(&text);
            assert!(whole.is_ok(), "kill {kill}: half written: {text}");
        }
    }
    let output = grading(&program, folder.path(), &["--only", "single,slow-pipe"])
        .output()
        .expect("the grader can be run");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    println!("{kills} kills, all gone within {slowest:?}");
    let scratch = fs::read_dir("/dev/shm").expect("it is there").flatten();
    let scratch = scratch.filter(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        name.starts_with("grader-") && is_abandoned(&entry.path())
    });
    let scratch: Vec<PathBuf> = scratch.map(|entry| entry.path()).collect();
    assert!(scratch.is_empty(), "left: {scratch:?}");
}

/// True if no living grader has it (see `temporary.rs`).
fn is_abandoned(folder: &Path) -> bool {
    let opened = fs::File::open(folder);
    opened.is_ok_and(|folder| folder.try_lock().is_ok())
}
