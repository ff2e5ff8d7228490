//! Witnesses are small: no preemption, fault or process of theirs can be left
//! out. Every smaller bound is searched, within a budget.

mod support;

use std::path::Path;

use grader::evidence::Subject;
use grader::explore::{Bounds, Exhaustive, explore};
use grader::fault::FaultPlan;
use grader::machine;
use grader::oracle::Judge;
use grader::trace::Execution;
use grader::witness::{Tested, Witness};
use support::{Build, build, course, grader, read};

/// Executions of one search.
const EXECUTIONS: u64 = 3000;

/// Programs of the corpus, each with a scenario that it loses: by order alone,
/// by a fault, by both.
const LOST: [(&str, &str); 9] = [
    ("wrong/textbook.c", "single"),
    ("wrong/no_append.c", "interleavings"),
    ("wrong/seek_before_lock.c", "interleavings"),
    ("wrong/no_loop.c", "short-writes"),
    ("wrong/private_lock.c", "short-writes"),
    ("wrong/one_side_locks.c", "short-writes"),
    ("wrong/eintr_success.c", "interrupted"),
    ("wrong/opposite_order.c", "interleavings"),
    ("wrong/flag_lock.c", "short-writes"),
];

/// What makes a witness small, the most important first.
type Size = (u32, usize, usize);

fn size(execution: &Execution) -> Size {
    let firsts = execution.tasks.iter().filter(|task| task.name.thread == 0);
    (execution.preemptions, execution.faults(), firsts.count())
}

/// The sizes of all executions within these bounds that break `rule`.
fn failing(subject: &Subject, judge: &mut Judge, bounds: Bounds, rule: &str) -> Vec<Size> {
    let mut sizes = Vec::new();
    let mut keep = |execution: &Execution| {
        let failures = judge.judge(execution);
        if failures.iter().any(|failure| failure.rule == rule) {
            sizes.push(size(execution));
        }
        Vec::new()
    };
    explore(
        &subject.setup,
        &mut Exhaustive::new(bounds),
        &mut keep,
        &mut |_| {},
    )
    .expect("it can be executed");
    sizes
}

#[test]
fn nothing_can_be_left_out_of_a_witness() {
    machine::prepare().expect("this machine lets us trace");
    let folder = tempfile::tempdir().expect("a folder for the test");
    for (source, scenario) in LOST {
        let program = folder.path().join("forkwrite");
        build(Path::new(source), Build::Cc, &program);
        let output = grader()
            .args([
                "grade",
                "--format",
                "json",
                "--only",
                scenario,
                "--witness-dir",
            ])
            .arg(folder.path())
            .arg(&program)
            .current_dir(course())
            .output()
            .expect("the grader can be run");
        let graded = read(&output);
        let (_, result) = &graded.scenarios[0];
        let found = result.findings.first();
        let found = found.unwrap_or_else(|| panic!("{source} loses {scenario}"));
        let path = found.witness.as_ref().expect("every finding has one");
        let witness = Witness::load(path).expect("it was just written");
        let Tested::Scenario { case, .. } = &witness.tested else {
            panic!("{source}: not a scenario's witness")
        };
        let subject = Subject::of_case((&program).into(), case).expect("a scratch folder");
        let mut judge = subject.judge();
        let within = |preemptions, most| Bounds {
            preemptions: Some(preemptions),
            executions: EXECUTIONS,
            faults: FaultPlan {
                max: most,
                ..FaultPlan::of(case)
            },
        };
        let (preemptions, faults) = (witness.preemptions, witness.faults);
        // What fails without a fault is not the fault's doing: so in turn.
        for most in 0..faults {
            let bounds = within(preemptions, most);
            let smaller = failing(&subject, &mut judge, bounds, &witness.finding.rule);
            assert_eq!(smaller, [], "{source}: {faults} faults, {most} would do");
        }
        if let Some(fewer) = preemptions.checked_sub(1) {
            let bounds = within(fewer, FaultPlan::of(case).max);
            let smaller = failing(&subject, &mut judge, bounds, &witness.finding.rule);
            assert_eq!(
                smaller,
                [],
                "{source}: {preemptions} preemptions, {fewer} would do"
            );
        }
        let bounds = within(preemptions, faults);
        let same = failing(&subject, &mut judge, bounds, &witness.finding.rule);
        let least = same.iter().min().expect("the witness itself is within");
        println!(
            "{source}, {scenario}: {least:?}, {} of that rule",
            same.len()
        );
        let processes = same.iter().map(|(.., processes)| *processes).min();
        let lines: Vec<&str> = witness.schedule.iter().map(String::as_str).collect();
        let names = lines.iter().filter_map(|line| line.split(' ').next());
        let of_witness: std::collections::BTreeSet<&str> = names.collect();
        assert!(
            Some(of_witness.len()) <= processes,
            "{source}: {of_witness:?}"
        );
    }
}
