//! Refusals that need more than one file, or no readable one.

use std::fs;
use std::path::Path;

use grader::spec::{Exercise, SpecError, exercises};
use tempfile::TempDir;

use crate::base::{GOOD, refusal};

const RUBRIC: &str = "\
format: 1
exercise: forkwrite
title: Whole records
program: forkwrite
max-points: 20
scenarios:
  - { id: short-writes, points: 20 }
";

/// A specs folder with one exercise of one scenario.
struct Specs(TempDir);

impl Specs {
    fn new() -> Self {
        let specs = Self(TempDir::new().expect("a folder"));
        fs::create_dir(specs.0.path().join("forkwrite")).expect("a folder");
        specs
            .write("rubric.yaml", RUBRIC)
            .write("short-writes.yaml", GOOD)
    }

    fn write(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        fs::write(self.file(name), text).expect("a file");
        self
    }

    fn rubric(self, from: &str, to: &str) -> Self {
        assert!(RUBRIC.contains(from), "{from:?} is not in the rubric");
        self.write("rubric.yaml", RUBRIC.replacen(from, to, 1))
    }

    fn folder(self, name: &str) -> Self {
        fs::remove_file(self.file(name)).expect("a file");
        fs::create_dir(self.file(name)).expect("a folder");
        self
    }

    fn file(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join("forkwrite").join(name)
    }

    fn load(&self) -> Result<Exercise, SpecError> {
        Exercise::load(self.0.path(), "forkwrite")
    }

    /// The error, as `FILE:LINE:COLUMN: MESSAGE`, and its help.
    fn refused(&self) -> (String, String) {
        let error = self.load().expect_err("it is spoilt");
        if let SpecError::Refused(inner) = &error {
            let name = inner
                .path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let (message, help) = refusal(error);
            return (format!("{name}:{message}"), help);
        }
        let text = error
            .to_string()
            .replace(&format!("{}/", self.0.path().display()), "");
        let (message, help) = text.split_once("\nhelp: ").expect("a help line");
        (message.to_owned(), help.to_owned())
    }
}

/// `name: specs folder, "message", "part of the help";`
macro_rules! refusals {
    ($($name:ident: $specs:expr, $message:expr, $help:expr;)+) => {$(
        #[test]
        fn $name() {
            let (message, help) = $specs.refused();
            assert_eq!(message, $message);
            assert!(help.contains($help), "help: {help}");
        }
    )+};
}

refusals! {
    rubric_of_another_exercise: Specs::new().rubric("exercise: forkwrite", "exercise: gate"), "rubric.yaml:2:11: exercise: the exercise is `gate`, but its folder is called forkwrite", "exercise: forkwrite";
    rubric_of_unknown_version: Specs::new().rubric("format: 1", "format: 7"), "rubric.yaml:1:9: format: version 7 of the format is unknown", "reads version 1";
    rubric_with_unknown_field: Specs::new().rubric("max-points", "max-point"), "rubric.yaml:5:1: max-point: unknown field", "did you mean `max-points`?";
    points_that_do_not_add_up: Specs::new().rubric("max-points: 20", "max-points: 25"), "rubric.yaml:5:13: max-points: is 25, but the scenarios below add up to 20", "correct the points";
    bonus_does_not_add: Specs::new().rubric("points: 20 }", "points: 20, bonus: true }"), "rubric.yaml:5:13: max-points: is 20, but the scenarios below add up to 0", "bonus scenarios do not count";
    id_twice: Specs::new().rubric("scenarios:", "scenarios:\n  - { id: short-writes, points: 0 }"), "rubric.yaml:8:11: scenarios[1].id: `short-writes` is also scenarios[0].id", "its own name";
    id_outside_the_folder: Specs::new().rubric("id: short-writes", "id: ../short-writes"), "rubric.yaml:7:11: scenarios[0].id: \"../short-writes\" is not a name", "hyphens";
    no_scenarios: Specs::new().rubric("scenarios:\n  - { id: short-writes, points: 20 }", "scenarios: []"), "rubric.yaml:6:12: scenarios: the list is empty", "at least 1";
    scenario_without_file: Specs::new().rubric("scenarios:", "scenarios:\n  - { id: single, points: 0 }"), "rubric.yaml:7:11: scenarios[0].id: there is no file single.yaml", "take this entry out";
    file_without_entry: Specs::new().write("single.yaml", ""), "rubric.yaml:6:1: scenarios: the file single.yaml is not in this list", "remove the file";
    file_with_short_suffix: Specs::new().write("single.yml", ""), "rubric.yaml:6:1: scenarios: the file single.yml is not in this list", "ID.yaml";
    points_that_differ: Specs::new().write("rubric.yaml", RUBRIC.replace("20", "15")), "short-writes.yaml:4:9: points: is 20 here and 15 in rubric.yaml", "the same points";
    program_that_differs: Specs::new().rubric("program: forkwrite", "program: gate"), "short-writes.yaml:5:10: program: is `forkwrite` here and `gate` in rubric.yaml", "the same program";
    empty_file: Specs::new().write("short-writes.yaml", ""), "short-writes.yaml:1:1: the file is empty", "specs/README.md";
    comment_only: Specs::new().write("short-writes.yaml", "# nothing yet\n"), "short-writes.yaml:1:1: the file is empty", "specs/README.md";
    plain_text: Specs::new().write("short-writes.yaml", "hello\n"), "short-writes.yaml:1:1: expected fields, got \"hello\"", "field: value";
    not_utf8: Specs::new().write("short-writes.yaml", b"format: 1\nid: \xff\n"), "short-writes.yaml:2:5: this byte is not UTF-8", "UTF-8";
    too_large: Specs::new().write("short-writes.yaml", vec![b'#'; (1 << 20) + 1]), "forkwrite/short-writes.yaml: is larger than 1048576 bytes", "times";
    a_folder_for_a_file: Specs::new().folder("short-writes.yaml"), "forkwrite/short-writes.yaml: is a folder", "YAML file";
}

#[test]
fn a_fifo_for_a_file_is_not_waited_for() {
    let specs = Specs::new();
    let path = specs.file("short-writes.yaml");
    fs::remove_file(&path).expect("a file");
    let made = std::process::Command::new("mkfifo")
        .arg(&path)
        .status()
        .expect("mkfifo");
    assert!(made.success());
    assert_eq!(
        specs.refused().0,
        "forkwrite/short-writes.yaml: is not a regular file"
    );
}

/// A link to itself: nobody can open it, not even root.
#[test]
fn unreadable_file() {
    let specs = Specs::new();
    let path = specs.file("short-writes.yaml");
    fs::remove_file(&path).expect("a file");
    std::os::unix::fs::symlink(&path, &path).expect("a link");
    let (message, help) = specs.refused();
    assert_eq!(
        message,
        "forkwrite/short-writes.yaml: cannot be read: too many levels of symbolic links"
    );
    assert!(help.contains("permissions"), "{help}");
}

#[test]
fn files_beside_the_scenarios_are_left_alone() {
    let specs = Specs::new()
        .write("README.md", "notes")
        .write(".hidden.yaml", "");
    if let Err(error) = specs.load() {
        panic!("{error}");
    }
}

#[test]
fn unknown_exercise() {
    let specs = Specs::new();
    let error = Exercise::load(specs.0.path(), "forkwrit").expect_err("no such exercise");
    let text = error.to_string();
    assert!(text.starts_with("no exercise `forkwrit` in "), "{text}");
    assert!(
        text.ends_with("help: did you mean `forkwrite`? there are: forkwrite"),
        "{text}"
    );
    for name in ["", ".", "..", "../specs", "/"] {
        assert!(Exercise::load(specs.0.path(), name).is_err(), "{name}");
    }
}

#[test]
fn no_specs_folder() {
    let error = exercises(Path::new("/no/such/folder")).expect_err("no such folder");
    assert_eq!(
        error.to_string(),
        "/no/such/folder: cannot be read as a folder: no such file or directory\n\
         help: name the folder that holds the exercises with --specs FOLDER"
    );
}
