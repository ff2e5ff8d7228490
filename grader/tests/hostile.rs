//! Hostile programs: each is graded to its documented end, loses what it is to
//! lose, and leaves nothing. The numbers are those of `grader/README.md`,
//! "Hostile programs"; 29 to 35, of the time of the build, are not here.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use nix::unistd::geteuid;
use serde_json::Value;
use support::{Build, build, course};
use tempfile::TempDir;

/// How long a grading may take: six executions of the longest kind, and as
/// much again for a busy machine.
const ENDED: Duration = Duration::from_secs(180);
/// How long what is dead may take to go away.
const GONE: Duration = Duration::from_secs(10);
/// Between two looks at `/proc`.
const POLL: Duration = Duration::from_millis(10);
/// The most memory that a grader may have used.
const MEMORY_MAX_KIB: u64 = 256 << 10;
/// What no result may show: a hostile program's success, a secret, and what a
/// terminal or a browser would act on.
const NEVER: [&str; 4] = ["ESCAPED", "CANARY", "\x1b", "\\u001b"];

/// What a scenario has to come to.
#[derive(Debug, Clone, Copy)]
enum Outcome {
    /// All its marks.
    Pass,
    /// None, by one of these rules.
    Rules(&'static [&'static str]),
    /// None, at one of these limits.
    Limits(&'static [&'static str]),
}

use Outcome::{Limits, Pass, Rules};

/// A program, and what it comes to in each scenario.
struct Row {
    /// In the list of the README.
    numbers: &'static str,
    program: &'static str,
    outcomes: &'static [(&'static str, Outcome)],
}

const RECORDS: Outcome = Rules(&["records"]);
const KILLED: Outcome = Rules(&["death-by-signal"]);
const SINGLE: &str = "single";
const PIPE: &str = "slow-pipe";
const CLEAN: &str = "clean-exit";

const fn row(
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
const ROWS: &[Row] = &[
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

/// Rows that an honest submission is graded beside.
const WITH_COMPANY: [&str; 5] = ["1", "19", "10", "22", "43"];

/// Who grades.
#[derive(Debug, Clone, Copy)]
enum Who {
    /// Whoever runs this test; as root, programs get a user of their own (T1).
    Us,
    /// A user without privileges (T0), with a grader and specs of their own.
    User(u32),
}

/// A number that nobody has on any distribution.
const USER: u32 = 61_999;

/// The grader and what it grades beside the hostile programs.
struct Course {
    who: Who,
    folder: TempDir,
    grader: PathBuf,
    honest: PathBuf,
}

impl Course {
    fn new(who: Who) -> Self {
        let folder = open_folder();
        let grader = folder.path().join("grader");
        // Where the original is, not every user gets to it.
        fs::copy(support::grader().get_program(), &grader).expect("it can be copied");
        let specs = folder.path().join("specs");
        for entry in ["", "forkwrite"] {
            fs::create_dir_all(specs.join(entry)).expect("the test's own");
            let files = fs::read_dir(course().join("specs").join(entry)).expect("it is there");
            for file in files.flatten().filter(|file| file.path().is_file()) {
                let copy = specs.join(entry).join(file.file_name());
                fs::copy(file.path(), copy).expect("the test's own");
            }
        }
        let honest = folder.path().join("forkwrite");
        build(Path::new("right/plain.c"), Build::Cc, &honest);
        Self {
            who,
            folder,
            grader,
            honest,
        }
    }

    /// The grader, about to grade `program`.
    fn grading(&self, scenarios: &str, witnesses: &Path, program: &Path) -> Command {
        let mut command = Command::new(&self.grader);
        command
            .current_dir(self.folder.path())
            .args(["grade", "--exercise", "forkwrite", "--format", "json"])
            .args(["--only", scenarios, "--witness-dir"])
            .arg(witnesses)
            .arg("--specs")
            .arg(self.folder.path().join("specs"))
            .arg(program)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Who::User(user) = self.who {
            command.uid(user).gid(user);
        }
        command
    }

    /// Makes a folder and all in it theirs.
    fn give(&self, folder: &Path) {
        let Who::User(user) = self.who else {
            return;
        };
        for entry in fs::read_dir(folder).expect("the test's own").flatten() {
            match entry.path().is_dir() {
                true => self.give(&entry.path()),
                false => chown(entry.path(), Some(user), Some(user)).expect("we are root"),
            }
        }
        chown(folder, Some(user), Some(user)).expect("we are root");
    }
}

/// Every user can enter it: a grader that is root has programs run as another.
fn open_folder() -> TempDir {
    let open = fs::Permissions::from_mode(0o755);
    let folder = tempfile::Builder::new().permissions(open).tempdir();
    folder.expect("a folder for the test")
}

/// A hostile program at home: its own folder, and canaries around it.
struct Hostile {
    folder: TempDir,
    program: PathBuf,
}

impl Hostile {
    fn new(name: &str) -> Self {
        let folder = open_folder();
        let path = |name: &str| folder.path().join(name);
        for name in [
            "submission",
            "canaries",
            "canaries/home",
            "canaries/temporary",
            "witnesses",
            "company",
        ] {
            fs::create_dir(path(name)).expect("the test's own");
        }
        for name in [
            "canaries/home/.profile",
            "canaries/beside",
            "canaries/temporary/file",
            "submission/beside",
        ] {
            fs::write(path(name), "canary").expect("the test's own");
        }
        let program = path("submission/forkwrite");
        compile(name, folder.path(), &program);
        Self { folder, program }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn start(&self, course: &Course, scenarios: &str) -> Child {
        let mut command = course.grading(scenarios, &self.path("witnesses"), &self.program);
        command
            .env("HOME", self.path("canaries/home"))
            .env("SECRET", "CANARY");
        command.spawn().expect("the grader can be run")
    }

    /// What is not as it was, of what stands around the program.
    fn canary_fault(&self) -> Option<String> {
        let mut found = Vec::new();
        for (name, expected) in [
            ("canaries", 3),
            ("canaries/home", 1),
            ("canaries/temporary", 1),
            ("submission", 2),
        ] {
            let entries = fs::read_dir(self.path(name)).ok()?;
            let files: Vec<PathBuf> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
            let changed = |file: &&PathBuf| {
                file.is_file()
                    && **file != self.program
                    && fs::read(file).ok().as_deref() != Some(b"canary")
            };
            if files.len() != expected || files.iter().any(|file| changed(&file)) {
                found.push(name);
            }
        }
        (!found.is_empty()).then(|| format!("canaries changed in {found:?}"))
    }
}

fn compile(name: &str, folder: &Path, program: &Path) {
    let define = |name: &str, value: &Path| format!("-D{name}=\"{}\"", value.display());
    let course = course().canonicalize().expect("it is there");
    let source = course
        .join("grader/tests/hostile")
        .join(name)
        .with_extension("c");
    let output = Command::new("cc")
        .args([
            "-O1",
            "-Wall",
            "-Wextra",
            "-Wno-infinite-recursion",
            "-pthread",
            "-o",
        ])
        .arg(program)
        .arg(define("SPECS", &course.join("specs")))
        .arg(define("SOLUTION", &course.join("solution")))
        .arg(define("WITNESSES", &folder.join("witnesses")))
        .arg(define("CANARIES", &folder.join("canaries")))
        .arg(source)
        .output()
        .expect("there is a C compiler");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// What the machine has that a program could have made more of.
fn machine() -> BTreeSet<String> {
    let shm = fs::read_dir("/dev/shm").into_iter().flatten().flatten();
    let shm = shm
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with("grader-"));
    let mut all: BTreeSet<String> = shm.map(|name| format!("/dev/shm/{name}")).collect();
    for family in ["shm", "sem", "msg"] {
        let text = fs::read_to_string(format!("/proc/sysvipc/{family}")).unwrap_or_default();
        let names = text.lines().skip(1).map(|line| {
            let mut fields = line.split_whitespace();
            format!("{family} {:?} {:?}", fields.next(), fields.next())
        });
        all.extend(names);
    }
    let mounts = fs::read_to_string("/proc/mounts").expect("this is Linux");
    all.extend(mounts.lines().map(str::to_owned));
    all
}

/// The processes at work in one of these folders or running something there,
/// zombies excepted, and the grader's folders that they work in.
fn processes(folders: &BTreeSet<String>) -> (Vec<PathBuf>, BTreeSet<String>) {
    let mut scratch = BTreeSet::new();
    let entries = fs::read_dir("/proc").expect("this is Linux");
    let is_of_them = |process: &PathBuf| {
        let link = |name| fs::read_link(process.join(name)).unwrap_or_default();
        let (program, work) = (link("exe"), link("cwd"));
        let inside = |path: &Path| {
            folders
                .iter()
                .any(|folder| path.to_string_lossy().starts_with(folder))
        };
        let ours = inside(&program) || inside(&work);
        if ours && work.starts_with("/dev/shm") {
            let top: PathBuf = work.components().take(4).collect();
            if top.to_string_lossy().starts_with("/dev/shm/grader-") {
                scratch.insert(top.to_string_lossy().replace(" (deleted)", ""));
            }
        }
        ours
    };
    let found = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(is_of_them);
    let found = found.collect();
    (found, scratch)
}

/// How much memory a process has used at most.
fn peak_kib(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// Waits until `look` finds nothing any more; what it found last otherwise.
fn until_nothing<T>(mut look: impl FnMut() -> Vec<T>) -> Vec<T> {
    let since = Instant::now();
    loop {
        let found = look();
        if found.is_empty() || since.elapsed() > GONE {
            return found;
        }
        thread::sleep(POLL);
    }
}

/// What is wrong with a result.
fn result_faults(row: &Row, output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stdout);
    let messages = String::from_utf8_lossy(&output.stderr);
    let mut faults = Vec::new();
    let lost = row
        .outcomes
        .iter()
        .any(|(_, outcome)| !matches!(outcome, Pass));
    if output.status.code() != Some(i32::from(lost)) {
        faults.push(format!("ends with {:?}: {messages}", output.status));
    }
    for never in NEVER
        .iter()
        .filter(|never| text.contains(**never) || messages.contains(**never))
    {
        faults.push(format!("{never:?} in {text}{messages}"));
    }
    let Ok(result) = serde_json::from_str::<Value>(&text) else {
        faults.push(format!("no JSON: {text}"));
        return faults;
    };
    let scenarios = result["scenarios"].as_array().cloned().unwrap_or_default();
    let mut score = 0;
    for (id, outcome) in row.outcomes {
        let Some(scenario) = scenarios.iter().find(|scenario| scenario["id"] == *id) else {
            faults.push(format!("{id} is missing"));
            continue;
        };
        let finding = &scenario["findings"][0];
        let is_in = |key: &str, names: &[&str]| {
            finding[key]
                .as_str()
                .is_some_and(|name| names.contains(&name))
        };
        let (verdict, right) = match outcome {
            Pass => ("pass", finding.is_null()),
            Rules(rules) => ("fail", is_in("rule", rules)),
            Limits(limits) => ("fail", is_in("limit", limits)),
        };
        if let Pass = outcome {
            score += scenario["max_points"].as_u64().unwrap_or_default();
        }
        if scenario["verdict"] != verdict || !right {
            faults.push(format!(
                "{id}: not {outcome:?} but {} {} {finding}",
                scenario["verdict"], scenario["bound"]
            ));
        }
    }
    if scenarios.len() != row.outcomes.len() || result["score"] != score {
        faults.push(format!(
            "{} scenarios, score {} and not {score}",
            scenarios.len(),
            result["score"]
        ));
    }
    faults
}

/// Grades a row's program, with the checks that hold for all of them.
fn check(row: &Row, course: &Course) -> Vec<String> {
    let hostile = Hostile::new(row.program);
    course.give(hostile.folder.path());
    let before = machine();
    let names: Vec<&str> = row.outcomes.iter().map(|(id, _)| *id).collect();
    let since = Instant::now();
    let mut child = hostile.start(course, &names.join(","));
    let company = WITH_COMPANY.contains(&row.numbers).then(|| {
        let scenarios = "single,interrupted,slow-pipe,disk-full";
        let mut command = course.grading(scenarios, &hostile.path("company"), &course.honest);
        command.spawn().expect("the grader can be run")
    });
    let mut folders = BTreeSet::from([hostile.path("submission").to_string_lossy().into_owned()]);
    let mut peak = 0;
    while child.try_wait().expect("it is our child").is_none() {
        folders.extend(processes(&folders).1);
        peak = peak_kib(child.id()).unwrap_or(0).max(peak);
        if since.elapsed() > ENDED {
            child.kill().expect("it is our child");
            child.wait().expect("it is our child");
            return vec!["the grader does not end".to_owned()];
        }
        thread::sleep(POLL);
    }
    let took = since.elapsed();
    let output = child.wait_with_output().expect("it has ended");
    let mut faults = result_faults(row, &output);
    let left = until_nothing(|| processes(&folders).0);
    if !left.is_empty() {
        faults.push(format!("left running: {left:?}"));
    }
    let scratch = folders
        .iter()
        .skip_while(|folder| !folder.starts_with("/dev/shm"));
    faults.extend(
        scratch
            .filter(|folder| folder.starts_with("/dev/shm") && Path::new(folder).exists())
            .map(|folder| format!("left: {folder}")),
    );
    // Others may make and remove theirs meanwhile.
    let changes = until_nothing(|| machine().symmetric_difference(&before).cloned().collect());
    if !changes.is_empty() {
        faults.push(format!("more or less than before: {changes:?}"));
    }
    faults.extend(hostile.canary_fault());
    if peak > MEMORY_MAX_KIB {
        faults.push(format!("the grader used {peak} KiB"));
    }
    if let Some(company) = company {
        let output = company.wait_with_output().expect("it is our child");
        if output.status.code() != Some(0) {
            faults.push(format!(
                "beside it: {}",
                String::from_utf8_lossy(&output.stdout)
            ));
        }
    }
    println!(
        "{} {}: {:.1} s, {peak} KiB",
        row.numbers,
        row.program,
        took.as_secs_f64()
    );
    faults
}

/// One after the other: what is left must be known to be this one's.
fn all_come_to_their_end(who: Who) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let course = Course::new(who);
    let only = std::env::var("HOSTILE").unwrap_or_default();
    let mut all = Vec::new();
    for row in ROWS.iter().filter(|row| row.program.contains(&only)) {
        for fault in check(row, &course) {
            let fault = format!("{} {}: {fault}", row.numbers, row.program);
            println!("  {fault}");
            all.push(fault);
        }
    }
    assert!(all.is_empty(), "{} faults:\n{}", all.len(), all.join("\n"));
}

#[test]
fn hostile_programs_come_to_their_documented_end() {
    all_come_to_their_end(Who::Us);
}

/// Another user is only to be had by root; who is not, is one.
#[test]
fn and_so_they_do_for_a_grader_without_privileges() {
    if geteuid().is_root() {
        all_come_to_their_end(Who::User(USER));
    }
}
