//! The search against published counts and against plain depth-first search,
//! on real forked processes.

mod support;

use std::collections::BTreeSet;

use grader::engine::{Checkpoint, Setup, Strategy, execute};
use grader::explore::{Bounds, Dpor, Exhaustive, explore};
use grader::fault::FaultPlan;
use grader::trace::{Ending, Execution, ExitStatus};
use support::controlled::{Program, compile};

/// Steps of one execution.
const STEPS: usize = 2000;

/// What scenarios call FILE.
const FILE: &str = "records.txt";

const BOUNDS: Bounds = Bounds {
    preemptions: None,
    executions: 100_000,
    faults: FaultPlan::NONE,
};

/// What an execution leaves that a user could see.
type Final = (Option<ExitStatus>, Ending, Option<Vec<u8>>, Vec<u8>);

fn outcome(execution: &Execution) -> Final {
    let file = execution.file.clone();
    (
        execution.exit(),
        execution.ending.clone(),
        file,
        execution.stdout.clone(),
    )
}

/// Executions, executions cut off, and what they left.
fn search(setup: &Setup, strategy: &mut dyn Strategy) -> (u64, u64, Vec<Final>) {
    let mut finals = Vec::new();
    let mut keep = |execution: &Execution| {
        let outcome = outcome(execution);
        if !finals.contains(&outcome) {
            finals.push(outcome);
        }
        Vec::new()
    };
    let explored = explore(setup, strategy, &mut keep, &mut |_| {}).expect("it can be executed");
    assert!(explored.complete, "{}", explored.bound);
    (explored.executions, explored.cut_off, finals)
}

fn classes(program: &Program, arguments: &[&str]) -> u64 {
    let (executions, cut_off, finals) =
        search(&program.setup(arguments, STEPS), &mut Dpor::new(BOUNDS));
    println!("{arguments:?}: {executions} executions, {cut_off} cut off");
    let ended = |status: &Option<ExitStatus>| *status == Some(ExitStatus::Exited(0));
    assert!(
        finals.iter().all(|(status, ..)| ended(status)),
        "{finals:?}"
    );
    executions
}

#[test]
fn readers_are_explored_once_a_class() {
    let program = compile("readers.c", &["-O1"]);
    for n in 2..=6u32 {
        assert_eq!(classes(&program, &[&n.to_string()]), 1 << n, "readers({n})");
    }
}

#[test]
fn lastzero_is_explored_once_a_class() {
    let program = compile("lastzero.c", &["-O1"]);
    for n in 2..=6u32 {
        let expected = u64::from(n + 3) << (n - 2);
        assert_eq!(
            classes(&program, &[&n.to_string()]),
            expected,
            "lastzero({n})"
        );
    }
}

#[test]
fn appends_are_explored_once_an_order() {
    let program = compile("appends.c", &["-O1"]);
    for (k, expected) in [("1", 2), ("2", 6), ("3", 20), ("4", 70)] {
        assert_eq!(
            classes(&program, &[k, "one"]),
            expected,
            "to one file, {k} times"
        );
        assert_eq!(
            classes(&program, &[k, "each"]),
            1,
            "to a file each, {k} times"
        );
    }
}

/// The exit statuses of P0 over all interleavings.
fn statuses(program: &Program, arguments: &[&str]) -> BTreeSet<i32> {
    let (executions, cut_off, finals) =
        search(&program.setup(arguments, STEPS), &mut Dpor::new(BOUNDS));
    println!("{arguments:?}: {executions} executions, {cut_off} cut off");
    finals
        .into_iter()
        .map(|(status, ending, ..)| match status {
            Some(ExitStatus::Exited(status)) => status,
            other => panic!("{other:?}, {ending:?}"),
        })
        .collect()
}

#[test]
fn a_lost_update_is_found_however_it_is_compiled() {
    for level in ["-O0", "-O2"] {
        let program = compile("counter.c", &[level]);
        assert_eq!(
            statuses(&program, &["3", "plain"]),
            BTreeSet::from([0, 1]),
            "{level}"
        );
        assert_eq!(
            statuses(&program, &["3", "locked"]),
            BTreeSet::from([0]),
            "{level}"
        );
        assert_eq!(
            statuses(&program, &["2", "mutex"]),
            BTreeSet::from([0]),
            "{level}"
        );
    }
}

#[test]
fn locks_by_hand_are_judged_rightly() {
    for level in ["-O0", "-O2"] {
        let program = compile("locks.c", &[level]);
        for right in ["peterson", "dekker", "spin"] {
            assert_eq!(
                statuses(&program, &["2", right]),
                BTreeSet::from([0]),
                "{right} {level}"
            );
        }
        for wrong in ["peterson-moved", "dekker-moved", "flag"] {
            let seen = statuses(&program, &["2", wrong]);
            assert_eq!(seen, BTreeSet::from([0, 1]), "{wrong} {level}");
        }
    }
}

#[test]
fn a_wait_with_a_limit_ends_when_nobody_else_can_move() {
    let program = compile("timed.c", &["-O1", "-pthread"]);
    for what in [
        "poll",
        "select",
        "epoll",
        "semaphore",
        "condition",
        "lock",
        "signal",
    ] {
        assert_eq!(statuses(&program, &[what]), BTreeSet::from([0]), "{what}");
    }
}

#[test]
fn reduction_leaves_out_no_final_state() {
    let counter = compile("counter.c", &["-O2"]);
    let appends = compile("appends.c", &["-O1"]);
    let readers = compile("readers.c", &["-O1"]);
    let lastzero = compile("lastzero.c", &["-O1"]);
    let locks = compile("locks.c", &["-O2"]);
    let offsets = compile("offsets.c", &["-O1", "-pthread"]);
    let looks = compile("looks.c", &["-O1"]);
    let ended = compile("ended.c", &["-O1"]);
    let programs: [(&Program, &[&str]); 24] = [
        (&appends, &["1", "one"]),
        (&appends, &["2", "one"]),
        (&appends, &["1", "each"]),
        (&appends, &["2", "each"]),
        (&readers, &["1"]),
        (&lastzero, &["1"]),
        (&counter, &["1", "plain"]),
        (&counter, &["1", "locked"]),
        (&counter, &["2", "locked"]),
        (&locks, &["2", "none"]),
        (&offsets, &["write", "2", FILE]),
        (&offsets, &["dup", "2", FILE]),
        (&offsets, &["threads", "1", FILE]),
        (&offsets, &["read", "2", FILE]),
        (&offsets, &["again", "1", FILE]),
        (&looks, &["size", "1", FILE]),
        (&looks, &["path", "1", FILE]),
        (&looks, &["access", "1", FILE]),
        (&looks, &["open", "1", FILE]),
        (&looks, &["poll", "1", FILE]),
        (&looks, &["lock", "1", FILE]),
        (&looks, &["kill", "1", FILE]),
        (&ended, &["exit"]),
        (&ended, &["kill"]),
    ];
    for (program, arguments) in programs {
        let setup = program.setup(arguments, STEPS);
        let (reduced, _, mut some) = search(&setup, &mut Dpor::new(BOUNDS));
        let (plain, _, mut all) = search(&setup, &mut Exhaustive::new(BOUNDS));
        println!("{arguments:?}: {reduced} of {plain} executions");
        let key = |outcome: &Final| format!("{outcome:?}");
        some.sort_by_key(key);
        all.sort_by_key(key);
        assert_eq!(some, all, "{arguments:?}");
    }
}

#[test]
fn a_clone_does_what_a_fresh_start_does() {
    let counter = compile("counter.c", &["-O1"]);
    assert_checkpoints_change_nothing(&counter, &["2", "mutex"]);
    // What it has open before its first scheduling point is the clone's own.
    let offsets = compile("offsets.c", &["-O1", "-pthread"]);
    assert_checkpoints_change_nothing(&offsets, &["read", "2", FILE]);
    assert_checkpoints_change_nothing(&offsets, &["again", "2", FILE]);
}

fn assert_checkpoints_change_nothing(program: &Program, arguments: &[&str]) {
    let traces = |checkpoint| {
        let setup = program.setup(arguments, STEPS).with(checkpoint);
        let mut strategy = Dpor::new(BOUNDS);
        let mut traces = Vec::new();
        let mut files = Vec::new();
        for _ in 0..20 {
            let execution = execute(&setup, &mut strategy).expect("it can be executed");
            if let Some(execution) = execution {
                traces.push(execution.steps);
                files.push(execution.file);
            }
            if !strategy.advance() {
                break;
            }
        }
        assert_eq!(setup.is_cloned(), checkpoint == Checkpoint::Cloned);
        (traces, files)
    };
    assert_eq!(traces(Checkpoint::Cloned), traces(Checkpoint::Fresh));
}
