//! What is in `specs/`.

use std::path::{Path, PathBuf};

use grader::spec::load::find_specs_from;
use grader::spec::types::{FileKind, Rule};
use grader::spec::{Exercise, exercises, schema};

use crate::base;

fn specs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs")
}

#[test]
fn every_exercise_loads() {
    let names = exercises(&specs()).expect("specs/ is there");
    assert!(names.contains(&"forkwrite".to_owned()));
    for name in names {
        if let Err(error) = Exercise::load(&specs(), &name) {
            panic!("{error}");
        }
    }
}

#[test]
fn forkwrite_has_the_points_of_the_design() {
    let exercise = Exercise::load(&specs(), "forkwrite").expect("it loads");
    let given: Vec<_> = exercise
        .scenarios
        .iter()
        .map(|scenario| (scenario.id.as_str(), scenario.points))
        .collect();
    let fixed = [
        ("single", 5),
        ("interleavings", 20),
        ("short-writes", 20),
        ("interrupted", 15),
        ("many-writers", 10),
        ("slow-pipe", 5),
        ("shared-mutex", 15),
        ("disk-full", 5),
        ("clean-exit", 5),
        ("holder-killed", 10),
    ];
    assert_eq!(given, fixed);
}

#[test]
fn three_hints_a_scenario() {
    for name in ["forkwrite", "gate", "rendezvous", "relay"] {
        let exercise = Exercise::load(&specs(), name).expect("it loads");
        for scenario in exercise.scenarios {
            assert_eq!(scenario.hints.len(), 3, "{name}: {}", scenario.id);
            for hint in scenario.hints {
                assert!(hint.contains('?'), "a hint is a question: {hint}");
                assert!(!hint.contains('\n'), "a hint is one paragraph: {hint}");
            }
        }
    }
}

/// Whole line and a half: the first record must fit, whichever it is.
#[test]
fn disk_full_cuts_the_second_record_in_the_middle() {
    let exercise = Exercise::load(&specs(), "forkwrite").expect("it loads");
    let cases = exercise
        .scenarios
        .iter()
        .flat_map(|scenario| &scenario.cases);
    for case in cases.filter(|case| case.file.kind == FileKind::Limited) {
        let limit = case.file.limit_bytes.expect("a limit");
        let content = case.file.content().len() as u64;
        let lines: Vec<u64> = case
            .records()
            .iter()
            .map(|record| record.len() as u64 + 1)
            .collect();
        assert_eq!(lines, [41, 41]);
        assert_eq!(limit, content + 41 + 20);
        assert!(case.oracle(Rule::RecordsUntilFull).is_some());
    }
}

#[test]
fn records_and_arguments_of_a_case() {
    let scenario = base::parse(base::GOOD).expect("it is good");
    let case = &scenario.cases[0];
    let (a, b) = ("a".repeat(12), "b".repeat(20));
    assert_eq!(case.records(), [a.as_bytes(), b.as_bytes()]);
    assert_eq!(case.arguments("out.txt"), ["out.txt", &a, &b]);
}

/// With a byte-order mark and with Windows line ends.
#[test]
fn files_from_other_systems_are_read() {
    let good = base::parse(base::GOOD).expect("it is good");
    let text = format!("\u{feff}{}", base::GOOD.replace('\n', "\r\n"));
    match base::parse(&text) {
        Ok(scenario) => assert_eq!(scenario, good),
        Err(error) => panic!("{error}"),
    }
}

/// The types made them; `UPDATE_SCHEMA=1` makes them anew.
#[test]
fn schema_files_are_current() {
    for (name, text) in schema::files() {
        let path = specs().join(name);
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::write(&path, &text).expect("specs/ can be written");
        }
        let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
        // As values: the order of keys depends on features that other crates
        // may turn on.
        let same = json(&checked_in).is_some_and(|value| Some(value) == json(&text));
        assert!(
            same,
            "specs/{name} is not current: run UPDATE_SCHEMA=1 cargo test -p grader --test spec"
        );
    }
}

fn json(text: &str) -> Option<serde_json::Value> {
    serde_json::from_str(text).ok()
}

/// Editors find the schema by a file's first line.
#[test]
fn every_file_names_its_schema() {
    for name in exercises(&specs()).expect("specs/ is there") {
        let folder = specs().join(name);
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.extension().is_none_or(|extension| extension != "yaml") {
                continue;
            }
            let schema = if path.ends_with("rubric.yaml") {
                "rubric"
            } else {
                "scenario"
            };
            let line = format!("# yaml-language-server: $schema=../{schema}.schema.json\n");
            let text = std::fs::read_to_string(&path).expect("a text");
            assert!(text.starts_with(&line), "{}", path.display());
        }
    }
}

/// The worked example in specs/README.md is a scenario.
#[test]
fn the_example_of_the_readme_is_accepted() {
    let readme = std::fs::read_to_string(specs().join("README.md")).expect("a text");
    let example = readme
        .split("```yaml\n")
        .skip(1)
        .filter_map(|block| block.split("```").next())
        .find(|block| block.contains("id: long-lines"))
        .expect("an example");
    let path = Path::new("long-lines.yaml");
    if let Err(error) = grader::spec::Scenario::parse(path, example) {
        panic!("{error}");
    }
}

/// Every field of the types is in a table of specs/README.md.
#[test]
fn the_readme_names_every_field() {
    let readme = std::fs::read_to_string(specs().join("README.md")).expect("a text");
    for (_, text) in schema::files() {
        let schema: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let definitions = schema["$defs"].as_object().expect("definitions");
        for part in definitions.values().chain([&schema]) {
            let fields = part["properties"].as_object().into_iter().flatten();
            let words = part["oneOf"].as_array().into_iter().flatten();
            let words = words.filter_map(|word| word["const"].as_str());
            for name in fields.map(|(name, _)| name.as_str()).chain(words) {
                assert!(readme.contains(&format!("`{name}`")), "`{name}` is missing");
            }
        }
    }
}

#[test]
fn the_nearest_specs_folder_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let below = folder.path().join("a/b");
    let exercise = folder.path().join("specs/forkwrite");
    for path in [&below, &exercise, &folder.path().join("a/specs")] {
        std::fs::create_dir_all(path).expect("a folder");
    }
    std::fs::write(exercise.join("rubric.yaml"), "").expect("a file");
    // a/specs is nearer, but somebody else's: there is no exercise in it.
    let found = find_specs_from(None, &below).expect("it is there");
    assert_eq!(found, folder.path().join("specs"));
    let option = folder.path().join("a/specs");
    assert_eq!(
        find_specs_from(Some(&option), &below).expect("as told"),
        option
    );
}

#[test]
fn without_a_specs_folder_the_one_of_the_source_is_used() {
    let found = find_specs_from(None, Path::new("/")).expect("it is there");
    assert_eq!(found, specs().canonicalize().expect("it is there"));
}
