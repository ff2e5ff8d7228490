//! The corpus: each row of a table says which scenarios a program must lose.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

use super::{Build, build, can_build, everything, grade, processors, submissions, witness_fault};
use serde::Deserialize;

/// A program of the corpus, and what it must lose.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Below the exercise's folder.
    pub source: PathBuf,
    #[allow(dead_code)]
    mistake: String,
    /// Scenarios that it loses.
    #[serde(default)]
    pub fails: Vec<String>,
    /// Either outcome is acceptable here.
    #[serde(default)]
    pub maybe: Vec<String>,
    pub build: Vec<Build>,
}

/// Where the programs of an exercise lie; those of the assignment itself lie at
/// the top.
pub fn home(exercise: &str) -> PathBuf {
    match exercise {
        "forkwrite" => PathBuf::new(),
        other => PathBuf::from(other),
    }
}

/// The rows of an exercise whose sources lie in `folder`.
pub fn rows(exercise: &str, folder: &str) -> Vec<Row> {
    let path = submissions().join(home(exercise)).join("expectations.yaml");
    let text = std::fs::read_to_string(path).expect("the table is there");
    let rows: Vec<Row> = serde_yaml::from_str(&text).expect("the table can be read");
    let only = std::env::var("CORPUS").unwrap_or_default();
    rows.into_iter()
        .filter(|row| row.source.starts_with(folder))
        .filter(|row| row.source.to_string_lossy().contains(&only))
        .collect()
}

/// The scenario of `forkwrite` that only adds points.
const BONUS: &str = "holder-killed";

/// Of the scenarios that a wrong program keeps, every so-manieth is graded:
/// each is with a part of the programs. The right ones are graded in all.
const KEPT_EVERY: usize = 3;

/// The scenarios that a row is graded in; none for all.
fn chosen(exercise: &str, number: usize, row: &Row) -> Vec<String> {
    let named = std::env::var_os("CORPUS").is_some();
    if everything() || named || row.fails.is_empty() {
        return Vec::new();
    }
    let specs = super::course().join("specs");
    let loaded = grader::spec::Exercise::load(&specs, exercise).expect("it loads");
    let ids = loaded.scenarios.into_iter().map(|scenario| scenario.id);
    ids.enumerate()
        .filter(|(at, id)| row.fails.contains(id) || (number + at).is_multiple_of(KEPT_EVERY))
        .map(|(_, id)| id)
        .collect()
}

/// What is wrong with one row's outcome, if anything.
fn check(exercise: &str, number: usize, row: &Row, build_as: Build) -> Option<String> {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let program = folder.path().join(exercise);
    build(&home(exercise).join(&row.source), build_as, &program);
    let result = grade(&program, folder.path(), &chosen(exercise, number, row));
    println!(
        "{exercise}: {} as {build_as:?}: {}",
        row.source.display(),
        result.score
    );
    let mut wrong = Vec::new();
    for (id, scenario) in &result.scenarios {
        let expected = if row.fails.contains(id) {
            "fail"
        } else {
            "pass"
        };
        let verdict = scenario.verdict.as_str();
        // A bonus is nobody's to lose.
        let bonus = exercise == "forkwrite" && id == BONUS && !row.fails.contains(id);
        let either = row.maybe.contains(id) || bonus;
        if verdict != expected && !(either && matches!(verdict, "pass" | "fail")) {
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
            wrong.extend(witness_fault(scenario, &program));
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

/// Grades every program of an exercise in `folder` in each of its builds.
pub fn check_all(exercise: &str, folder: &str) {
    let rows = rows(exercise, folder);
    let jobs: Vec<(usize, &Row, Build)> = rows
        .iter()
        .enumerate()
        .flat_map(|(number, row)| row.build.iter().map(move |&build| (number, row, build)))
        .filter(|(.., build)| can_build(*build))
        .collect();
    // Each test on all processors: none is idle once another test has ended.
    assert_faultless(&jobs, processors(), |(number, row, build_as)| {
        check(exercise, *number, row, *build_as)
    });
}

/// Looks at all jobs, each on a processor of its own, for what is wrong.
pub fn assert_faultless<Job: Sync>(
    jobs: &[Job],
    workers: usize,
    look: impl Fn(&Job) -> Option<String> + Sync,
) {
    let queue = Mutex::new(jobs.iter().enumerate());
    let faults = Mutex::new(BTreeMap::new());
    let next = || queue.lock().expect("no test thread panics").next();
    let work = || {
        take_a_processor();
        while let Some((number, job)) = next() {
            if let Some(fault) = look(job) {
                println!("{fault}");
                let mut faults = faults.lock().expect("no test thread panics");
                faults.insert(number, fault);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(work);
        }
    });
    let faults = faults.into_inner().expect("no test thread panics");
    let texts: Vec<&str> = faults.values().map(String::as_str).collect();
    assert!(
        texts.is_empty(),
        "{} of {} jobs:\n{}",
        texts.len(),
        jobs.len(),
        texts.join("\n")
    );
}

/// Keeps this thread and the graders that it starts on a processor of their
/// own: a grader stays on the one that it is started on.
fn take_a_processor() {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let this = Pid::from_raw(0);
    let allowed = sched_getaffinity(this).expect("the processors are known");
    let usable: Vec<usize> = (0..CpuSet::count())
        .filter(|&cpu| allowed.is_set(cpu).unwrap_or(false))
        .collect();
    let mut one = CpuSet::new();
    let cpu = usable[NEXT.fetch_add(1, Ordering::Relaxed) % usable.len()];
    one.set(cpu).expect("it is one of them");
    sched_setaffinity(this, &one).expect("it is allowed");
}
