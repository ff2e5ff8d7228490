//! What several test files share: building programs of the corpus and running
//! the grader on them as a user would.
#![allow(dead_code)]

pub mod browser;
pub mod class;
pub mod controlled;
pub mod corpus;
pub mod crowd;
pub mod lots;
pub mod processes;
pub mod slurm;
pub mod terminal;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde::Deserialize;
use tempfile::TempDir;

/// The scenarios of `forkwrite`.
pub const SCENARIOS: [&str; 9] = [
    "single",
    "interleavings",
    "short-writes",
    "interrupted",
    "many-writers",
    "slow-pipe",
    "shared-mutex",
    "disk-full",
    "clean-exit",
];

/// How a program of the corpus is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Build {
    Cc,
    CcStatic,
    MuslStatic,
    Rustc,
}

#[derive(Debug, Deserialize)]
pub struct GradeJson {
    pub score: u32,
    pub max_score: u32,
    scenarios: Vec<ScenarioJson>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ScenarioJson {
    pub id: String,
    pub verdict: String,
    pub executions: u64,
    pub complete: bool,
    pub bound: String,
    pub findings: Vec<FindingJson>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FindingJson {
    pub rule: String,
    pub message: String,
    pub expected: String,
    pub actual: String,
    pub witness: Option<PathBuf>,
}

/// A grading's result, by scenario.
#[derive(Debug)]
pub struct Graded {
    pub score: u32,
    pub scenarios: Vec<(String, ScenarioJson)>,
}

/// The corpus's folder.
pub fn submissions() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/submissions")
}

/// The course's folder.
pub fn course() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// How many processors there are.
pub fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// True if all tests are asked for, those too that need more than Rust and a
/// C compiler.
pub fn all_tests() -> bool {
    std::env::var("KIT_TESTS").is_ok_and(|tests| tests == "all") || everything()
}

/// True if tests are to go as far as they can, however long that takes.
pub fn everything() -> bool {
    std::env::var("KIT_TESTS").is_ok_and(|tests| tests == "everything")
}

/// Whether this build is to be tried; with `KIT_TESTS=all`, every one is.
pub fn can_build(build: Build) -> bool {
    build != Build::MuslStatic || all_tests()
}

/// Builds a program of the corpus.
pub fn build(source: &Path, build: Build, program: &Path) {
    let source = submissions().join(source);
    let mut command = match build {
        Build::Cc | Build::CcStatic => Command::new("cc"),
        Build::MuslStatic => Command::new("musl-gcc"),
        Build::Rustc => Command::new("rustc"),
    };
    match build {
        Build::Rustc => command.args(["--edition", "2024", "-O", "-g"]),
        Build::Cc => command.args(["-O1", "-g", "-pthread"]),
        Build::CcStatic | Build::MuslStatic => command.args(["-O1", "-g", "-pthread", "-static"]),
    };
    command.arg("-o").arg(program).arg(&source);
    let output = command.output().unwrap_or_else(|error| {
        panic!(
            "cannot run {:?}: {error}; install it, or unset KIT_TESTS",
            command.get_program()
        )
    });
    let messages = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{} does not build:\n{messages}",
        source.display()
    );
}

/// Compiles a program of `tests/programs`.
pub fn compile(name: &str, flags: &[&str], program: &Path) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/programs")
        .join(name);
    let output = Command::new("cc")
        .args(["-Wall", "-Wextra", "-pthread", "-o"])
        .arg(program)
        .args(flags)
        .arg(source)
        .output()
        .expect("there is a C compiler");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The grader's command.
pub fn grader() -> Command {
    Command::new(env!("CARGO_BIN_EXE_grader"))
}

/// Grades a program in these scenarios, in all for none.
pub fn grade(program: &Path, witnesses: &Path, only: &[String]) -> Graded {
    let mut command = grader();
    command
        .args(["grade", "--format", "json", "--witness-dir"])
        .arg(witnesses.join("witnesses"));
    if !only.is_empty() {
        command.arg("--only").arg(only.join(","));
    }
    let output = command
        .arg(program)
        .current_dir(course())
        .output()
        .expect("the grader can be run");
    read(&output)
}

/// Reads a grading's JSON.
pub fn read(output: &Output) -> Graded {
    let result: GradeJson = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        let messages = String::from_utf8_lossy(&output.stderr);
        panic!(
            "{error} in {:?}\n{messages}",
            String::from_utf8_lossy(&output.stdout)
        )
    });
    let scenarios = result
        .scenarios
        .into_iter()
        .map(|s| (s.id.clone(), s))
        .collect();
    Graded {
        score: result.score,
        scenarios,
    }
}

/// What is wrong with a lost scenario's witnesses: each must be there and
/// replay to the same finding.
pub fn witness_fault(scenario: &ScenarioJson, program: &Path) -> Vec<String> {
    let mut faults = Vec::new();
    for finding in &scenario.findings {
        let Some(witness) = &finding.witness else {
            faults.push(format!("    {}: no witness", scenario.id));
            continue;
        };
        let output = grader().arg("replay").arg(witness).arg(program).output();
        let output = output.expect("the grader can be run");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.code() != Some(1) || !text.starts_with("reproduced") {
            let messages = String::from_utf8_lossy(&output.stderr);
            faults.push(format!(
                "    {}: replay gives {text}{messages}",
                scenario.id
            ));
        }
    }
    faults
}

/// A folder that every user can enter: a grader that is root has programs run as
/// another.
pub fn open_folder() -> TempDir {
    let open = fs::Permissions::from_mode(0o755);
    let folder = tempfile::Builder::new().permissions(open).tempdir();
    folder.expect("a folder for the test")
}

/// How much memory a process has used at most.
pub fn peak_kib(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}
