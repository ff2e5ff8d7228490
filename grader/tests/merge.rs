//! Results of several folders become one, whatever ran twice; what does not go
//! together is refused, and then nothing is written.

mod support;

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use serde_json::Value;
use support::class::{Class, ran, results};
use support::grader;

/// Merges these folders of the test to `merged`.
fn merge(class: &Class, folders: &[&str], arguments: &[&str]) -> (i32, String) {
    let mut command = grader();
    command.arg("merge");
    command.args(folders.iter().map(|folder| class.path(folder)));
    command.arg("--out").arg(class.path("merged"));
    ran(command.args(arguments))
}

/// A class graded as two shards, to `a` and `b`.
fn sharded() -> Class {
    let class = Class::new();
    assert_eq!(class.grade_to("a", &["--shard", "1/2"]).0, 0);
    assert_eq!(class.grade_to("b", &["--shard", "2/2"]).0, 0);
    class
}

/// Changes a result file.
fn change(class: &Class, file: &str, change: impl FnOnce(&mut Value)) {
    let text = fs::read_to_string(class.path(file)).expect("it is there");
    let mut value = serde_json::from_str(&text).expect("JSON");
    change(&mut value);
    class.write(file, &value.to_string());
}

fn text(class: &Class, file: &str) -> String {
    fs::read_to_string(class.path(file)).expect("it is there")
}

#[test]
fn shards_merged_are_the_class() {
    let class = sharded();
    let book = |name: &str| class.path(name).to_string_lossy().into_owned();
    let of_all = [
        "--canvas".to_owned(),
        book("all.canvas"),
        "--moodle".to_owned(),
        book("all.moodle"),
    ];
    let of_merged = [
        "--canvas".to_owned(),
        book("merged.canvas"),
        "--moodle".to_owned(),
        book("merged.moodle"),
        "--class".to_owned(),
        book("class"),
    ];
    assert_eq!(class.grade(&of_all.each_ref().map(String::as_str)).0, 0);
    let arguments = of_merged.each_ref().map(String::as_str);
    for _again in 0..2 {
        let (code, printed) = merge(&class, &["b", "a"], &arguments);
        assert_eq!(code, 0);
        assert!(printed.contains("4 results merged"), "{printed}");
        assert_eq!(results(&class.path("merged")), class.results());
        for format in ["canvas", "moodle"] {
            let of = |whose: &str| text(&class, &format!("{whose}.{format}"));
            assert_eq!(of("merged"), of("all"));
        }
    }
    let witness = class.path("merged/witnesses/bob/single.witness");
    let program = class.path("bob-unpacked/forkwrite");
    let mut replay = grader();
    let (code, printed) = ran(replay.arg("replay").arg(witness).arg(program));
    assert_eq!(code, 1);
    assert!(printed.starts_with("reproduced"), "{printed}");
}

#[test]
fn what_ran_twice_counts_once() {
    let class = sharded();
    assert_eq!(class.grade_to("again", &["--shard", "1/2"]).0, 0);
    // That one was lost half-way; the other folder has it.
    change(&class, "a/ada.json", |record| {
        record["exit_code"] = 70.into();
        record["results"] = Vec::<Value>::new().into();
    });
    for folders in [["a", "again", "b"], ["again", "b", "a"]] {
        let (code, printed) = merge(&class, &folders, &[]);
        assert_eq!(code, 0);
        assert!(
            printed.contains("left out as there already: 2"),
            "{printed}"
        );
        assert!(printed.contains("ada  5 of 5"), "{printed}");
    }
    let (code, printed) = merge(&class, &["a", "b"], &[]);
    assert_eq!(code, 70);
    assert!(
        printed.contains("ada  grader error, no result"),
        "{printed}"
    );
}

#[test]
fn what_does_not_go_together_is_refused() {
    let class = sharded();
    class.put("ada", "wrong/no_append.c");
    assert_eq!(class.grade_to("later", &["--shard", "1/2"]).0, 0);
    let (code, printed) = merge(&class, &["a", "later", "b"], &[]);
    assert_eq!(code, 2);
    for part in [
        "a/ada.json",
        "later/ada.json",
        "the submission differ",
        "help: ",
    ] {
        assert!(printed.contains(part), "{part}: {printed}");
    }

    fs::remove_file(class.path("a/ada.json")).expect("it is there");
    change(&class, "a/cy.json", |record| record["score"] = 5.into());
    let (code, printed) = merge(&class, &["a", "later", "b"], &[]);
    assert_eq!(code, 2);
    assert!(printed.contains("contradict each other"), "{printed}");

    class.write("b/bob.json", "{\"half");
    let (code, printed) = merge(&class, &["b"], &[]);
    assert_eq!(code, 2);
    assert!(printed.contains("b/bob.json is no result"), "{printed}");
    assert!(!class.path("merged").exists());
}

/// What `deploy/slurm` says of grading to the same parts once more.
#[test]
fn parts_are_graded_again_unless_the_class_has_others_in_it() {
    let class = sharded();
    let again = |class: &Class| {
        for (part, shard) in [("a", "1/2"), ("b", "2/2")] {
            assert_eq!(class.grade_to(part, &["--shard", shard]).0, 0);
        }
        merge(class, &["a", "b"], &[])
    };
    class.write("specs/forkwrite/NOTES.md", "of this year");
    assert_eq!(again(&class).0, 0);

    // Everybody behind that one goes to the other part.
    class.put("abe", "right/plain.c");
    let (code, printed) = again(&class);
    assert_eq!(code, 0, "{printed}");
    assert!(
        printed.contains("5 results merged; left out as there already: 4"),
        "{printed}"
    );
    class.write("specs/forkwrite/NOTES.md", "of next year");
    let (code, printed) = again(&class);
    assert_eq!(code, 2, "{printed}");
    assert!(printed.contains("the specs differ"), "{printed}");
}

#[test]
fn who_has_no_result_is_named() {
    let class = sharded();
    let whole = class.path("class");
    let whole = whole.to_str().expect("UTF-8");
    let (code, printed) = merge(&class, &["a"], &["--class", whole]);
    assert_eq!(code, 1);
    for line in ["no result: bob\n", "no result: eve\n", "2 results merged"] {
        assert!(printed.contains(line), "{line}: {printed}");
    }

    // Results that are of none of these folders would pass for theirs.
    let (code, printed) = merge(&class, &["b"], &[]);
    assert_eq!(code, 2);
    assert!(
        printed.contains("merged/ada.json is a result that none"),
        "{printed}"
    );
    let (code, _) = merge(&class, &["merged", "b"], &["--class", whole]);
    assert_eq!(code, 0);

    fs::create_dir(class.path("empty")).expect("the test's own");
    assert_eq!(merge(&class, &["empty"], &[]).0, 4);
    assert_eq!(merge(&class, &["nowhere"], &[]).0, 2);
}

/// The names in `merged` that end otherwise than results do, but for witnesses.
fn unfinished(class: &Class) -> Vec<String> {
    let entries = fs::read_dir(class.path("merged")).expect("it was made");
    let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    let names = entries.flatten().map(name);
    names
        .filter(|name| !name.ends_with(".json") && name != "witnesses")
        .collect()
}

#[test]
fn what_a_killed_grader_was_writing_is_removed_by_the_next() {
    let class = Class::new();
    assert_eq!(class.grade_to("a", &[]).0, 0);
    // Killed by the kernel half-way through the first file of more than a block.
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -c 0; ulimit -f 1; exec \"$@\"", "sh"]);
    limited.arg(grader().get_program()).arg("merge");
    limited.arg(class.path("a")).arg("--out");
    let status = limited.arg(class.path("merged")).status();
    let status = status.expect("there is a shell");
    assert_eq!(status.signal(), Some(libc::SIGXFSZ), "{status}");
    assert_eq!(unfinished(&class).len(), 1, "{:?}", unfinished(&class));
    let (code, printed) = merge(&class, &["a"], &[]);
    assert_eq!(code, 0, "{printed}");
    assert_eq!(unfinished(&class), Vec::<String>::new());
    assert_eq!(results(&class.path("merged")).len(), 4);
}
