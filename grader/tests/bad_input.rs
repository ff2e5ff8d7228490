//! Bad input of every kind: a clear error, the documented exit code, nothing
//! left running.

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use assert_cmd::Command;
use predicates::prelude::*;
use support::processes::processes;
use support::{Build, build, course};
use tempfile::TempDir;

fn grader() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_grader"));
    command.current_dir(course());
    command
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder for the test")
}

fn executable(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).expect("the test's own folder");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("the test's own file");
}

/// Grades `path` and expects `code` and, on standard error, `message` and
/// what to do about it.
fn refused(path: &Path, arguments: &[&str], code: i32, message: &str) {
    grader()
        .args(["grade", "--witness-dir"])
        .arg(folder().path())
        .args(arguments)
        .arg(path)
        .assert()
        .code(code)
        .stderr(predicate::str::contains(message).and(predicate::str::contains("help: ")));
}

/// A right program of the corpus.
fn right(folder: &TempDir) -> PathBuf {
    let program = folder.path().join("forkwrite");
    build(Path::new("right/plain.c"), Build::Cc, &program);
    program
}

#[test]
fn a_submission_that_is_not_there() {
    refused(Path::new("no/such/program"), &[], 5, "does not start");
}

#[test]
fn a_file_that_is_no_program() {
    let folder = folder();
    let text = folder.path().join("forkwrite");
    fs::write(&text, "hello\n").expect("the test's own folder");
    refused(&text, &[], 5, "does not start");
    executable(&text, b"hello\n");
    refused(&text, &[], 5, "does not start");
    // Another machine's program: e_machine is at offset 18 (elf(5)).
    let mut elf = fs::read("/bin/true").expect("every machine has it");
    elf[18] = 0xb7;
    executable(&text, &elf);
    refused(&text, &[], 5, "does not start");
}

#[test]
fn a_program_that_needs_an_absent_library() {
    let folder = folder();
    let in_folder = |name: &str| folder.path().join(name);
    fs::write(in_folder("lib.c"), "int f(void) { return 0; }\n").expect("the test's own");
    fs::write(
        in_folder("main.c"),
        "int f(void); int main(void) { return f(); }\n",
    )
    .expect("the test's own");
    let cc = |arguments: &[&str]| {
        let mut command = std::process::Command::new("cc");
        let status = command.args(arguments).current_dir(folder.path()).status();
        assert!(status.expect("there is a C compiler").success());
    };
    cc(&["-shared", "-fPIC", "-o", "libabsent.so", "lib.c"]);
    cc(&["-o", "forkwrite", "main.c", "-L.", "-labsent"]);
    fs::remove_file(in_folder("libabsent.so")).expect("the test's own");
    refused(&in_folder("forkwrite"), &[], 5, "libabsent.so");
}

#[test]
fn a_program_that_exits_at_once_loses_its_marks() {
    grader()
        .args(["grade", "/bin/true", "--only", "single", "--witness-dir"])
        .arg(folder().path())
        .assert()
        .code(1)
        .stdout(predicate::str::contains("missing"));
}

#[test]
fn a_package_or_makefile_that_does_not_build() {
    let package = folder();
    fs::create_dir(package.path().join("src")).expect("the test's own");
    let manifest = "[package]\nname = \"p\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
                    [[bin]]\nname = \"forkwrite\"\npath = \"src/main.rs\"\n[workspace]\n";
    fs::write(package.path().join("Cargo.toml"), manifest).expect("the test's own");
    fs::write(package.path().join("src/main.rs"), "fn main() { oops }\n").expect("the test's own");
    refused(package.path(), &[], 5, "oops");
    let makefile = folder();
    fs::write(makefile.path().join("Makefile"), "all:\n\tfalse\n").expect("the test's own");
    refused(makefile.path(), &[], 5, "does not build");
}

#[test]
fn arguments_that_make_no_sense() {
    let folder = folder();
    let program = right(&folder);
    refused(&program, &["--only", "nonsense"], 4, "slow-pipe");
    refused(&program, &["--exercise", "nonsense"], 4, "forkwrite");
    for arguments in [
        &["grade"][..],
        &["grade", "x", "--format", "nonsense"],
        &["nonsense"],
        &[],
    ] {
        grader().args(arguments).assert().code(2);
    }
}

/// A copy of the specs with `from` in `single.yaml` replaced.
fn broken_specs(from: &str, to: &str) -> TempDir {
    let copy = folder();
    let exercise = copy.path().join("forkwrite");
    fs::create_dir(&exercise).expect("the test's own");
    for entry in fs::read_dir(course().join("specs/forkwrite")).expect("the course has specs") {
        let entry = entry.expect("they can be read");
        fs::copy(entry.path(), exercise.join(entry.file_name())).expect("the test's own");
    }
    let single = exercise.join("single.yaml");
    let text = fs::read_to_string(&single).expect("just copied");
    assert!(text.contains(from), "{from}");
    fs::write(single, text.replacen(from, to, 1)).expect("the test's own");
    copy
}

#[test]
fn specs_that_cannot_be_used() {
    let folder = folder();
    let program = right(&folder);
    let cases = [
        ("points: 5", "points: five", "single.yaml:"),
        ("points: 5", "points: 6", "points"),
        ("points: 5", "points: 5\nmarks: 5", "marks"),
        ("format: 1", "format: 2", "format"),
        ("title:", "title: [", "single.yaml:"),
    ];
    for (from, to, message) in cases {
        let specs = broken_specs(from, to);
        let specs_path = specs.path().to_string_lossy().into_owned();
        refused(&program, &["--specs", &specs_path], 3, message);
    }
    let specs = broken_specs("format: 1", "format: 1");
    let single = specs.path().join("forkwrite/single.yaml");
    let specs_path = specs.path().to_string_lossy().into_owned();
    fs::write(&single, b"\xff\xfe").expect("the test's own");
    refused(&program, &["--specs", &specs_path], 3, "single.yaml");
    fs::remove_file(&single).expect("the test's own");
    refused(&program, &["--specs", &specs_path], 3, "single.yaml");
    fs::create_dir(&single).expect("the test's own");
    refused(&program, &["--specs", &specs_path], 3, "single.yaml");
}

#[test]
fn witnesses_that_cannot_be_used() {
    let folder = folder();
    let right = right(&folder);
    let wrong = folder.path().join("wrong");
    build(Path::new("wrong/no_loop.c"), Build::Cc, &wrong);
    grader()
        .args(["grade", "--only", "short-writes", "--witness-dir"])
        .arg(folder.path())
        .arg(&wrong)
        .assert()
        .code(1);
    let witness = folder.path().join("short-writes.witness");
    let replay =
        |witness: &Path, program: &Path| grader().arg("replay").arg(witness).arg(program).assert();
    replay(&witness, &wrong)
        .code(1)
        .stdout(predicate::str::starts_with("reproduced"));
    let another = replay(&witness, &right);
    let code = another.get_output().status.code();
    // Gone, or a schedule that does not fit; never the grader's fault.
    assert!(matches!(code, Some(0 | 3)), "{another}");
    replay(&witness, Path::new("/bin/true"))
        .code(3)
        .stderr(predicate::str::contains(
            "not the one that the witness was made with",
        ));
    let text = fs::read_to_string(&witness).expect("it was just written");
    let spoilt = [
        text.replace("witness: 1", "witness: 99"),
        text.replace("P0 | ", "Q0 | "),
        "nonsense\n".to_owned(),
        String::new(),
        text[..text.len() / 2].to_owned(),
    ];
    for spoilt in spoilt {
        let path = folder.path().join("spoilt.witness");
        fs::write(&path, spoilt).expect("the test's own");
        replay(&path, &wrong)
            .code(3)
            .stderr(predicate::str::contains("help: "));
    }
    replay(Path::new("no/such.witness"), &wrong).code(3);
}

#[test]
fn nobody_reads_the_report() {
    let folder = folder();
    let program = right(&folder);
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_grader"))
        .current_dir(course())
        .args(["grade", "--only", "single", "--witness-dir"])
        .arg(folder.path())
        .arg(&program)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the grader can be run");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn nothing_is_left_running() {
    let folder = folder();
    let daemon = folder.path().join("daemon");
    build(Path::new("wrong/daemon.c"), Build::Cc, &daemon);
    grader()
        .args(["grade", "--only", "clean-exit,slow-pipe", "--witness-dir"])
        .arg(folder.path())
        .arg(&daemon)
        .assert()
        .code(1);
    // What runs this program would have it as its executable.
    let left = processes().filter(|process| process.program() == daemon);
    assert_eq!(left.count(), 0);
}

/// A grader with a folder for temporary files that the test can look into.
fn grader_with_temporary(temporary: &TempDir) -> Command {
    let mut command = grader();
    command.env("TMPDIR", temporary.path());
    command
}

fn assert_empty(folder: &TempDir) {
    let left: Vec<_> = fs::read_dir(folder.path())
        .expect("it is still there")
        .map(|entry| entry.expect("it can be read").path())
        .collect();
    assert_eq!(left, Vec::<PathBuf>::new());
}

#[test]
fn a_refusal_leaves_no_temporary_file() {
    let (temporary, folder) = (self::folder(), folder());
    let text = folder.path().join("forkwrite");
    executable(&text, b"hello\n");
    let makefile = self::folder();
    let rule = "all:\n\techo the reason >&2; false\n";
    fs::write(makefile.path().join("Makefile"), rule).expect("the test's own");
    for (path, message) in [
        (Path::new("no/such/program"), "no such file or folder"),
        (&text, "begins with `#!`"),
        (makefile.path(), "the reason"),
    ] {
        grader_with_temporary(&temporary)
            .arg("grade")
            .arg(path)
            .assert()
            .code(5)
            .stderr(predicate::str::contains(message).and(predicate::str::contains("help: ")));
        assert_empty(&temporary);
    }
}

#[test]
fn a_compiler_has_its_say() {
    let package = folder();
    fs::create_dir(package.path().join("src")).expect("the test's own");
    let manifest = "[package]\nname = \"forkwrite\"\nversion = \"0.1.0\"\n\
                    edition = \"2024\"\n[workspace]\n";
    fs::write(package.path().join("Cargo.toml"), manifest).expect("the test's own");
    fs::write(package.path().join("src/main.rs"), "fn main() { oops }\n").expect("the test's own");
    let message = "cannot find value `oops`";
    refused(package.path(), &[], 5, message);
}

#[test]
fn a_spec_error_shows_the_place() {
    let folder = folder();
    let program = right(&folder);
    for (from, to, place) in [
        ("points: 5", "points: five", "forkwrite/single.yaml:"),
        ("format: 1", "format: 2", "forkwrite/single.yaml:"),
        ("points: 5", "points: 5\nmarks: 5", "forkwrite/single.yaml:"),
    ] {
        let specs = broken_specs(from, to);
        let lines = to.lines().last().expect("it is not empty");
        let shown = predicate::str::is_match(format!(r"{}\d+:\d+", place.replace('.', r"\.")))
            .expect("a regular expression");
        grader()
            .args(["grade", "--specs"])
            .arg(specs.path())
            .arg(&program)
            .assert()
            .code(3)
            .stderr(shown)
            .stderr(predicate::str::contains(lines))
            .stderr(predicate::str::contains("^"))
            .stderr(predicate::str::contains("help: "));
    }
}

#[test]
fn what_is_not_known_is_answered_with_what_is() {
    let folder = folder();
    let program = right(&folder);
    for id in support::SCENARIOS {
        refused(&program, &["--only", "nonsense"], 4, id);
    }
    grader()
        .args(["grade", "x", "--format", "nonsense"])
        .assert()
        .code(2)
        .stderr(predicate::str::contains("terminal").and(predicate::str::contains("json")));
    let usage = predicate::str::contains("Usage:");
    grader().assert().code(2).stderr(usage);
}

#[test]
fn a_witness_after_the_repair() {
    let folder = folder();
    let program = folder.path().join("forkwrite");
    build(Path::new("wrong/no_loop.c"), Build::Cc, &program);
    grader()
        .args(["grade", "--only", "short-writes", "--witness-dir"])
        .arg(folder.path())
        .arg(&program)
        .assert()
        .code(1);
    right(&folder);
    // No path: the witness names the program, which is another one by now.
    let replayed = grader()
        .arg("replay")
        .arg(folder.path().join("short-writes.witness"))
        .assert();
    let code = replayed.get_output().status.code();
    assert!(matches!(code, Some(0 | 3)), "{replayed}");
}

#[test]
fn bytes_that_are_no_witness() {
    let folder = folder();
    let program = right(&folder);
    let path = folder.path().join("spoilt.witness");
    for bytes in [&b""[..], b"\xff\xfe\0", b"[1, 2", b"witness: 99\n"] {
        fs::write(&path, bytes).expect("the test's own");
        grader()
            .arg("replay")
            .args([&path, &program])
            .assert()
            .code(3)
            .stderr(predicate::str::contains("help: "));
    }
}

#[test]
fn a_report_where_nothing_can_be_written() {
    let folder = folder();
    let program = right(&folder);
    let report = format!("junit={}/report", program.display());
    let arguments = ["--only", "single", "--report", &report];
    refused(&program, &arguments, 2, "cannot write the report");
}

#[test]
fn nobody_reads_any_report() {
    let folder = folder();
    let program = folder.path().join("wrong");
    build(Path::new("wrong/newline_missing.c"), Build::Cc, &program);
    let program = program.to_string_lossy().into_owned();
    let witnesses = folder.path().to_string_lossy().into_owned();
    let grade = ["grade", "--only", "single", "--witness-dir", &witnesses];
    let witness = format!("{witnesses}/single.witness");
    for (arguments, code) in [
        ([&grade[..], &[&program]].concat(), 1),
        ([&grade[..], &["--format", "json", &program]].concat(), 1),
        (vec!["replay", &witness], 1),
        (vec!["list"], 0),
        (vec!["--help"], 0),
    ] {
        let (reader, writer) = std::io::pipe().expect("there are descriptors left");
        drop(reader);
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_grader"))
            .current_dir(course())
            .args(&arguments)
            .stdout(writer)
            .stderr(Stdio::piped())
            .spawn()
            .and_then(std::process::Child::wait_with_output)
            .expect("the grader can be run");
        let messages = String::from_utf8_lossy(&output.stderr);
        assert!(!messages.contains("panicked"), "{arguments:?}: {messages}");
        assert_eq!(
            output.status.code(),
            Some(code),
            "{arguments:?}: {messages}"
        );
    }
}

#[test]
fn a_path_with_spaces() {
    let (temporary, folder) = (self::folder(), folder());
    let with_spaces = folder.path().join("a folder  of mine");
    fs::create_dir(&with_spaces).expect("the test's own");
    let program = with_spaces.join("fork write");
    build(Path::new("wrong/newline_missing.c"), Build::Cc, &program);
    let witnesses = with_spaces.join("my witnesses");
    let graded = grader_with_temporary(&temporary)
        .env_remove("CARGO")
        .args(["grade", "--only", "single", "--witness-dir"])
        .arg(&witnesses)
        .arg(&program)
        .assert()
        .code(1);
    assert_empty(&temporary);
    // The command as it is printed, given to a shell.
    let report = String::from_utf8_lossy(&graded.get_output().stdout).into_owned();
    let replay = report
        .lines()
        .find_map(|line| line.trim_start().strip_prefix("replay "))
        .unwrap_or_else(|| panic!("no command to replay: {report}"));
    Command::new("sh")
        .args(["-c", replay])
        .current_dir(course())
        .assert()
        .code(1)
        .stdout(predicate::str::starts_with("reproduced"));
}
