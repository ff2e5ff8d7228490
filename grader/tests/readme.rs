//! What the documents say is so: the test command, the links, the starter
//! that builds alone, the points that the student is told of.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde::Deserialize;
use support::{course, grader};
use tempfile::TempDir;

/// The most that the starter may get, as handed out.
const STARTER_SCORE_MAX: u64 = 10;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Rubric {
    max_points: u32,
    scenarios: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    id: String,
    points: u32,
    #[serde(default)]
    bonus: bool,
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What a command printed; it has to have ended well.
fn printed(output: &Output) -> String {
    let messages = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {messages}", output.status);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Copies a folder, without what cargo has built in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).expect("the test's own folder");
    for entry in fs::read_dir(from).expect("a folder of the course") {
        let entry = entry.expect("a folder of the course");
        let target = to.join(entry.file_name());
        if entry.file_name() == "target" {
            continue;
        }
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a file of the course");
        }
    }
}

/// The starter alone, in a folder that is no part of this workspace.
fn starter_alone() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let starter = folder.path().join("starter");
    copy(&course().join("starter"), &starter);
    (folder, starter)
}

/// Lines of a Markdown text that are not in a block of code.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut in_code = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        in_code ^= fence;
        !in_code && !fence
    })
}

/// The relative links of a Markdown text, without their fragments.
fn links(text: &str) -> Vec<&str> {
    prose(text)
        .flat_map(|line| line.split("](").skip(1))
        .filter_map(|rest| rest.split([')', ' ', '#']).next())
        .filter(|link| !link.is_empty() && !link.contains(':'))
        .collect()
}

/// The documents whose links are looked at.
fn documents() -> Vec<PathBuf> {
    let briefs = BRIEFS.iter().map(|(_, brief)| *brief);
    let others = [
        "README.md",
        "specs/README.md",
        "grader/deploy/kubernetes/README.md",
        "grader/deploy/slurm/README.md",
    ];
    let mut documents: Vec<PathBuf> = others
        .into_iter()
        .chain(briefs)
        .map(|name| course().join(name))
        .collect();
    let entries = fs::read_dir(course().join("grader")).expect("the grader's folder");
    let paths = entries.map(|entry| entry.expect("the grader's folder").path());
    documents.extend(paths.filter(|path| path.extension().is_some_and(|end| end == "md")));
    documents
}

/// The exercises with their briefs.
const BRIEFS: [(&str, &str); 4] = [
    ("forkwrite", "starter/README.md"),
    ("gate", "starter/briefs/gate.md"),
    ("rendezvous", "starter/briefs/rendezvous.md"),
    ("relay", "starter/briefs/relay.md"),
];

/// The points that a brief names for each scenario, `bonus 10` as it stands
/// there.
fn briefed(brief: &str) -> Vec<(String, String)> {
    let text = read(&course().join(brief));
    let rows = text.lines().filter_map(|line| {
        let mut cells = line.strip_prefix('|')?.split('|').map(str::trim);
        let id = cells.next()?.strip_prefix('`')?.strip_suffix('`')?;
        let points = cells.next()?;
        let number = points.trim_start_matches("bonus ");
        number.parse::<u32>().ok()?;
        Some((id.to_owned(), points.to_owned()))
    });
    rows.collect()
}

#[test]
fn ci_runs_the_test_command_of_the_readme() {
    let script = read(&course().join(".ci/run"));
    let (_, rest) = script
        .split_once("test_command=$(awk '")
        .expect("the script takes the command with awk");
    let (program, _) = rest.split_once("' README.md)").expect("out of README.md");
    let output = Command::new("awk")
        .arg(program)
        .arg("README.md")
        .current_dir(course())
        .output();
    let extracted = printed(&output.expect("there is awk"));

    let readme = read(&course().join("README.md"));
    let (_, after) = readme
        .split_once("<!-- test command -->\n```sh\n")
        .expect("README.md has a test command");
    let (block, _) = after.split_once("```").expect("its block ends");
    assert_eq!(extracted, block);
    assert!(block.starts_with("cargo test "), "{block}");
    assert!(script.contains("-c \"$test_command\""), "it is run");
}

#[test]
fn every_relative_link_leads_somewhere() {
    let mut broken = Vec::new();
    let mut looked_at = 0;
    for document in documents() {
        let text = read(&document);
        let folder = document.parent().expect("it is in a folder");
        for link in links(&text) {
            looked_at += 1;
            if !folder.join(link).exists() {
                broken.push(format!("{}: {link}", document.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(looked_at > 0, "no link was found");
}

#[test]
fn the_starter_alone_builds_and_still_has_everything_to_do() {
    let (folder, starter) = starter_alone();
    let output = Command::new(env!("CARGO"))
        .args(["build", "--offline"])
        .current_dir(&starter)
        .env("CARGO_TARGET_DIR", folder.path().join("target"))
        .output()
        .expect("there is cargo");
    printed(&output);
    let messages = String::from_utf8_lossy(&output.stderr);
    assert!(!messages.contains("warning"), "{messages}");
    assert!(folder.path().join("target/debug/forkwrite").exists());

    // The places that the brief's table of TODOs names.
    let readme = read(&starter.join("README.md"));
    let rows = readme.lines().filter_map(|line| {
        let mut cells = line.strip_prefix('|')?.split('|').map(str::trim);
        Some((cells.next()?.parse::<u32>().ok()?, cells.next()?))
    });
    let mut numbers = Vec::new();
    for (number, places) in rows {
        numbers.push(number);
        for place in places.split(", ").map(|place| place.trim_matches('`')) {
            let source = read(&starter.join(place));
            let comments = source.lines().map(str::trim_start);
            let mut todos = comments.filter_map(|line| line.strip_prefix("// TODO "));
            let named = |todo: &str| {
                let digits = |c: char| !c.is_ascii_digit();
                let until = todo.find(['(', ',', ':']).unwrap_or(todo.len());
                todo[..until]
                    .split(digits)
                    .any(|word| word.parse() == Ok(number))
            };
            assert!(todos.any(named), "{place} has no TODO {number}");
        }
    }
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn each_brief_names_the_points_of_its_rubric() {
    for (exercise, brief) in BRIEFS {
        names_the_points(exercise, brief);
    }
}

fn names_the_points(exercise: &str, path: &str) {
    let text = read(&course().join(format!("specs/{exercise}/rubric.yaml")));
    let rubric: Rubric = serde_yaml::from_str(&text).expect("the rubric can be read");
    let (bonus, counted): (Vec<_>, Vec<_>) = rubric.scenarios.iter().partition(|e| e.bonus);
    let plain = |entry: &&Entry| (entry.id.clone(), entry.points.to_string());
    let briefed = briefed(path);
    let (extra, told): (Vec<_>, Vec<_>) = briefed
        .into_iter()
        .partition(|(_, points)| points.starts_with("bonus"));
    assert_eq!(
        told,
        counted.iter().map(plain).collect::<Vec<_>>(),
        "{path}"
    );
    let bonus: Vec<_> = bonus
        .into_iter()
        .map(|entry| (entry.id.clone(), format!("bonus {}", entry.points)))
        .collect();
    assert_eq!(extra, bonus, "{path}");
    let total = format!("| | **{}** | |", rubric.max_points);
    let brief = read(&course().join(path));
    assert!(brief.contains(&total), "{total} is not in {path}");
}

#[test]
fn the_starter_loses_its_marks() {
    // A copy: built in the workspace, it would take the place of the
    // solution's program, which other tests run.
    let (folder, _starter) = starter_alone();
    let output = grader()
        .args(["grade", "starter", "--format", "json", "--specs"])
        .arg(course().join("specs"))
        .current_dir(folder.path())
        .env("CARGO_TARGET_DIR", folder.path().join("target"))
        .env("CARGO_NET_OFFLINE", "true")
        .output()
        .expect("the grader can be run");
    let messages = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{messages}");
    // One object an exercise that the starter has a program of: all of them.
    let mut exercises = Vec::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let result: serde_json::Value = serde_json::from_str(line).expect("an object a line");
        assert_eq!(result["schema"], "process-sync/result/1");
        assert_eq!(result["max_score"], 100);
        let score = result["score"].as_u64().expect("a number");
        let exercise = result["exercise"].as_str().expect("a name").to_owned();
        assert!(
            score <= STARTER_SCORE_MAX,
            "the starter gets {score} in {exercise}"
        );
        // Where starter/README.md says that witnesses are.
        let witness = format!(".grade/starter/{exercise}/short-writes.witness");
        let witness = folder.path().join(witness);
        assert!(witness.exists(), "{} is not there", witness.display());
        exercises.push(exercise);
    }
    assert_eq!(exercises, ["forkwrite", "gate", "relay", "rendezvous"]);
}

#[test]
fn the_list_of_a_specs_folder_has_every_scenario() {
    let output = grader()
        .args(["list", "--specs"])
        .arg(course().join("specs"))
        .output();
    let list = printed(&output.expect("the grader can be run"));
    assert!(list.contains("forkwrite:"), "{list}");
    for id in support::SCENARIOS {
        assert!(list.contains(&format!(" {id} ")), "{id} is not in {list}");
    }
}
