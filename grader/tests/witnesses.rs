//! Witnesses are small: of every scenario that a wrong program loses, no
//! preemption, fault or process can be left out. Every smaller bound is
//! searched, within a budget. `KIT_TESTS=everything` has a larger budget and
//! looks at all programs, not at every twelfth.
//!
//! `CORPUS=name cargo test --test witnesses` looks only at programs whose
//! source contains `name`.

mod support;

use std::path::Path;

use grader::evidence::Subject;
use grader::explore::{Bounds, Exhaustive, Replay, explore};
use grader::fault::FaultPlan;
use grader::machine;
use grader::spec::types::StrategyKind;
use grader::trace::Execution;
use grader::witness::{Tested, Witness};
use support::corpus::{Row, assert_faultless, home, rows};
use support::{build, can_build, everything, grade, processors};

/// Executions of one search.
fn budget() -> u64 {
    if everything() { 1000 } else { 200 }
}

/// What makes a witness small, the most important first.
type Size = (u32, usize, usize);

fn size(execution: &Execution) -> Size {
    (
        execution.preemptions,
        execution.faults(),
        execution.processes(),
    )
}

/// The smallest execution within these bounds that breaks `rule`, by each
/// execution alone, and whether all of them have been seen.
fn smallest(subject: &Subject, bounds: Bounds, rule: &str) -> (Option<Size>, bool) {
    let mut judge = subject.judge();
    let mut smallest = None;
    let mut keep = |execution: &Execution| {
        let failures = judge.judge(execution);
        if failures.iter().any(|failure| failure.rule == rule) {
            let size = size(execution);
            smallest = Some(smallest.map_or(size, |known: Size| known.min(size)));
        }
        Vec::new()
    };
    let mut search = Exhaustive::new(bounds);
    let explored = explore(&subject.setup, &mut search, &mut keep, &mut |_| {});
    let complete = explored.expect("it can be executed").complete;
    (smallest, complete)
}

/// What one witness shows, if it breaks its rule by itself: a rule about all
/// executions together has an example, not a smallest one.
fn shown(subject: &Subject, witness: &Witness, path: &Path) -> Option<Size> {
    let mut judge = subject.judge();
    let mut shown = None;
    let mut keep = |execution: &Execution| {
        let failures = judge.judge(execution);
        let broken = |rule: &str| failures.iter().any(|failure| failure.rule == rule);
        shown = broken(&witness.finding.rule).then(|| size(execution));
        Vec::new()
    };
    let steps = witness.steps(path).expect("it was just written");
    let mut replay = Replay::new(steps);
    explore(&subject.setup, &mut replay, &mut keep, &mut |_| {}).expect("it can be executed");
    shown
}

/// What can be left out of a witness, and how it was looked for.
fn look_at(path: &Path, program: &Path) -> (Option<String>, String) {
    let witness = Witness::load(path).expect("it was just written");
    let Tested::Scenario { case, .. } = &witness.tested else {
        return (Some("it is of no scenario".to_owned()), String::new());
    };
    if case.strategy.kind == StrategyKind::Native {
        return (None, "no schedule".to_owned());
    }
    let subject = Subject::of_case(program, case).expect("a scratch folder");
    let Some(size) = shown(&subject, &witness, path) else {
        return (None, "about all executions".to_owned());
    };
    let (preemptions, faults, processes) = size;
    let bounds = |preemptions, most| Bounds {
        preemptions: Some(preemptions),
        executions: budget(),
        faults: FaultPlan {
            max: most,
            ..FaultPlan::of(case)
        },
    };
    // With fewer faults, with fewer preemptions, with neither.
    let fewer = (0..faults as u32).map(|most| (preemptions, most));
    let earlier = preemptions.checked_sub(1).map(|less| (less, faults as u32));
    let mut told = format!("{size:?}");
    for (preemptions, most) in fewer.chain(earlier) {
        let (smaller, complete) =
            smallest(&subject, bounds(preemptions, most), &witness.finding.rule);
        if let (Some(smaller), None) = (smaller, witness.gave_up_after) {
            return (Some(format!("{size:?}, and {smaller:?} would do")), told);
        }
        let reach = if complete { "none" } else { "none so far" };
        told.push_str(&format!(", {reach} within {preemptions} and {most}"));
        if let Some(smaller) = smaller {
            told.push_str(&format!(", but {smaller:?}"));
        }
    }
    let within = bounds(preemptions, faults as u32);
    let (same, complete) = smallest(&subject, within, &witness.finding.rule);
    let reach = if complete { "all" } else { "some" };
    told.push_str(&format!(", {reach} of the same bounds tried"));
    if let Some(executions) = witness.gave_up_after {
        told.push_str(&format!(", shrinking given up after {executions}"));
    }
    let fault = same
        .filter(|same| *same < size && same.2 < processes && witness.gave_up_after.is_none())
        .map(|same| format!("{size:?}, and {same:?} would do"));
    (fault, told)
}

/// What is wrong with the witnesses of one program.
fn look((exercise, row): &(&str, Row)) -> Option<String> {
    machine::prepare().expect("this machine lets us trace");
    let folder = tempfile::tempdir().expect("a folder for the test");
    let program = folder.path().join(exercise);
    let source = home(exercise).join(&row.source);
    if row.fails.is_empty() {
        return None;
    }
    let built = row.build.iter().find(|build| can_build(**build))?;
    build(&source, *built, &program);
    let mut faults = Vec::new();
    for (id, scenario) in grade(&program, folder.path(), &row.fails).scenarios {
        for path in scenario
            .findings
            .iter()
            .filter_map(|found| found.witness.as_ref())
        {
            let (fault, told) = look_at(path, &program);
            println!("{}, {id}: {told}", source.display());
            faults.extend(fault.map(|fault| format!("  {}, {id}: {fault}", source.display())));
        }
    }
    (!faults.is_empty()).then(|| faults.join("\n"))
}

#[test]
fn nothing_can_be_left_out_of_a_witness() {
    let exercises = ["forkwrite", "gate", "rendezvous", "relay"];
    let wrong = |exercise| {
        let rows = rows(exercise, "wrong").into_iter();
        rows.map(move |row| (exercise, row))
    };
    let all = exercises.into_iter().flat_map(wrong);
    let named = std::env::var_os("CORPUS").is_some();
    let every = if everything() || named { 1 } else { 12 };
    let jobs: Vec<(&str, Row)> = all.step_by(every).collect();
    assert_faultless(&jobs, processors(), look);
}
