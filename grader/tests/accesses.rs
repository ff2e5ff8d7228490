//! Instructions, mappings and calls on shared memory: under control they give
//! what they give natively, or are refused by name.

mod support;

use grader::operation::Call;
use support::controlled::{Program, compile};

/// Without a red zone, so that the programs' own pushes are theirs to make.
const FLAGS: [&str; 3] = ["-O1", "-g", "-mno-red-zone"];

/// Runs a program both ways and compares line by line.
fn same_as_natively(program: &Program, arguments: &[&str]) {
    let native = program.natively(arguments);
    assert!(!native.stdout.is_empty(), "{arguments:?} prints nothing");
    let (controlled, steps) = program
        .once(arguments)
        .unwrap_or_else(|error| panic!("{arguments:?}: {error}"));
    println!("{arguments:?}: {} steps", steps.len());
    let lines = native.stdout.lines().zip(controlled.stdout.lines());
    for (native, controlled) in lines {
        assert_eq!(controlled, native, "{arguments:?}");
    }
    assert_eq!(controlled, native, "{arguments:?}");
}

#[test]
fn instructions_give_what_they_give_natively() {
    for (source, groups) in [
        (
            "instructions.c",
            &["moves", "arithmetic", "wide-exchange", "branches"] as &[&str],
        ),
        ("strings.c", &["strings", "builtins", "long-strings"]),
        ("vectors.c", &["vectors", "floats"]),
    ] {
        let program = compile(source, &FLAGS);
        for group in groups {
            for place in ["within", "across"] {
                same_as_natively(&program, &[group, place]);
            }
        }
    }
}

#[test]
fn what_lies_between_two_accesses_gives_what_it_gives_natively() {
    let program = compile("between.c", &FLAGS);
    for group in ["arithmetic", "shifts", "conditions", "moves", "calls"] {
        same_as_natively(&program, &[group, "3"]);
    }
}

#[test]
fn what_is_not_supported_is_named() {
    let program = compile("single.c", &FLAGS);
    for (what, message) in [
        ("vpgatherdd", "the instruction `vex_vpgatherdd_"),
        ("fxsave", "the instruction `fxsave_"),
        ("maskmovdqu", "the instruction `maskmovdqu_"),
        ("xlat", "the instruction `xlat_"),
        ("stack", "a stack in shared memory"),
        ("code", "code in shared memory"),
        (
            "end",
            "one access to the end of shared memory and what follows it",
        ),
    ] {
        assert_eq!(program.natively(&[what]).status, Some(0), "{what}");
        let error = program.once(&[what]).expect_err(what).to_string();
        let named = error.starts_with("P1 uses") && error.contains(message);
        assert!(named && error.contains("not support"), "{what}: {error}");
    }
}

#[test]
fn only_with_lock_is_it_one_step() {
    let program = compile("single.c", &FLAGS);
    let calls = |what: &str| -> Vec<Call> {
        let (_, steps) = program.once(&[what]).expect("it can be executed");
        let memory = |call: &Call| matches!(call, Call::Load | Call::Store | Call::Update);
        let calls = steps.iter().map(|step| step.operation.call);
        calls.filter(memory).collect()
    };
    assert_eq!(calls("add"), [Call::Load, Call::Store]);
    assert_eq!(calls("lock-add"), [Call::Update]);
    assert_eq!(calls("xchg"), [Call::Update]);
    // An element is read and written in two steps as well.
    assert_eq!(calls("movsb"), [Call::Load, Call::Store]);
    assert_eq!(calls("rep-movsb"), [Call::Load, Call::Store].repeat(3));
    assert_eq!(calls("rep-stosb"), [Call::Store; 3]);
    assert_eq!(calls("left-over"), []);
}

#[test]
fn mappings_are_what_they_are_natively() {
    let program = compile("mappings.c", &FLAGS);
    for what in [
        "several", "shm", "unmap", "remap", "protect", "fixed", "bus",
    ] {
        same_as_natively(&program, &[what]);
    }
}

#[test]
fn two_mappings_of_one_file_are_one_memory() {
    let program = compile("mappings.c", &FLAGS);
    for race in ["race-two-views", "race-after-fork", "race-file"] {
        assert_eq!(program.statuses(&[race]), [0, 1], "{race}");
    }
}

#[test]
fn calls_reach_shared_memory_as_they_do_natively() {
    let program = compile("buffers.c", &FLAGS);
    for what in ["transfers", "others", "executes"] {
        same_as_natively(&program, &[what]);
    }
    for (what, message) in [
        ("sendmsg", "behind an argument of sendmsg"),
        ("sigaltstack", "behind an argument of sigaltstack"),
        ("shmat", "shmat"),
        ("end", "a buffer across the end of shared memory of write"),
    ] {
        assert_eq!(program.natively(&[what]).status, Some(0), "{what}");
        let error = program.once(&[what]).expect_err(what).to_string();
        let named = error.starts_with("P1 uses") && error.contains(message);
        assert!(named && error.contains("not support"), "{what}: {error}");
    }
}

#[test]
fn calls_race_with_accesses_to_their_buffers() {
    let program = compile("buffers.c", &FLAGS);
    for race in [
        "race-write",
        "race-writev",
        "race-pipe",
        "race-to-read",
        "race-to-readv",
        "race-to-uname",
        "race-to-stat",
    ] {
        assert_eq!(program.statuses(&[race]), [0, 1], "{race}");
    }
}

#[test]
fn whoever_gets_a_dead_ones_robust_mutex_is_told() {
    let program = compile("robust.c", &FLAGS);
    for death in [
        &["kill", "in-pause"] as &[&str],
        &["kill", "in-read"],
        &["kill", "at-mutex"],
        &["kill", "looking"],
        &["terminate", "in-pause"],
        &["exit"],
        &["abort"],
        &["raise"],
        &["exec"],
    ] {
        assert_eq!(program.natively(death).status, Some(0), "{death:?}");
        assert_eq!(program.statuses(death), [0], "{death:?}");
    }
    // Killed before, in or after its critical section: told or not, but never
    // left waiting.
    assert_eq!(program.statuses(&["kill", "anywhere"]), [0, 3]);
}

#[test]
fn right_spin_locks_end_and_wrong_ones_are_found() {
    for level in ["-O0", "-O2"] {
        let program = compile("spins.c", &[level]);
        for right in [
            "test-and-set",
            "pause",
            "yield",
            "compare-and-swap",
            "test-first",
            "ticket",
            "backoff",
            "yields-later",
        ] {
            assert_eq!(program.statuses(&[right]), [0], "{right} {level}");
        }
        for wrong in ["none", "gives-up", "looks-then-sets"] {
            assert_eq!(program.statuses(&[wrong]), [0, 1], "{wrong} {level}");
        }
    }
}
