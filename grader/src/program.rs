//! `grader explore`: any program, with no exercise.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::digest;
use crate::engine::{EngineError, Folder, Scratch, Setup};
use crate::error::{Error, Result};
use crate::evidence::{Confirmed, Found, Subject, establish};
use crate::explore::{Bounds, Hit, Lots, search};
use crate::fault::FaultPlan;
use crate::finding::Finding;
use crate::grade::fatal;
use crate::jail::{Held, held};
use crate::machine;
use crate::spec::types::{Oracle, Rule};
use crate::submission::locate;
use crate::trace::Execution;
use crate::witness::{self, Tested, Witness};

/// Bug depth of what is drawn by lot.
const DEPTH: u32 = 3;

/// What is to be explored, and how far.
#[derive(Debug, Clone)]
pub struct Request {
    /// The program, by its path, or by its name in PATH.
    pub program: OsString,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// At most this many faults an execution.
    pub faults: u32,
    /// At most this many preemptions an execution; no bound if not given.
    pub preemptions: Option<u32>,
    /// The budget of executions, once without faults and once with.
    pub executions: u64,
    /// Seed of what is drawn by lot.
    pub seed: u64,
    /// Where witnesses go; `.grade/PROGRAM` if not given.
    pub witness_dir: Option<PathBuf>,
}

/// What an exploration came to.
#[derive(Debug)]
pub struct Exploration {
    /// How many executions were run.
    pub executions: u64,
    /// How many more were given up half-way, as equal to one that was run.
    pub cut_off: u64,
    /// True if every schedule within the bound was run.
    pub complete: bool,
    /// The bound, in words.
    pub bound: String,
    /// Wall-clock time; for information only.
    pub duration: Duration,
    /// The most processes of one execution.
    pub processes: usize,
    /// The first finding of each rule.
    pub findings: Vec<Finding>,
    /// What held the program.
    pub jail: Held,
}

/// Explores a program in a copy of the current folder.
///
/// # Errors
/// [`Error::Usage`] if the program cannot be found or the folder not be
/// copied, [`Error::Submission`] if the program does not start, and what can
/// go wrong in the engine.
pub fn explore(request: &Request, progress: &mut dyn FnMut(u64)) -> Result<Exploration> {
    let started = Instant::now();
    let path = locate(&request.program)?;
    let folder =
        std::env::current_dir().map_err(|cause| Error::grader("find the current folder", cause))?;
    machine::prepare()?;
    let (subject, folder_sha256) = subject(&path, &request.arguments, &folder)?;
    let failed = |error: EngineError| match fatal(&path, &error) {
        Err(error) => error,
        Ok(()) => Error::grader("explore the program", error),
    };
    let mut exploration = Exploration {
        executions: 0,
        cut_off: 0,
        complete: true,
        bound: String::new(),
        duration: Duration::ZERO,
        processes: 0,
        findings: Vec::new(),
        jail: held(&path),
    };
    let tested = Tested::Program {
        arguments: request.arguments.clone(),
        folder,
        folder_sha256,
    };
    let sha256 =
        digest::of_file(&path).map_err(|cause| Error::grader("read the program", cause))?;
    let witnesses = request
        .witness_dir
        .clone()
        .unwrap_or_else(|| witness::default_folder(&path));
    let faults = FaultPlan::any_program(request.faults);
    let mut hits: Vec<Hit> = Vec::new();
    for plan in faults.in_turn() {
        let before = exploration.executions;
        let processes = &mut exploration.processes;
        let mut collect = |execution: &Execution| {
            *processes = (*processes).max(execution.processes());
            keep(&mut hits, &subject, execution);
            Vec::new()
        };
        let bounds = Bounds {
            preemptions: request.preemptions,
            executions: request.executions,
            faults: plan,
        };
        let lots = Lots {
            depth: DEPTH,
            seed: request.seed,
        };
        let mut count = |n| progress(before + n);
        let explored =
            search(&subject.setup, bounds, lots, &mut collect, &mut count).map_err(failed)?;
        exploration.executions += explored.executions;
        exploration.cut_off += explored.cut_off;
        exploration.complete &= explored.complete;
        exploration.bound = explored.bound + subject.setup.note();
    }
    for hit in hits {
        let mut judge = |execution: &Execution| subject.judge().judge(execution);
        match establish(&subject, faults, hit, &mut judge).map_err(failed)? {
            Confirmed::Passed => {}
            Confirmed::Failed(found) => {
                let witness = Witness::new(tested.clone(), &path, &sha256, &found);
                let saved = witness.save(&witnesses, &found.failure.rule)?;
                exploration.findings.push(finding(*found, saved));
            }
            Confirmed::NotReproduced(why) => {
                return Err(Error::grader("confirm what was found", why));
            }
        }
    }
    exploration.duration = started.elapsed();
    Ok(exploration)
}

/// The program in a copy of `folder`, with its rules, and the sum of what the
/// folder holds.
///
/// # Errors
/// [`Error::Usage`] if the folder cannot be copied.
pub fn subject(program: &Path, arguments: &[String], folder: &Path) -> Result<(Subject, String)> {
    let copy = Folder::read(folder).map_err(|cause| Error::Usage {
        message: format!("cannot copy the folder {}: {cause}", folder.display()),
        help: "run it in a folder that holds only what the program needs, at most 16 MiB"
            .to_owned(),
    })?;
    let sha256 = copy.sha256();
    let set_up = |cause| Error::grader("set the program up", cause);
    let scratch = Scratch::with_copy(copy).map_err(set_up)?;
    let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
    let setup = Setup::of_program(program, &arguments, scratch).map_err(set_up)?;
    let rule = |rule, status| Oracle {
        rule,
        status,
        partial: false,
        of: None,
        only_by_fault: false,
    };
    // Deadlock, endless loops and death by a signal are judged always.
    let oracles = vec![rule(Rule::ExitStatus, Some(0)), rule(Rule::Reaped, None)];
    Ok((Subject::of_program(setup, oracles), sha256))
}

/// Keeps the first execution that breaks a rule which none before has broken.
fn keep(hits: &mut Vec<Hit>, subject: &Subject, execution: &Execution) {
    for failure in subject.judge().judge(execution) {
        let known = |hit: &Hit| hit.failures.iter().any(|known| known.rule == failure.rule);
        if !hits.iter().any(known) {
            hits.push(Hit {
                failures: vec![failure],
                execution: execution.clone(),
            });
        }
    }
}

fn finding(found: Found, witness: PathBuf) -> Finding {
    Finding {
        case: String::new(),
        passes_if: found.passes_if(),
        witness: Some(witness),
        hint: None,
        failure: found.failure,
        execution: found.execution,
    }
}
