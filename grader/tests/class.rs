//! A class: each submission has its result, whatever becomes of the others,
//! and is graded again only if something has changed.

mod support;

use std::fs;
use std::path::Path;

use support::class::Class;

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
