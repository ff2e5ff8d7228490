//! What a submission's processes must not be able to do, each tried by a real
//! program: first by itself, where it has to succeed, then under the grader.

mod support;

use std::fs;
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use support::{compile, course, grader};
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
