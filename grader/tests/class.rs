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

/// The rows of a CSV file.
fn rows(path: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new();
    let reader = reader.has_headers(false).flexible(true).from_path(path);
    let rows = reader.expect("it is there").into_records();
    rows.map(|row| row.expect("it is CSV").iter().map(str::to_owned).collect())
        .collect()
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
    let canvas = rows(&canvas);
    assert_eq!(canvas[0][5], "Processes (42)");
    assert_eq!(canvas[2], ["ada", "", "", "ada", "", "5"]);
    let moodle = rows(&moodle);
    assert_eq!(moodle[2], ["bob", "0", "lost: single"]);
    assert!(moodle[3][2].contains("does not build"), "{moodle:?}");
}

/// Grades with this roster to a gradebook: what is printed, and its rows.
fn filled(class: &Class, option: &str, roster: &str) -> (String, Vec<Vec<String>>) {
    class.write("roster.csv", roster);
    let [given, book] = ["roster.csv", "book.csv"].map(|name| class.path(name));
    let [given, book_path] = [&given, &book].map(|path| path.to_str().expect("UTF-8"));
    let (code, printed) = class.grade(&["--roster", given, option, book_path, "--title", "Fork"]);
    assert_eq!(code, 0, "{printed}");
    (printed, rows(&book))
}

#[test]
fn a_roster_of_canvas_is_filled_in() {
    let class = Class::new();
    // As Canvas names what it has downloaded.
    class.zip(
        "bob-unpacked",
        "class/byronbob_LATE_1002_77_fork.zip",
        "forkwrite",
    );
    fs::remove_file(class.path("class/bob.zip")).expect("it is there");
    let (printed, rows) = filled(
        &class,
        "--canvas",
        "Student,ID,SIS Login ID,Section,Old (6),Fork (7),Total\n\
         \u{20}   Points Possible,,,,10,10,20\n\
         \"Lovelace, Ada\",1001,ADA,A,3,1,4\n\
         \"Byron, Bob\",1002,bb,A,3,,3\n\
         \"Else, Else\",1003,else,A,3,2,5\n\
         \"=cy\",1004,cy,B,3,EX,3\n",
    );
    let expected = [
        ["Student", "ID", "SIS Login ID", "Section", "Fork (7)"],
        ["    Points Possible", "", "", "", "10"],
        ["Lovelace, Ada", "1001", "ADA", "A", "5"],
        ["Byron, Bob", "1002", "bb", "A", "0"],
        ["Else, Else", "1003", "else", "A", "2"],
        ["'=cy", "1004", "cy", "B", "EX"],
    ];
    assert_eq!(rows, expected);
    assert!(printed.contains("warning: `eve` is nobody's"), "{printed}");
    assert_eq!(printed.matches("warning: ").count(), 1, "{printed}");
    assert!(printed.contains("\nhelp: name submissions by"), "{printed}");
}

#[test]
fn a_roster_of_moodle_is_filled_in() {
    let class = Class::new();
    class.put(
        "Ada Lovelace_12_assignsubmission_file_fork",
        "right/plain.c",
    );
    let worksheet = "Identifier,Full name,Email address,Grade,Feedback comments\n\
                     Participant 12,Ada Lovelace,al@example.org,,\n\
                     Participant 13,Bob Byron,bob,-,as before\n\
                     Participant 14,Else Else,else@example.org,7,well done\n";
    let (printed, written) = filled(&class, "--moodle", worksheet);
    assert_eq!(written[1][3..], ["5", "nothing lost"]);
    assert_eq!(written[2][3..], ["0", "lost: single"]);
    let else_row = [
        "Participant 14",
        "Else Else",
        "else@example.org",
        "7",
        "well done",
    ];
    assert_eq!(written[3], else_row);
    assert_eq!(printed.matches("is nobody's").count(), 3, "{printed}");

    // Two of one student: neither is taken.
    let grades = "First name,Last name,ID number,Fork (Real)\n\
                  Ada,Lovelace,ada,3\nBob,Byron,bob,-\nElse,Else,else,4\n";
    let (printed, written) = filled(&class, "--moodle", grades);
    let expected = [
        ["ID number", "Grade", "Feedback"],
        ["bob", "0", "lost: single"],
    ];
    assert_eq!(written, expected);
    assert!(
        printed.contains("are of one row of the roster"),
        "{printed}"
    );
}

#[test]
fn a_roster_that_cannot_be_used_is_refused_before_grading() {
    let class = Class::new();
    class.write("roster.csv", "ID number\nada\n");
    let roster = class.path("roster.csv");
    let roster = ["--roster", roster.to_str().expect("UTF-8")];
    let (code, printed) = class.grade(&roster);
    assert_eq!(code, 2);
    assert!(printed.contains("\nhelp: add --moodle FILE"), "{printed}");
    class.write("roster.csv", "who,what\n");
    let (code, printed) = class.grade(&[roster[0], roster[1], "--moodle", "x.csv"]);
    assert_eq!(code, 2);
    assert!(printed.contains("neither Canvas nor Moodle"), "{printed}");
    assert!(!class.path("out").exists());
}

#[test]
fn a_class_that_is_none_is_refused() {
    let class = Class::empty();
    fs::create_dir(class.path("class")).expect("the test's own");
    let (code, printed) = class.grade(&[]);
    assert_eq!(code, 4);
    assert!(printed.contains("there is no submission in"), "{printed}");
    // It would be somebody the next time.
    class.put("ada", "right/plain.c");
    let (code, printed) = class.grade_to("class/results", &[]);
    assert_eq!(code, 2);
    assert!(
        printed.contains("help: name a folder beside it"),
        "{printed}"
    );
    assert!(!class.path("class/results").exists());
    let unwritable = class.path("class");
    let unwritable = unwritable.to_str().expect("UTF-8");
    let (code, printed) = class.grade(&["--canvas", unwritable]);
    assert_eq!(code, 2);
    assert!(
        printed.contains("help: name a file that can be"),
        "{printed}"
    );
}
