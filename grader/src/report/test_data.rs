//! Small executions and results for the reports' tests.

use std::path::PathBuf;
use std::time::Duration;

use crate::fault::Fault;
use crate::finding::{Failure, Finding, GradeResult, ScenarioResult, Verdict};
use crate::jail::{Held, SignalGuard};
use crate::operation::{Call, Object, Operation, TaskName};
use crate::trace::{Ending, Execution, ExitStatus, Outcome, Step, Task};

/// One step of process number `process`, without a fault.
pub fn step(
    process: u32,
    call: Call,
    object: Object,
    amount: Option<u64>,
    outcome: Outcome,
) -> Step {
    Step {
        task: TaskName::process(process),
        operation: Operation::new(call, object, amount),
        fault: None,
        outcome,
    }
}

/// An execution of these steps by that many processes, each made by the
/// first fork, which all ended well.
pub fn execution(processes: u32, steps: Vec<Step>) -> Execution {
    let born = steps
        .iter()
        .position(|step| step.operation.call == Call::Fork);
    let tasks = (0..processes)
        .map(|process| Task {
            name: TaskName::process(process),
            parent: (process > 0).then_some(TaskName::process(0)),
            born: if process > 0 { born } else { None },
            status: Some(ExitStatus::Exited(0)),
            waiting_for: None,
        })
        .collect();
    Execution {
        preemptions: 0,
        sights: Vec::new(),
        steps,
        tasks,
        ending: Ending::Finished,
        file: None,
        stdout: Vec::new(),
        stderr: Vec::new(),
        unreaped: Vec::new(),
        left_behind: Vec::new(),
        lock_sleeps: Vec::new(),
        locks_destroyed: Vec::new(),
    }
}

/// A short write by P1 while P0 waits.
pub fn short_write() -> Execution {
    let ended = Outcome::Ended(ExitStatus::Exited(0));
    let mut execution = execution(
        2,
        vec![
            step(0, Call::Fork, Object::Nothing, None, Outcome::Returned(1)),
            step(0, Call::Open, Object::File, None, Outcome::Returned(3)),
            step(1, Call::Start, Object::Nothing, None, Outcome::Returned(0)),
            step(1, Call::Open, Object::File, None, Outcome::Returned(3)),
            step(1, Call::Write, Object::File, Some(17), Outcome::Returned(8)),
            step(0, Call::Wait, Object::Process(1), None, Outcome::Blocked),
            step(1, Call::Exit, Object::Nothing, Some(0), ended),
            step(0, Call::Return, Object::Nothing, None, Outcome::Returned(0)),
            step(0, Call::Exit, Object::Nothing, Some(0), ended),
        ],
    );
    execution.steps[4].fault = Some(Fault::ShortWrite { bytes: 8 });
    execution
}

/// A lost mark that goes with `short_write`.
pub fn finding() -> Finding {
    Finding {
        case: "two".to_owned(),
        failure: Failure {
            rule: "records".to_owned(),
            message: "each record stands in FILE as one whole line, exactly once".to_owned(),
            expected: "27 bytes: \"log\\n\", \"the first record\\n\" in any order".to_owned(),
            actual: "18 bytes: \"log\\n\", then 8 of 17 bytes \"the firs\"".to_owned(),
            step: Some(4),
        },
        execution: Some(short_write()),
        passes_if: None,
        witness: Some(PathBuf::from(".grade/short-writes.witness")),
        hint: Some("what does write(2) promise to return?".to_owned()),
    }
}

/// One scenario passed, one lost, one skipped.
pub fn result() -> GradeResult {
    let scenario =
        |id: &str, points, max_points, verdict, executions, bound: &str| ScenarioResult {
            id: id.to_owned(),
            title: format!("title of {id}"),
            points,
            max_points,
            bonus: false,
            verdict,
            executions,
            cut_off: 0,
            complete: true,
            bound: bound.to_owned(),
            duration: Duration::from_millis(1250),
            findings: Vec::new(),
        };
    let pass = Verdict::Pass;
    let mut scenarios = vec![
        scenario("single", 5, 5, pass, 1, "every interleaving, no fault"),
        scenario(
            "short-writes",
            0,
            20,
            Verdict::Fail,
            7,
            "every interleaving with up to 2 faults",
        ),
        scenario(
            "holder-killed",
            0,
            10,
            Verdict::Skipped,
            0,
            "short-writes failed",
        ),
    ];
    scenarios[1].complete = false;
    scenarios[1].findings.push(finding());
    scenarios[2].bonus = true;
    GradeResult {
        exercise: "forkwrite".to_owned(),
        submission: "starter".to_owned(),
        score: 5,
        max_score: 25,
        bonus: 0,
        scenarios,
        jail: Some(held()),
    }
}

/// The jail of a grader that is not root.
pub fn held() -> Held {
    Held {
        tiers: vec!["T0"],
        landlock: Some(7),
        signals: SignalGuard::Landlock,
        missing: vec!["T1: the grader is not root".to_owned()],
    }
}
