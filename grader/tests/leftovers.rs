//! However a program behaves, and however the grader ends, nothing of a
//! grading is left: no process, no folder, no shared object.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use grader::tracee::ipc::FAMILIES;
use support::processes::{Process, processes};
use support::{Build, Graded, build, course, submissions};
use tempfile::TempDir;

/// How long a killed process may take to go away.
const GONE: Duration = Duration::from_secs(10);
/// How long a grading may take; none of these should need a fraction of it.
const ENDED: Duration = Duration::from_secs(240);
/// Between two looks at `/proc`.
const POLL: Duration = Duration::from_millis(2);

/// Forks 200 children that wait for ever.
const FORKS_200_TIMES: &str = "
    for (int i = 0; i < 200; i++)
        if (fork() == 0)
            for (;;)
                pause();
    return run(argc, argv, write_record);";

/// Stops itself, which no shell is there to end.
const STOPS_ITSELF: &str = "
    raise(SIGSTOP);
    return run(argc, argv, write_record);";

/// Takes notice of no request to end, and never ends.
const SPINS_FOR_EVER: &str = "
    signal(SIGTERM, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    for (;;)
        ;
    return run(argc, argv, write_record);";

/// Refuses to run where an earlier run has left its semaphores and its memory,
/// and leaves them itself. NAME and KEY are to be replaced.
const LEAVES_OBJECTS: &str = "
    if (sem_open(\"/NAME\", O_CREAT | O_EXCL, 0600, 1) == SEM_FAILED)
        die(\"sem_open\");
    int set = semget(KEY, 1, IPC_CREAT | IPC_EXCL | 0600);
    if (set < 0 || semctl(set, 0, SETVAL, 1) != 0)
        die(\"semget\");
    return run(argc, argv, write_record);";

/// A program in a folder of its own, by which its processes are known.
struct Program {
    folder: TempDir,
    path: PathBuf,
}

impl Program {
    /// A program of the corpus.
    fn of_corpus(source: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let path = folder.path().join("forkwrite");
        build(Path::new(source), Build::Cc, &path);
        fs::create_dir(folder.path().join("tmp")).expect("the test's own folder");
        Self { folder, path }
    }

    /// A program whose `main` starts as all do, and goes on with `body`.
    fn with_body(body: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let path = folder.path().join("forkwrite");
        let source = folder.path().join("forkwrite.c");
        let common = submissions().join("common.h");
        let text = format!(
            "#include \"{}\"\n#include <semaphore.h>\n#include <sys/sem.h>\n\
             int main(int argc, char **argv)\n{{\n    start(argc);{body}\n}}\n",
            common.display()
        );
        fs::write(&source, text).expect("the test's own folder");
        build(&source, Build::Cc, &path);
        fs::create_dir(folder.path().join("tmp")).expect("the test's own folder");
        Self { folder, path }
    }

    fn temporary(&self) -> PathBuf {
        self.folder.path().join("tmp")
    }

    /// The grader, about to grade this program.
    fn grader(&self, only: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_grader"));
        command
            .current_dir(course())
            .env("TMPDIR", self.temporary())
            .args(["grade", "--format", "json", "--only", only])
            .arg("--witness-dir")
            .arg(self.folder.path().join("witnesses"))
            .arg(&self.path)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// The processes that run this program, zombies excepted.
    fn processes(&self) -> Vec<Process> {
        processes()
            .filter(|process| process.program() == self.path)
            .collect()
    }

    /// The grader's folders that this program's processes stand in.
    fn scratch_folders(&self) -> BTreeSet<PathBuf> {
        let processes = self.processes().into_iter();
        processes
            .map(|process| process.folder())
            .filter(|folder| {
                let name = folder.file_name().unwrap_or_default();
                name.to_string_lossy().starts_with("grader-")
            })
            .collect()
    }

    fn assert_no_process_left(&self) {
        let since = Instant::now();
        while !self.processes().is_empty() {
            let left = self.processes();
            assert!(since.elapsed() < GONE, "left running: {left:?}");
            thread::sleep(POLL);
        }
    }

    fn assert_no_temporary_file_left(&self) {
        let left = fs::read_dir(self.temporary()).expect("it is still there");
        assert_eq!(left.count(), 0, "in the folder for temporary files");
    }

    /// Grades this program to the end: marks are lost, and nothing is left.
    fn loses_marks_and_leaves_nothing(&self, only: &str) -> Graded {
        let mut child = self.grader(only).spawn().expect("the grader can be run");
        let scratch = self.watch(&mut child);
        let output = child.wait_with_output().expect("it has ended");
        let messages = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{messages}");
        self.assert_no_process_left();
        self.assert_no_temporary_file_left();
        for folder in scratch {
            assert!(!folder.exists(), "left: {}", folder.display());
        }
        support::read(&output)
    }

    /// Waits for the grader's end; the folders that it was seen to work in.
    fn watch(&self, grader: &mut Child) -> BTreeSet<PathBuf> {
        let since = Instant::now();
        let mut scratch = BTreeSet::new();
        while grader.try_wait().expect("it is our child").is_none() {
            scratch.extend(self.scratch_folders());
            if since.elapsed() > ENDED {
                grader.kill().expect("it is our child");
                panic!("the grader does not end");
            }
            thread::sleep(POLL);
        }
        scratch
    }

    /// Kills the grader when it has been seen at work `sightings` times.
    fn is_gone_after_kill(&self, only: &str, sightings: u32) {
        let mut child = self.grader(only).spawn().expect("the grader can be run");
        let since = Instant::now();
        let mut scratch = BTreeSet::new();
        let mut seen = 0;
        while seen < sightings {
            let ended = child.try_wait().expect("it is our child");
            assert_eq!(ended, None, "it was to be killed before its end");
            assert!(since.elapsed() < ENDED, "no process of the program seen");
            if !self.processes().is_empty() {
                seen += 1;
                scratch.extend(self.scratch_folders());
            }
            thread::sleep(POLL);
        }
        child.kill().expect("it is our child");
        child.wait().expect("it is our child");
        self.assert_no_process_left();
        // Nobody was left to remove these.
        for folder in scratch {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// The rules that were broken, in all scenarios.
fn rules(graded: &Graded) -> Vec<&str> {
    let findings = graded.scenarios.iter().flat_map(|(_, s)| &s.findings);
    findings.map(|finding| finding.rule.as_str()).collect()
}

#[test]
fn a_daemon_is_ended() {
    let daemon = Program::of_corpus("wrong/daemon.c");
    daemon.loses_marks_and_leaves_nothing("clean-exit");
}

#[test]
fn a_program_that_stops_itself_is_ended() {
    let program = Program::with_body(STOPS_ITSELF);
    for only in ["single", "interleavings"] {
        program.loses_marks_and_leaves_nothing(only);
    }
}

#[test]
fn too_many_processes_are_ended() {
    let program = Program::with_body(FORKS_200_TIMES);
    for only in ["single", "interleavings"] {
        let graded = program.loses_marks_and_leaves_nothing(only);
        assert_eq!(rules(&graded), ["process-limit"], "{only}");
    }
}

#[test]
fn a_program_that_will_not_end_is_ended() {
    let program = Program::with_body(SPINS_FOR_EVER);
    for only in ["single", "interleavings"] {
        let graded = program.loses_marks_and_leaves_nothing(only);
        assert_eq!(rules(&graded), ["endless-loop"], "{only}");
    }
}

/// Under control and on the real kernel's schedule, round after round.
#[test]
fn shared_objects_are_removed_before_the_next_run() {
    let key = std::process::id();
    let name = format!("leftovers-{key}");
    let body = LEAVES_OBJECTS.replace("NAME", &name);
    let program = Program::with_body(&body.replace("KEY", &key.to_string()));
    let output = program
        .grader("single,interleavings,slow-pipe")
        .output()
        .expect("the grader can be run");
    let graded = support::read(&output);
    for (id, scenario) in &graded.scenarios {
        assert_eq!(scenario.verdict, "pass", "{id}: {:?}", scenario.findings);
    }
    assert_eq!(graded.scenarios.len(), 3);
    assert!(!Path::new("/dev/shm").join(format!("sem.{name}")).exists());
    for family in FAMILIES {
        assert!(!family.holds(key.cast_signed()), "left: {family:?}");
    }
}

#[test]
fn a_killed_grader_leaves_no_process() {
    Program::with_body(SPINS_FOR_EVER).is_gone_after_kill("single", 1);
    let daemon = Program::of_corpus("wrong/daemon.c");
    for sightings in [1, 10, 50] {
        daemon.is_gone_after_kill("clean-exit", sightings);
    }
    Program::with_body(FORKS_200_TIMES).is_gone_after_kill("single", 1);
}
