//! Running one program of `tests/programs` under control, once or in all
//! interleavings, and natively.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, Output};

use grader::engine::{Choice, Decision, EngineError, Point, Scratch, Setup, Strategy, execute};
use grader::explore::{Bounds, Dpor, Explored, explore};
use grader::fault::FaultPlan;
use grader::machine;
use grader::spec::types::File;
use grader::trace::{Ending, Execution, ExitStatus, Step};

/// A compiled program.
pub struct Program {
    path: PathBuf,
    folder: tempfile::TempDir,
}

/// Compiles a program of `tests/programs`.
pub fn compile(name: &str, flags: &[&str]) -> Program {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let path = folder.path().join("program");
    super::compile(name, flags, &path);
    Program { path, folder }
}

/// What an execution left: how P0 ended, and what was printed.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Left {
    /// Exit status of P0.
    pub status: Option<i32>,
    /// Standard output.
    pub stdout: String,
}

impl Program {
    /// The program under control, FILE missing at first.
    pub fn setup(&self, arguments: &[&str], steps: usize) -> Setup {
        machine::prepare().expect("this machine lets us trace");
        let scratch = Scratch::with_file(&File::MISSING).expect("a scratch folder");
        let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        let setup = Setup::of_program(&self.path, &arguments, scratch);
        setup.expect("no NUL byte").ending_after(steps)
    }

    /// Runs it without control.
    pub fn natively(&self, arguments: &[&str]) -> Left {
        let folder = tempfile::tempdir_in(self.folder.path()).expect("a folder for the run");
        let output: Output = Command::new(&self.path)
            .args(arguments)
            .current_dir(folder.path())
            .output()
            .expect("the program can be run");
        Left {
            status: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        }
    }

    /// One execution, in which whoever can moves in turn.
    pub fn once(&self, arguments: &[&str]) -> Result<(Left, Vec<Step>), EngineError> {
        let setup = self.setup(arguments, 1_000_000);
        let execution = execute(&setup, &mut First)?.expect("it is not given up");
        assert_eq!(execution.ending, Ending::Finished, "{arguments:?}");
        Ok((left(&execution), execution.steps))
    }

    /// What all interleavings leave.
    pub fn in_every_interleaving(&self, arguments: &[&str]) -> BTreeSet<Left> {
        let mut seen = BTreeSet::new();
        let mut keep = |execution: &Execution| {
            assert_eq!(
                execution.ending,
                Ending::Finished,
                "{arguments:?}: {execution:#?}"
            );
            seen.insert(left(execution));
            Vec::new()
        };
        let bounds = Bounds {
            preemptions: None,
            executions: 100_000,
            faults: FaultPlan::NONE,
        };
        let setup = self.setup(arguments, 1000);
        let explored: Explored = explore(&setup, &mut Dpor::new(bounds), &mut keep, &mut |_| {})
            .unwrap_or_else(|error| panic!("{arguments:?}: {error}"));
        println!("{arguments:?}: {} executions", explored.executions);
        assert!(explored.complete, "{arguments:?}: {}", explored.bound);
        seen
    }

    /// The exit statuses that all interleavings come to.
    pub fn statuses(&self, arguments: &[&str]) -> Vec<i32> {
        let left = self.in_every_interleaving(arguments);
        let statuses: BTreeSet<i32> = left
            .into_iter()
            .map(|left| {
                left.status
                    .unwrap_or_else(|| panic!("{arguments:?}: killed"))
            })
            .collect();
        statuses.into_iter().collect()
    }
}

fn left(execution: &Execution) -> Left {
    let status = match execution.exit() {
        Some(ExitStatus::Exited(status)) => Some(status),
        _ => None,
    };
    Left {
        status,
        stdout: String::from_utf8_lossy(&execution.stdout).into_owned(),
    }
}

/// Whoever moved last goes on for as long as it can.
struct First;

impl Strategy for First {
    fn decide(&mut self, point: &Point<'_>) -> Option<Decision> {
        let can = |choice: &&Choice| !choice.would_block;
        let last = point
            .choices
            .iter()
            .filter(can)
            .find(|choice| Some(choice.task) == point.last);
        let choice = last.or_else(|| point.choices.iter().find(can))?;
        Some(Decision {
            task: choice.task,
            fault: None,
        })
    }

    fn observe(&mut self, _: &Step) {}

    fn advance(&mut self) -> bool {
        false
    }

    fn complete(&self) -> bool {
        false
    }

    fn bound(&self) -> String {
        "one execution".to_owned()
    }
}
