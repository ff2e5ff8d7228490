//! Hostile programs: each is graded to its documented end, loses what it is to
//! lose, and leaves nothing. The numbers are those of `grader/README.md`,
//! "Hostile programs"; 29 to 35, of the time of the build, are in `building.rs`.
//!
//! With `KIT_TESTS=everything` an honest submission is graded beside each of them.

mod support;

#[path = "support/hostile/home.rs"]
mod home;
#[path = "support/hostile/left.rs"]
mod left;
#[path = "support/hostile/table.rs"]
mod table;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Output;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use home::{Course, Hostile, USER, Who};
use left::{POLL, at_work, machine, until_nothing};
use nix::unistd::geteuid;
use serde_json::Value;
use support::{everything, peak_kib};
use table::Outcome::{Limits, Pass, Rules};
use table::{ROWS, Row, WITH_COMPANY};

/// How long a grading may take: six executions of the longest kind, and as
/// much again for a busy machine.
const ENDED: Duration = Duration::from_secs(180);
/// The most memory that a grader may have used.
const MEMORY_MAX_KIB: u64 = 256 << 10;
/// What no result may show: a hostile program's success, a secret, and what a
/// terminal or a browser would act on.
const NEVER: [&str; 4] = ["ESCAPED", "CANARY", "\x1b", "\\u001b"];

/// What is wrong with a result.
fn result_faults(row: &Row, output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stdout);
    let messages = String::from_utf8_lossy(&output.stderr);
    let mut faults = Vec::new();
    let lost = row
        .outcomes
        .iter()
        .any(|(_, outcome)| !matches!(outcome, Pass));
    if output.status.code() != Some(i32::from(lost)) {
        faults.push(format!("ends with {:?}: {messages}", output.status));
    }
    for never in NEVER
        .iter()
        .filter(|never| text.contains(**never) || messages.contains(**never))
    {
        faults.push(format!("{never:?} in {text}{messages}"));
    }
    let Ok(result) = serde_json::from_str::<Value>(&text) else {
        faults.push(format!("no JSON: {text}"));
        return faults;
    };
    let scenarios = result["scenarios"].as_array().cloned().unwrap_or_default();
    let mut score = 0;
    for (id, outcome) in row.outcomes {
        let Some(scenario) = scenarios.iter().find(|scenario| scenario["id"] == *id) else {
            faults.push(format!("{id} is missing"));
            continue;
        };
        let finding = &scenario["findings"][0];
        let is_in = |key: &str, names: &[&str]| {
            finding[key]
                .as_str()
                .is_some_and(|name| names.contains(&name))
        };
        let (verdict, right) = match outcome {
            Pass => ("pass", finding.is_null()),
            Rules(rules) => ("fail", is_in("rule", rules)),
            Limits(limits) => ("fail", is_in("limit", limits)),
        };
        if let Pass = outcome {
            score += scenario["max_points"].as_u64().unwrap_or_default();
        }
        if scenario["verdict"] != verdict || !right {
            faults.push(format!(
                "{id}: not {outcome:?} but {} {} {finding}",
                scenario["verdict"], scenario["bound"]
            ));
        }
    }
    if scenarios.len() != row.outcomes.len() || result["score"] != score {
        faults.push(format!(
            "{} scenarios, score {} and not {score}",
            scenarios.len(),
            result["score"]
        ));
    }
    faults
}

/// Grades a row's program, with the checks that hold for all of them.
fn check(row: &Row, course: &Course) -> Vec<String> {
    let hostile = Hostile::new(row.program);
    course.give(hostile.folder.path());
    let before = machine();
    let names: Vec<&str> = row.outcomes.iter().map(|(id, _)| *id).collect();
    let since = Instant::now();
    let mut child = hostile.start(course, &names.join(","));
    let has_company = everything() || WITH_COMPANY.contains(&row.numbers);
    let company = has_company.then(|| {
        let scenarios = "single,interrupted,slow-pipe,disk-full";
        let mut command = course.grading(scenarios, &hostile.path("company"), &course.honest);
        command.spawn().expect("the grader can be run")
    });
    let mut folders = BTreeSet::from([hostile.path("submission").to_string_lossy().into_owned()]);
    let mut peak = 0;
    while child.try_wait().expect("it is our child").is_none() {
        folders.extend(at_work(&folders).1);
        peak = peak_kib(child.id()).unwrap_or(0).max(peak);
        if since.elapsed() > ENDED {
            child.kill().expect("it is our child");
            child.wait().expect("it is our child");
            return vec!["the grader does not end".to_owned()];
        }
        thread::sleep(POLL);
    }
    let took = since.elapsed();
    let output = child.wait_with_output().expect("it has ended");
    let mut faults = result_faults(row, &output);
    let left = until_nothing(|| at_work(&folders).0);
    if !left.is_empty() {
        faults.push(format!("left running: {left:?}"));
    }
    let scratch = folders
        .iter()
        .skip_while(|folder| !folder.starts_with("/dev/shm"));
    faults.extend(
        scratch
            .filter(|folder| folder.starts_with("/dev/shm") && Path::new(folder).exists())
            .map(|folder| format!("left: {folder}")),
    );
    // Others may make and remove theirs meanwhile.
    let changes = until_nothing(|| machine().symmetric_difference(&before).cloned().collect());
    if !changes.is_empty() {
        faults.push(format!("more or less than before: {changes:?}"));
    }
    faults.extend(hostile.canary_fault());
    if peak > MEMORY_MAX_KIB {
        faults.push(format!("the grader used {peak} KiB"));
    }
    if let Some(company) = company {
        let output = company.wait_with_output().expect("it is our child");
        if output.status.code() != Some(0) {
            faults.push(format!(
                "beside it: {}",
                String::from_utf8_lossy(&output.stdout)
            ));
        }
    }
    println!(
        "{} {}: {:.1} s, {peak} KiB",
        row.numbers,
        row.program,
        took.as_secs_f64()
    );
    faults
}

/// One after the other: what is left must be known to be this one's.
fn all_come_to_their_end(who: Who) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let course = Course::new(who);
    let only = std::env::var("HOSTILE").unwrap_or_default();
    let mut all = Vec::new();
    for row in ROWS.iter().filter(|row| row.program.contains(&only)) {
        for fault in check(row, &course) {
            let fault = format!("{} {}: {fault}", row.numbers, row.program);
            println!("  {fault}");
            all.push(fault);
        }
    }
    assert!(all.is_empty(), "{} faults:\n{}", all.len(), all.join("\n"));
}

#[test]
fn hostile_programs_come_to_their_documented_end() {
    all_come_to_their_end(Who::Us);
}

/// Another user is only to be had by root; who is not, is one.
#[test]
fn and_so_they_do_for_a_grader_without_privileges() {
    if geteuid().is_root() {
        all_come_to_their_end(Who::User(USER));
    }
}
