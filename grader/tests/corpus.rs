//! The corpus of `submissions/`: each wrong program loses the scenarios that
//! its row names and keeps the others, each right one loses nothing.
//!
//! `CORPUS=name cargo test --test corpus` runs only the rows whose source
//! contains `name`.

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde::Deserialize;
use support::{Build, build, grade};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    source: PathBuf,
    #[allow(dead_code)]
    mistake: String,
    #[serde(default)]
    fails: Vec<String>,
    /// Either outcome is acceptable here.
    #[serde(default)]
    maybe: Vec<String>,
    build: Vec<Build>,
}

fn rows(folder: &str) -> Vec<Row> {
    let path = support::submissions().join("expectations.yaml");
    let text = std::fs::read_to_string(path).expect("the table is there");
    let rows: Vec<Row> = serde_yaml::from_str(&text).expect("the table can be read");
    let only = std::env::var("CORPUS").unwrap_or_default();
    rows.into_iter()
        .filter(|row| row.source.starts_with(folder))
        .filter(|row| row.source.to_string_lossy().contains(&only))
        .collect()
}

/// What is wrong with one row's outcome, if anything.
fn check(row: &Row, build_as: Build) -> Option<String> {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let program = folder.path().join("forkwrite");
    build(&row.source, build_as, &program);
    let result = grade(&program, folder.path());
    println!("{} as {build_as:?}: {}", row.source.display(), result.score);
    let mut wrong = Vec::new();
    for (id, scenario) in &result.scenarios {
        let expected = if row.fails.contains(id) {
            "fail"
        } else {
            "pass"
        };
        let verdict = scenario.verdict.as_str();
        if verdict != expected && !(row.maybe.contains(id) && matches!(verdict, "pass" | "fail")) {
            let why = scenario
                .findings
                .first()
                .map_or(scenario.bound.clone(), |finding| {
                    format!(
                        "{}: expected {}, actual {}",
                        finding.rule, finding.expected, finding.actual
                    )
                });
            wrong.push(format!(
                "    {id}: expected {expected}, is {verdict} ({why})"
            ));
        }
        if verdict == "fail" {
            wrong.extend(support::witness_fault(scenario, &program));
        }
    }
    (!wrong.is_empty()).then(|| {
        format!(
            "  {} ({build_as:?}):\n{}",
            row.source.display(),
            wrong.join("\n")
        )
    })
}

fn check_all(folder: &str) {
    let rows = rows(folder);
    let jobs: Vec<(&Row, Build)> = rows
        .iter()
        .flat_map(|row| row.build.iter().map(move |&build| (row, build)))
        .filter(|(_, build)| support::can_build(*build))
        .collect();
    let queue = Mutex::new(jobs.iter());
    let faults = Mutex::new(BTreeMap::new());
    let next = || queue.lock().expect("no test thread panics").next();
    let work = || {
        while let Some((row, build_as)) = next() {
            if let Some(fault) = check(row, *build_as) {
                println!("{fault}");
                let key = (row.source.clone(), format!("{build_as:?}"));
                faults
                    .lock()
                    .expect("no test thread panics")
                    .insert(key, fault);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..support::workers() {
            scope.spawn(work);
        }
    });
    let faults = faults.into_inner().expect("no test thread panics");
    let texts: Vec<&str> = faults.values().map(String::as_str).collect();
    assert!(
        texts.is_empty(),
        "{} of {} gradings:\n{}",
        texts.len(),
        jobs.len(),
        texts.join("\n")
    );
}

#[test]
fn wrong_programs_lose_what_their_rows_name() {
    check_all("wrong");
}

#[test]
fn right_programs_lose_nothing() {
    check_all("right");
}

#[test]
fn every_program_has_a_row_and_every_scenario_a_catch() {
    let all: Vec<Row> = rows("wrong").into_iter().chain(rows("right")).collect();
    if std::env::var_os("CORPUS").is_some() {
        return;
    }
    for folder in ["wrong", "right"] {
        for entry in std::fs::read_dir(support::submissions().join(folder)).expect("it is there") {
            let name = Path::new(folder).join(entry.expect("it can be read").file_name());
            assert!(
                all.iter().any(|row| row.source == name),
                "{} has no row",
                name.display()
            );
        }
    }
    for id in support::SCENARIOS {
        let caught = all
            .iter()
            .any(|row| row.fails.iter().any(|failed| failed == id));
        assert!(caught, "no wrong program fails {id}");
    }
    let wrong = all
        .iter()
        .filter(|row| row.source.starts_with("wrong"))
        .count();
    assert!(wrong >= 25 && all.len() - wrong >= 10);
}
