//! Who grades, what they grade with, and where a hostile program lives.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::support::{self, Build, build, course, open_folder};

/// Who grades.
#[derive(Debug, Clone, Copy)]
pub enum Who {
    /// Whoever runs this test; as root, programs get a user of their own (T1).
    Us,
    /// A user without privileges (T0), with a grader and specs of their own.
    User(u32),
}

/// A number that nobody has on any distribution.
pub const USER: u32 = 61_999;

/// The grader and what it grades beside the hostile programs.
pub struct Course {
    who: Who,
    pub folder: TempDir,
    grader: PathBuf,
    pub honest: PathBuf,
}

impl Course {
    pub fn new(who: Who) -> Self {
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
    pub fn grading(&self, scenarios: &str, witnesses: &Path, program: &Path) -> Command {
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
    pub fn give(&self, folder: &Path) {
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

/// A hostile program at home: its own folder, and canaries around it.
pub struct Hostile {
    pub folder: TempDir,
    pub program: PathBuf,
}

impl Hostile {
    pub fn new(name: &str) -> Self {
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

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn start(&self, course: &Course, scenarios: &str) -> Child {
        let mut command = course.grading(scenarios, &self.path("witnesses"), &self.program);
        command
            .env("HOME", self.path("canaries/home"))
            .env("SECRET", "CANARY");
        command.spawn().expect("the grader can be run")
    }

    /// What is not as it was, of what stands around the program.
    pub fn canary_fault(&self) -> Option<String> {
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

pub fn compile(name: &str, folder: &Path, program: &Path) {
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
