//! What a program leaves outside its folder is gone when its execution ends:
//! no execution sees what an earlier one made, however executions start, and
//! nothing of it is left at the end.

mod support;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use grader::engine::{Checkpoint, Folder, Scratch, Setup};
use grader::explore::{Bounds, Dpor, explore};
use grader::fault::FaultPlan;
use grader::machine;
use grader::trace::{Execution, ExitStatus, Step};
use grader::tracee::ipc::{FAMILIES, queue_exists};
use support::{compile, grader};
use tempfile::TempDir;

/// Where shm_open(3) and sem_open(3) make their files.
const SHM: &str = "/dev/shm";

/// The program, and a name that no other program uses.
struct Place {
    folder: TempDir,
    program: PathBuf,
    name: String,
    key: i32,
}

impl Place {
    /// Each test has a number of its own.
    fn new(number: u32) -> Self {
        machine::prepare().expect("this machine lets us trace");
        let folder = tempfile::tempdir().expect("a folder for the test");
        let program = folder.path().join("outliving");
        compile("outliving.c", &["-O1"], &program);
        let id = std::process::id();
        Self {
            folder,
            program,
            name: format!("outliving-{id}-{number}"),
            key: (id * 8 + number).cast_signed(),
        }
    }

    /// The arguments for a kind of object.
    fn arguments(&self, what: &str) -> [String; 2] {
        let name = match what {
            "system-v" | "attached" => self.key.to_string(),
            "file" => format!("{SHM}/{}", self.name),
            _ => format!("/{}", self.name),
        };
        [what.to_owned(), name]
    }

    fn setup(&self, what: &str, checkpoint: Checkpoint) -> Setup {
        let folder = Folder::read(&self.folder.path().join("empty")).unwrap_or_default();
        let scratch = Scratch::with_copy(folder).expect("a scratch folder");
        let arguments = self.arguments(what).map(OsString::from);
        let setup = Setup::of_program(&self.program, &arguments, scratch);
        setup.expect("no NUL byte").with(checkpoint)
    }

    fn assert_nothing_left(&self, what: &str) {
        let left: Vec<OsString> = fs::read_dir(SHM)
            .expect("it is there")
            .map(|entry| entry.expect("it can be read").file_name())
            .filter(|name| name.to_string_lossy().contains(&self.name))
            .collect();
        assert!(left.is_empty(), "{what} leaves {left:?}");
        for family in FAMILIES {
            assert!(!family.holds(self.key), "{what} leaves {family:?}");
        }
        assert!(
            !queue_exists(Path::new(&self.name)),
            "{what} leaves a queue"
        );
    }
}

/// What an exploration showed: the steps of each execution, and P0's end.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    traces: Vec<Vec<Step>>,
    ends: Vec<Option<ExitStatus>>,
    cut_off: u64,
}

fn seen(setup: &Setup, what: &str) -> Seen {
    let bounds = Bounds {
        preemptions: None,
        executions: 2000,
        faults: FaultPlan::NONE,
    };
    let (mut traces, mut ends) = (Vec::new(), Vec::new());
    let mut keep = |execution: &Execution| {
        traces.push(execution.steps.clone());
        ends.push(execution.exit());
        Vec::new()
    };
    let explored = explore(setup, &mut Dpor::new(bounds), &mut keep, &mut |_| {})
        .unwrap_or_else(|error| panic!("{what}: {error}"));
    assert!(explored.complete, "{what}: {}", explored.bound);
    let cut_off = explored.cut_off;
    println!("{what}: {} executions, {cut_off} cut off", ends.len());
    Seen {
        traces,
        ends,
        cut_off,
    }
}

#[test]
fn no_execution_sees_what_an_earlier_one_made() {
    let place = Place::new(0);
    let kinds = [("memory", true), ("semaphore", false), ("system-v", false)];
    for (what, loses) in kinds {
        let cloned = seen(&place.setup(what, Checkpoint::Cloned), what);
        place.assert_nothing_left(what);
        let fresh = seen(&place.setup(what, Checkpoint::Fresh), what);
        place.assert_nothing_left(what);
        assert!(cloned == fresh, "{what}: {cloned:#?} and {fresh:#?}");
        assert!(cloned.ends.len() > 1, "{what} has more than one order");
        let ended = |status| cloned.ends.contains(&Some(ExitStatus::Exited(status)));
        assert!(ended(0) && ended(1) == loses, "{what}: {:?}", cloned.ends);
        let only = [0, 1].map(|status| Some(ExitStatus::Exited(status)));
        assert!(cloned.ends.iter().all(|end| only.contains(end)), "{what}");
    }
}

#[test]
fn an_execution_that_fails_leaves_nothing() {
    let place = Place::new(1);
    for checkpoint in [Checkpoint::Cloned, Checkpoint::Fresh] {
        let setup = place.setup("attached", checkpoint);
        let bounds = Bounds {
            preemptions: None,
            executions: 10,
            faults: FaultPlan::NONE,
        };
        let explored = explore(
            &setup,
            &mut Dpor::new(bounds),
            &mut |_| Vec::new(),
            &mut |_| {},
        );
        let error = explored.expect_err("shmat is not supported").to_string();
        assert!(error.contains("shmat"), "{error}");
        place.assert_nothing_left("attached");
    }
}

#[test]
fn a_finding_is_confirmed_and_nothing_is_left() {
    let place = Place::new(2);
    for what in ["memory", "file"] {
        let output = grader()
            .args(["explore", "--", "./outliving"])
            .args(place.arguments(what))
            .current_dir(place.folder.path())
            .output()
            .expect("the grader can be run");
        let text = String::from_utf8_lossy(&output.stdout);
        let messages = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{text}{messages}");
        place.assert_nothing_left(what);
    }
}

#[test]
fn what_was_there_before_stays() {
    let place = Place::new(3);
    let path = Path::new(SHM).join(&place.name);
    fs::write(&path, vec![0; 4096]).expect("it can be written");
    // It is nobody's to remove, so the program may see what it did to it.
    let setup = place.setup("memory", Checkpoint::Cloned);
    let mut ends = Vec::new();
    let mut keep = |execution: &Execution| {
        ends.push(execution.exit());
        Vec::new()
    };
    let bounds = Bounds {
        preemptions: Some(0),
        executions: 2,
        faults: FaultPlan::NONE,
    };
    let explored = explore(&setup, &mut Dpor::new(bounds), &mut keep, &mut |_| {});
    let there = path.exists();
    fs::remove_file(&path).expect("it was made by this test");
    assert!(there, "{explored:?}: {ends:?}");
}
