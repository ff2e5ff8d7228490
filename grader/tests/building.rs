//! What a submission may do while it is looked through and built: nothing that
//! reaches beyond its folder, nothing that stays.

mod support;

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::time::{Duration, Instant};

use assert_cmd::Command;
use predicates::prelude::*;
use support::course;
use support::processes::processes;
use tempfile::TempDir;

const SECRET: &str = "the_secret_of_the_course";

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder for the test")
}

fn write(path: &Path, text: &str) {
    let folder = path.parent().expect("it is in a folder");
    fs::create_dir_all(folder).expect("the test's own");
    fs::write(path, text).expect("the test's own");
}

/// Grades `path` and gives the exit code and standard error.
fn graded(path: &Path) -> (Option<i32>, String) {
    let witnesses = folder();
    let graded = Command::new(env!("CARGO_BIN_EXE_grader"))
        .current_dir(course())
        .args(["grade", "--exercise", "forkwrite", "--only", "single"])
        .arg("--witness-dir")
        .arg(witnesses.path())
        .arg(path)
        .env_remove("CARGO_TARGET_DIR")
        .timeout(Duration::from_secs(300))
        .output()
        .expect("the grader can be run");
    let said = String::from_utf8_lossy(&graded.stderr).into_owned();
    (graded.status.code(), said)
}

fn refused(path: &Path, message: &str) -> String {
    let (code, said) = graded(path);
    assert_eq!(code, Some(5), "{said}");
    let expected = predicate::str::contains(message).and(predicate::str::contains("help: "));
    assert!(expected.eval(&said), "{message}: {said}");
    said
}

/// A package whose program is `main`.
fn package(main: &str) -> TempDir {
    let package = folder();
    let manifest = "[package]\nname = \"forkwrite\"\nversion = \"0.1.0\"\n\
                    edition = \"2024\"\n[workspace]\n";
    write(&package.path().join("Cargo.toml"), manifest);
    write(&package.path().join("src/main.rs"), main);
    package
}

fn makefile(rule: &str) -> TempDir {
    let folder = folder();
    write(
        &folder.path().join("Makefile"),
        &format!("forkwrite:\n{rule}"),
    );
    folder
}

#[test]
fn what_is_no_file_of_its_own_is_rejected() {
    let outside = folder();
    let secret = outside.path().join("secret");
    write(&secret, SECRET);
    type Make = fn(&Path, &Path);
    let kinds: [(&str, Make); 4] = [
        ("a symbolic link", |from, to| {
            symlink(from, to).expect("the test's own");
        }),
        ("a hard link", |from, to| {
            fs::hard_link(from, to).expect("the test's own");
        }),
        ("a FIFO", |_, to| {
            let mode = nix::sys::stat::Mode::S_IRWXU;
            nix::unistd::mkfifo(to, mode).expect("the test's own");
        }),
        ("a socket", |_, to| {
            UnixListener::bind(to).expect("the test's own");
        }),
    ];
    for (name, make) in kinds {
        let submission = package("fn main() {}\n");
        make(&secret, &submission.path().join("src/odd.rs"));
        refused(submission.path(), &format!("src/odd.rs is {}", part(name)));
    }
    // A link in place of the folder that the build writes to.
    let submission = package("fn main() {}\n");
    symlink(outside.path(), submission.path().join("target")).expect("the test's own");
    refused(submission.path(), "target is a symbolic link");
}

/// A hard link is told of by what it is: a file of several names.
fn part(name: &str) -> &str {
    match name {
        "a hard link" => "a file of 2 names",
        other => other,
    }
}

#[test]
fn a_build_script_is_refused() {
    let submission = package("fn main() {}\n");
    let mark = submission.path().join("ran");
    let script = format!("fn main() {{ std::fs::write({mark:?}, \"\").unwrap(); }}\n");
    write(&submission.path().join("build.rs"), &script);
    refused(submission.path(), "build script");
    assert!(!mark.exists());
}

#[test]
fn a_configuration_of_cargos_is_not_used() {
    let submission = package("fn main() {}\n");
    let mark = submission.path().join("ran");
    let wrapper = submission.path().join("wrapper");
    write(
        &wrapper,
        &format!("#!/bin/sh\ntouch {mark:?}\nexec \"$@\"\n"),
    );
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&wrapper, mode).expect("the test's own");
    let config = format!("[build]\nrustc-wrapper = {wrapper:?}\n");
    write(&submission.path().join(".cargo/config.toml"), &config);
    let (code, said) = graded(submission.path());
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains(".cargo/config.toml of the submission is not used"));
    assert!(!mark.exists());
}

#[test]
fn the_compiler_reads_nothing_outside() {
    let outside = folder();
    let secret = outside.path().join("secret.rs");
    write(&secret, SECRET);
    let solution = course().join("solution/src/lib.rs");
    for source in [
        format!("#[path = {secret:?}] mod secret;\nfn main() {{}}\n"),
        format!("const X: u32 = include_str!({secret:?});\nfn main() {{}}\n"),
        format!("#[path = {solution:?}] mod solution;\nfn main() {{}}\n"),
    ] {
        let submission = package(&source);
        let said = refused(submission.path(), "Permission denied");
        assert!(!said.contains(SECRET), "{said}");
    }
    // And so for make and what it starts.
    let submission = makefile(&format!("\tcat {}\n", secret.display()));
    let said = refused(submission.path(), "Permission denied");
    assert!(!said.contains(SECRET), "{said}");
}

#[test]
fn a_build_changes_nothing_outside_and_sees_no_environment() {
    let outside = folder();
    let mark = outside.path().join("mark");
    let submission = makefile(&format!("\tenv\n\techo > {}\n", mark.display()));
    let said = refused(submission.path(), "Permission denied");
    assert!(!mark.exists());
    assert!(!said.contains("CARGO_BIN_EXE"), "{said}");
    assert!(!said.contains("CARGO_PKG_NAME"), "{said}");
}

#[test]
fn a_daemon_of_the_build_ends_with_it() {
    // It is found again by how long it sleeps.
    let sleep = format!("5{}", std::process::id());
    let script = "printf '#!/bin/sh\\n' > forkwrite; chmod +x forkwrite";
    let submission = makefile(&format!(
        "\tsetsid sh -c 'sleep {sleep} & touch started; sleep {sleep}' &\n\
         \twhile ! test -e started; do :; done\n\t{script}\n"
    ));
    let start = Instant::now();
    let (code, said) = graded(submission.path());
    assert!(start.elapsed() < Duration::from_secs(200));
    assert!(submission.path().join("started").exists(), "{said}");
    assert_eq!(code, Some(1), "{said}");
    let left = processes().filter(|process| process.arguments() == ["sleep", &sleep]);
    assert_eq!(left.count(), 0);
}

#[test]
fn endless_output_is_capped() {
    let submission = makefile("\tyes | head -c 50000000 >&2; false\n");
    let said = refused(submission.path(), "more bytes)");
    assert!(said.len() < 4 << 20, "{} bytes", said.len());
}
