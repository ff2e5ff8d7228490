//! A small class, and its results.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::{Build, build, course, grader};

/// A class of one scenario, in the folder `class`.
pub struct Class {
    folder: TempDir,
}

impl Class {
    /// `ada` has it right, `bob` (as an archive) wrong, `cy` does not build,
    /// `eve`'s archive leads out of her folder.
    pub fn new() -> Self {
        let class = Self::empty();
        class.put("ada", "right/plain.c");
        class.put("bob-unpacked", "wrong/no_append.c");
        class.zip("bob-unpacked", "class/bob.zip", "forkwrite");
        class.write("class/cy/Makefile", "all:\n\tfalse\n");
        class.zip("bob-unpacked", "class/eve.zip", "../../forkwrite");
        class.write("class/notes.txt", "nobody's");
        class
    }

    /// Nobody yet.
    pub fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let class = Self { folder };
        let specs = class.path("specs/forkwrite");
        fs::create_dir_all(&specs).expect("the test's own");
        let original = course().join("specs/forkwrite");
        fs::copy(original.join("single.yaml"), specs.join("single.yaml")).expect("it is there");
        class.write(
            "specs/forkwrite/rubric.yaml",
            "format: 1\nexercise: forkwrite\ntitle: One\nprogram: forkwrite\nmax-points: 5\n\
             scenarios:\n  - { id: single, points: 5 }\n",
        );
        class
    }

    /// A path in the test's folder.
    pub fn path(&self, within: &str) -> PathBuf {
        self.folder.path().join(within)
    }

    /// Writes a file in the test's folder.
    pub fn write(&self, within: &str, text: &str) {
        let path = self.path(within);
        fs::create_dir_all(path.parent().expect("it has one")).expect("the test's own");
        fs::write(path, text).expect("the test's own");
    }

    /// A program of the corpus as somebody's submission; outside of the class
    /// if it is to be packed.
    pub fn put(&self, name: &str, source: &str) {
        let place = if name.contains('-') {
            name.to_owned()
        } else {
            format!("class/{name}")
        };
        let folder = self.path(&place);
        fs::create_dir_all(&folder).expect("the test's own");
        build(Path::new(source), Build::Cc, &folder.join("forkwrite"));
    }

    /// Packs a folder's program as this member of an archive.
    pub fn zip(&self, folder: &str, archive: &str, name: &str) {
        use std::io::Write;
        let file = fs::File::create(self.path(archive)).expect("the test's own");
        let mut writer = zip::ZipWriter::new(file);
        let options = zip::write::SimpleFileOptions::default().unix_permissions(0o755);
        writer.start_file(name, options).expect("a member");
        let program = fs::read(self.path(folder).join("forkwrite")).expect("it was built");
        writer.write_all(&program).expect("its content");
        writer.finish().expect("it can be closed");
    }

    /// Grades it to the folder `out`.
    pub fn grade(&self, arguments: &[&str]) -> (i32, String) {
        self.grade_to("out", arguments)
    }

    /// Grades it to this folder.
    pub fn grade_to(&self, out: &str, arguments: &[&str]) -> (i32, String) {
        let mut command = grader();
        command.arg("class").arg(self.path("class"));
        command.arg("--out").arg(self.path(out));
        command.arg("--specs").arg(self.path("specs"));
        ran(command.args(arguments))
    }

    /// The results in the folder `out`.
    pub fn results(&self) -> BTreeMap<String, Value> {
        results(&self.path("out"))
    }
}

/// A command's exit code, and what it printed.
pub fn ran(command: &mut Command) -> (i32, String) {
    let output = command.output().expect("the grader can be run");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = String::from_utf8_lossy(&output.stderr);
    println!("{printed}{said}");
    (
        output.status.code().expect("it exits"),
        format!("{printed}{said}"),
    )
}

/// Each result in a folder without its times, and with its witnesses, which
/// have to be there, by their place in that folder.
pub fn results(folder: &Path) -> BTreeMap<String, Value> {
    let entries = fs::read_dir(folder).expect("it is there");
    let files = entries.map(|entry| entry.expect("it can be read").path());
    let files = files.filter(|path| path.extension().is_some_and(|ending| ending == "json"));
    files
        .map(|path| {
            let text = fs::read_to_string(&path).expect("it can be read");
            let mut value: Value = serde_json::from_str(&text).expect("JSON");
            for result in list(&mut value, "results") {
                for scenario in list(result, "scenarios") {
                    scenario["duration_s"] = 0.into();
                    for finding in list(scenario, "findings") {
                        let witness = PathBuf::from(finding["witness"].as_str().expect("a path"));
                        assert!(witness.exists(), "{}", witness.display());
                        let within = witness.strip_prefix(folder).expect("it is moved along");
                        finding["witness"] = within.to_str().expect("UTF-8").into();
                    }
                }
            }
            let name = path.file_stem().expect("it has one");
            (name.to_string_lossy().into_owned(), value)
        })
        .collect()
}

fn list<'a>(value: &'a mut Value, field: &str) -> &'a mut Vec<Value> {
    value[field].as_array_mut().expect("a list")
}
