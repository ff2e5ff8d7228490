//! A class: each submission has its result, whatever becomes of the others,
//! and is graded again only if something has changed.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use support::{Build, build, course, grader};
use tempfile::TempDir;

/// A class of one scenario.
struct Class {
    folder: TempDir,
}

impl Class {
    /// `ada` has it right, `bob` (as an archive) wrong, `cy` does not build,
    /// `eve`'s archive leads out of her folder.
    fn new() -> Self {
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
        class.put("ada", "right/plain.c");
        class.put("bob-unpacked", "wrong/no_append.c");
        class.zip("bob-unpacked", "class/bob.zip", "forkwrite");
        class.write("class/cy/Makefile", "all:\n\tfalse\n");
        class.zip("bob-unpacked", "class/eve.zip", "../../forkwrite");
        class.write("class/notes.txt", "nobody's");
        class
    }

    fn path(&self, within: &str) -> PathBuf {
        self.folder.path().join(within)
    }

    fn write(&self, within: &str, text: &str) {
        let path = self.path(within);
        fs::create_dir_all(path.parent().expect("it has one")).expect("the test's own");
        fs::write(path, text).expect("the test's own");
    }

    /// A program of the corpus as somebody's submission; outside of the class
    /// if it is to be packed.
    fn put(&self, name: &str, source: &str) {
        let place = if name.contains('-') {
            name.to_owned()
        } else {
            format!("class/{name}")
        };
        let folder = self.path(&place);
        fs::create_dir_all(&folder).expect("the test's own");
        build(Path::new(source), Build::Cc, &folder.join("forkwrite"));
    }

    fn zip(&self, folder: &str, archive: &str, name: &str) {
        use std::io::Write;
        let file = fs::File::create(self.path(archive)).expect("the test's own");
        let mut writer = zip::ZipWriter::new(file);
        let options = zip::write::SimpleFileOptions::default().unix_permissions(0o755);
        writer.start_file(name, options).expect("a member");
        let program = fs::read(self.path(folder).join("forkwrite")).expect("it was built");
        writer.write_all(&program).expect("its content");
        writer.finish().expect("it can be closed");
    }

    fn grade(&self, arguments: &[&str]) -> (i32, String) {
        let output = grader()
            .arg("class")
            .arg(self.path("class"))
            .arg("--out")
            .arg(self.path("out"))
            .arg("--specs")
            .arg(self.path("specs"))
            .args(arguments)
            .output()
            .expect("the grader can be run");
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let said = String::from_utf8_lossy(&output.stderr);
        println!("{printed}{said}");
        (output.status.code().expect("it exits"), printed)
    }

    /// Each result without its times.
    fn results(&self) -> BTreeMap<String, serde_json::Value> {
        let entries = fs::read_dir(self.path("out")).expect("it is there");
        let files = entries.map(|entry| entry.expect("it can be read").path());
        let files = files.filter(|path| path.extension().is_some_and(|ending| ending == "json"));
        files
            .map(|path| {
                let text = fs::read_to_string(&path).expect("it can be read");
                let mut value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
                for result in value["results"].as_array_mut().expect("a list") {
                    for scenario in result["scenarios"].as_array_mut().expect("a list") {
                        scenario["duration_s"] = 0.into();
                    }
                }
                let name = path
                    .file_stem()
                    .expect("it has one")
                    .to_string_lossy()
                    .into_owned();
                (name, value)
            })
            .collect()
    }
}

#[test]
fn everybody_has_a_result_and_nothing_is_graded_twice() {
    let class = Class::new();
    let (code, printed) = class.grade(&[]);
    assert_eq!(code, 0, "{printed}");
    for line in [
        "ada  5 of 5",
        "bob  0 of 5",
        "cy   does not build or start",
        "eve  does not build or start",
        "not a submission: notes.txt",
        "4 submissions: 4 graded now, 0 as before",
    ] {
        assert!(printed.contains(line), "{line}: {printed}");
    }
    let first = class.results();
    assert_eq!(first.len(), 4);
    let message = first["eve"]["message"].as_str().expect("it says why");
    assert!(message.contains("leads out of the submission"), "{message}");
    assert!(!class.path("forkwrite").exists());

    let (_, printed) = class.grade(&["--jobs", "3"]);
    assert!(printed.contains("0 graded now, 4 as before"), "{printed}");
    assert_eq!(class.results(), first);

    class.put("ada", "wrong/no_append.c");
    let (_, printed) = class.grade(&[]);
    assert!(printed.contains("1 graded now, 3 as before"), "{printed}");
    assert!(
        printed.contains("ada: 5, now 0 (changed: the submission)"),
        "{printed}"
    );
    assert!(
        printed.contains("forkwrite single: pass, now fail"),
        "{printed}"
    );
}

#[test]
fn shards_give_what_the_whole_gives() {
    let class = Class::new();
    for shard in ["2/2", "1/2"] {
        assert_eq!(class.grade(&["--shard", shard]).0, 0);
    }
    let parts = class.results();
    fs::remove_dir_all(class.path("out")).expect("it is there");
    class.grade(&[]);
    assert_eq!(class.results(), parts);
}

#[test]
fn gradebooks_are_written() {
    let class = Class::new();
    let (canvas, moodle) = (class.path("canvas.csv"), class.path("moodle.csv"));
    let arguments = [
        "--title",
        "Processes (42)",
        "--canvas",
        canvas.to_str().expect("it is UTF-8"),
        "--moodle",
        moodle.to_str().expect("it is UTF-8"),
    ];
    assert_eq!(class.grade(&arguments).0, 0);
    let rows = |path: &Path| -> Vec<Vec<String>> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(path);
        let rows = reader.as_mut().expect("it is there").records();
        rows.map(|row| row.expect("it is CSV").iter().map(str::to_owned).collect())
            .collect()
    };
    let canvas = rows(&canvas);
    assert_eq!(canvas[0][5], "Processes (42)");
    assert_eq!(canvas[2], ["ada", "", "", "ada", "", "5"]);
    let moodle = rows(&moodle);
    assert_eq!(moodle[2], ["bob", "0", "lost: single"]);
    assert!(moodle[3][2].contains("does not build"), "{moodle:?}");
}
