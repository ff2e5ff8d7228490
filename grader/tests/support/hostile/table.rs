//! Which program comes to what.

/// What a scenario has to come to.
#[derive(Debug, Clone, Copy)]
pub enum Outcome {
    /// All its marks.
    Pass,
    /// None, by one of these rules.
    Rules(&'static [&'static str]),
    /// None, at one of these limits.
    Limits(&'static [&'static str]),
}

use Outcome::{Limits, Pass, Rules};

/// A program, and what it comes to in each scenario.
pub struct Row {
    /// In the list of the README.
    pub numbers: &'static str,
    pub program: &'static str,
    pub outcomes: &'static [(&'static str, Outcome)],
}

pub const RECORDS: Outcome = Rules(&["records"]);
pub const KILLED: Outcome = Rules(&["death-by-signal"]);
pub const SINGLE: &str = "single";
pub const PIPE: &str = "slow-pipe";
pub const CLEAN: &str = "clean-exit";

pub const fn row(
    numbers: &'static str,
    program: &'static str,
    outcomes: &'static [(&'static str, Outcome)],
) -> Row {
    Row {
        numbers,
        program,
        outcomes,
    }
}

#[rustfmt::skip]
pub const ROWS: &[Row] = &[
    row("1", "fork_bomb", &[(SINGLE, Limits(&["processes"])), (PIPE, Limits(&["processes"]))]),
    row("2", "thread_bomb", &[(SINGLE, Limits(&["processes"])), (PIPE, Limits(&["processes"]))]),
    row("3", "spins", &[(SINGLE, Limits(&["cpu"]))]),
    row("3", "spins_in_calls", &[(SINGLE, Limits(&["cpu"]))]),
    row("4", "sleeps_for_ever", &[(SINGLE, Limits(&["wall"])), (PIPE, Limits(&["wall"]))]),
    row("5", "ignores_signals", &[(SINGLE, Limits(&["cpu"]))]),
    row("6", "stops_itself", &[(SINGLE, Limits(&["wall"]))]),
    row("7", "double_fork", &[(SINGLE, Pass), (CLEAN, Rules(&["reaped"]))]),
    row("8", "daemon_keeps_stdout", &[(SINGLE, Pass), (CLEAN, Rules(&["reaped"]))]),
    row("9", "untraced_clone", &[(SINGLE, RECORDS), (PIPE, RECORDS)]),
    row("10", "kills_everything", &[(SINGLE, RECORDS), (PIPE, RECORDS)]),
    row("11", "kills_parent", &[(SINGLE, RECORDS), (PIPE, RECORDS)]),
    row("12", "kills_its_group", &[(SINGLE, KILLED), (PIPE, KILLED)]),
    row("13", "reaches_for_grader", &[(SINGLE, RECORDS), (PIPE, RECORDS)]),
    row("14", "undumpable", &[(SINGLE, RECORDS), (PIPE, RECORDS)]),
    row("15", "execs_unreadable_copy", &[(SINGLE, Rules(&["records", "death-by-signal"]))]),
    row("16", "looks_for_tracer", &[(SINGLE, RECORDS)]),
    row("17", "reads_grader", &[(SINGLE, RECORDS), (PIPE, RECORDS)]),
    row("18", "asks_for_10_gb", &[(SINGLE, Limits(&["memory"]))]),
    row("18", "touches_10_gb", &[(SINGLE, Limits(&["memory"]))]),
    row("19", "touches_10_gb_in_50_children", &[(SINGLE, Limits(&["memory"])), (PIPE, Limits(&["memory"]))]),
    row("20", "floods_stdout", &[(SINGLE, Limits(&["output"])), (PIPE, Limits(&["output"]))]),
    row("21", "prints_garbage", &[(SINGLE, Limits(&["output"]))]),
    row("22", "fills_disk", &[(SINGLE, Limits(&["disk"])), (PIPE, Limits(&["disk"]))]),
    row("22", "fills_unnamed_files", &[(SINGLE, Limits(&["disk"])), (PIPE, Limits(&["disk"]))]),
    row("23", "million_files", &[(SINGLE, Limits(&["disk", "cpu"])), (PIPE, Limits(&["disk"]))]),
    row("23", "deep_folders", &[(SINGLE, Limits(&["disk", "cpu"]))]),
    row("23", "shut_folder", &[(SINGLE, Rules(&["exit-status", "records"]))]),
    row("24", "reads_course", &[(SINGLE, RECORDS), (PIPE, RECORDS)]),
    row("25", "writes_outside", &[(SINGLE, RECORDS), (PIPE, RECORDS)]),
    row("26", "prints_results", &[(SINGLE, RECORDS), (PIPE, RECORDS)]),
    row("27", "writes_descriptors", &[(SINGLE, RECORDS), (PIPE, RECORDS)]),
    row("28", "exits_at_once", &[(SINGLE, RECORDS), (PIPE, RECORDS)]),
    row("28", "crashes_at_exit", &[(SINGLE, KILLED), (PIPE, KILLED)]),
    row("36", "opens_sockets", &[(SINGLE, RECORDS), (PIPE, RECORDS)]),
    row("37", "leaves_shared_memory", &[(SINGLE, RECORDS), (PIPE, RECORDS)]),
    row("38", "segfault_with_cores", &[(SINGLE, KILLED), (PIPE, KILLED)]),
    row("39", "forbidden_calls", &[(SINGLE, RECORDS), (PIPE, RECORDS)]),
    row("40", "int80_call", &[(SINGLE, KILLED), (PIPE, KILLED)]),
    row("40", "x32_call", &[(SINGLE, RECORDS), (PIPE, Rules(&["records", "death-by-signal"]))]),
    row("41", "races_path", &[(SINGLE, RECORDS)]),
    row("42", "exits_during_stop", &[(SINGLE, RECORDS)]),
    row("43", "storm", &[(SINGLE, Rules(&["records", "process-limit"]))]),
];

/// Rows that an honest submission is graded beside, at least.
pub const WITH_COMPANY: [&str; 5] = ["1", "10", "19", "22", "43"];
