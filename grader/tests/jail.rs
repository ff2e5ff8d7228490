//! What a submission's processes must not be able to do, each tried by a real
//! program: first by itself, where it has to succeed, then under the grader.

mod support;

use std::fs;
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use support::{Build, build, compile, course, grader};
use tempfile::TempDir;

/// The program in a folder of its own, and a folder that is none of its
/// business.
struct Prisoner {
    own: TempDir,
    foreign: TempDir,
}

impl Prisoner {
    fn new() -> Self {
        let own = tempfile::tempdir().expect("a folder for the test");
        let foreign = tempfile::tempdir().expect("a folder for the test");
        compile("jail.c", &["-O1"], &own.path().join("jail"));
        fs::write(foreign.path().join("secret"), "secret").expect("it is ours");
        fs::copy(own.path().join("jail"), foreign.path().join("program")).expect("it is ours");
        Self { own, foreign }
    }

    fn foreign(&self, name: &str) -> String {
        let path: PathBuf = self.foreign.path().join(name);
        path.to_str().expect("it is UTF-8").to_owned()
    }

    fn by_itself(&self, arguments: &[&str]) -> Option<i32> {
        let mut command = Command::new(self.own.path().join("jail"));
        command.args(arguments).current_dir(self.own.path());
        command.output().expect("it can be run").status.code()
    }

    fn explore(&self, arguments: &[&str]) -> Output {
        grader()
            .args(["explore", "--", "./jail"])
            .args(arguments)
            .current_dir(self.own.path())
            .output()
            .expect("the grader can be run")
    }

    /// It can be done by itself, and not under the grader.
    fn is_held(&self, arguments: &[&str]) {
        assert_eq!(self.by_itself(arguments), Some(1), "{arguments:?} alone");
        self.is_refused(arguments);
    }

    fn is_refused(&self, arguments: &[&str]) {
        let output = self.explore(arguments);
        let text = text(&output);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {text}");
    }
}

/// A folder that every user can enter: there a grader that is root has its
/// programs run as another.
fn open_folder() -> TempDir {
    let open = fs::Permissions::from_mode(0o755);
    let folder = tempfile::Builder::new().permissions(open).tempdir();
    folder.expect("a folder for the test")
}

fn json(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// What a result says of the jail: T0 always, T1 if the grader is root.
fn holds_in_full(jail: &Value) {
    let expected = match nix::unistd::geteuid().is_root() {
        true => json!(["T0", "T1"]),
        false => json!(["T0"]),
    };
    assert_eq!(jail["tiers"], expected, "{jail}");
    assert!(
        jail["landlock"].as_u64().is_some_and(|version| version > 0),
        "{jail}"
    );
}

fn text(output: &Output) -> String {
    let messages = String::from_utf8_lossy(&output.stderr);
    String::from_utf8_lossy(&output.stdout).into_owned() + &messages
}

#[test]
fn no_file_but_its_own_can_be_reached() {
    let prisoner = Prisoner::new();
    let secret = prisoner.foreign("secret");
    for attempt in ["reads", "writes"] {
        prisoner.is_held(&[attempt, &secret]);
    }
    prisoner.is_held(&["runs", &prisoner.foreign("program")]);
    prisoner.is_held(&["lists", &prisoner.foreign("")]);
    prisoner.is_held(&["lists", "/dev/shm"]);
    for file in ["specs/forkwrite/rubric.yaml", "solution/Cargo.toml"] {
        let path = course().join(file).canonicalize().expect("it is there");
        prisoner.is_held(&["reads", path.to_str().expect("it is UTF-8")]);
    }
    let home = std::env::var("HOME").unwrap_or_else(|_| "/root".to_owned());
    prisoner.is_refused(&["lists", &home]);
    let gone = prisoner.foreign("gone");
    fs::write(&gone, "").expect("it is ours");
    prisoner.is_refused(&["unlinks", &gone]);
    assert!(Path::new(&gone).exists());
    assert_eq!(fs::read(&secret).expect("it is ours"), b"secret");
}

#[test]
fn there_is_no_network() {
    let prisoner = Prisoner::new();
    let tcp = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = tcp.local_addr().expect("it is bound").port().to_string();
    prisoner.is_held(&["tcp", &port]);
    let name = format!("grader-test-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).expect("a name");
    let _unix = UnixListener::bind_addr(&address).expect("a socket");
    prisoner.is_held(&["abstract", &name]);
    for attempt in ["udp", "netlink", "datagram", "raw"] {
        prisoner.is_held(&[attempt]);
    }
}

#[test]
fn the_grader_cannot_be_signalled_or_changed() {
    let prisoner = Prisoner::new();
    for attempt in [
        "kill-parent",
        "kill-all",
        "kill-group",
        "kill-thread",
        "pidfd",
        "own",
        "limit",
        "priority",
        "affinity",
        "environment",
        "descriptors",
    ] {
        prisoner.is_held(&[attempt]);
    }
}

#[test]
fn nobody_gets_out_of_sight() {
    let prisoner = Prisoner::new();
    for attempt in [
        "untraced",
        "clone3",
        "undumpable",
        "dispatch",
        "filter",
        "trace",
    ] {
        prisoner.is_held(&[attempt]);
    }
    // Not every machine lets these be done at all.
    for attempt in [
        "user-namespace",
        "queue",
        "segment",
        "messages",
        "x32",
        "core",
        "device",
    ] {
        prisoner.is_refused(&[attempt]);
    }
}

#[test]
fn a_grader_that_is_root_has_programs_run_as_another() {
    let folder = open_folder();
    compile("jail.c", &["-O1"], &folder.path().join("jail"));
    let explore = |path: &Path| {
        let mut command = grader();
        command.args(["explore", "--format", "json", "--", "./jail", "root"]);
        command
            .current_dir(path)
            .output()
            .expect("the grader can be run")
    };
    let output = explore(folder.path());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    holds_in_full(&json(&output)["jail"]);
    // Where nobody else can get at it, the result says so.
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).expect("it is ours");
    let jail = &json(&explore(folder.path()))["jail"];
    assert_eq!(jail["tiers"], json!(["T0"]), "{jail}");
    let why = jail["missing"][0].as_str().unwrap_or_default();
    assert!(why.starts_with("T1: "), "{jail}");
}

#[test]
fn a_right_program_keeps_its_marks_and_the_result_says_what_held_it() {
    let folder = open_folder();
    let program = folder.path().join("forkwrite");
    build(Path::new("right/plain.c"), Build::Cc, &program);
    let output = grader()
        .args([
            "grade",
            "--format",
            "json",
            "--only",
            "single,interrupted,slow-pipe,disk-full",
        ])
        .arg("--witness-dir")
        .arg(folder.path().join("witnesses"))
        .arg(&program)
        .current_dir(course())
        .output()
        .expect("the grader can be run");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    holds_in_full(&json(&output)["jail"]);
}

#[test]
fn what_stands_beside_a_program_is_read_if_it_was_handed_in() {
    let folder = open_folder();
    let program = folder.path().join("forkwrite");
    compile("beside.c", &["-O1"], &program);
    fs::write(folder.path().join("key"), "").expect("it is ours");
    let verdict = |submission: &Path| {
        let mut command = grader();
        command.args([
            "grade",
            "--format",
            "json",
            "--exercise",
            "forkwrite",
            "--only",
            "single",
        ]);
        command
            .arg("--witness-dir")
            .arg(folder.path().join("witnesses"));
        let output = command.arg(submission).current_dir(course()).output();
        json(&output.expect("the grader can be run"))["scenarios"][0]["verdict"].clone()
    };
    assert_eq!(verdict(folder.path()), "pass");
    assert_eq!(verdict(&program), "fail");
}

#[test]
fn the_doctor_says_what_there_is() {
    let run = |format| {
        let output = grader().args(["doctor", "--format", format]).output();
        output.expect("the grader can be run")
    };
    let output = run("terminal");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(
        text(&output).contains("grading works here"),
        "{}",
        text(&output)
    );
    let output = json(&run("json"));
    assert_eq!(output["schema"], "process-sync/doctor/1");
    assert_eq!(output["grading_works"], true);
    let tiers = output["tiers"].as_array().expect("a list");
    let names: Vec<&Value> = tiers.iter().map(|tier| &tier["tier"]).collect();
    assert_eq!(names, ["T0", "T1", "T2", "T3"]);
    assert_eq!(
        tiers[1]["holds"],
        nix::unistd::geteuid().is_root(),
        "{output}"
    );
}

#[test]
fn a_program_that_hides_from_its_tracer_is_ended() {
    let output = Prisoner::new().explore(&["blind"]);
    let text = text(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    // A tracer that is root sees all the same, and what it sees is a finding.
    let rule = match nix::unistd::geteuid().is_root() {
        true => "exit-status",
        false => "death-by-signal",
    };
    assert!(text.contains(rule), "{text}");
}

#[test]
fn shared_memory_is_not_left_for_the_next_run() {
    let name = format!("/grader-test-{}", std::process::id());
    for _ in 0..2 {
        Prisoner::new().is_refused(&["leaves", &name]);
        assert!(!Path::new(&format!("/dev/shm{name}")).exists());
    }
}

#[test]
fn the_32_bit_table_kills() {
    let prisoner = Prisoner::new();
    let output = prisoner.explore(&["int80"]);
    let text = text(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(
        text.contains("death-by-signal") && text.contains("SIGSYS"),
        "{text}"
    );
}
