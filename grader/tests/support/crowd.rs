//! A made-up class of any size: programs of the corpus with small edits,
//! hostile ones, and some that do not build.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::class::Class;
use super::corpus::{Row, rows};
use super::{Build, submissions};

/// What is graded of `forkwrite`, with its points: what takes few executions.
pub const SCENARIOS: [(&str, u32); 3] = [("single", 5), ("interleavings", 20), ("disk-full", 5)];
/// One in so many is hostile, and as many do not build.
const ODD_ONE_IN: usize = 20;
/// Those whose attempt is over soon.
const HOSTILE: [&str; 10] = [
    "exits_at_once",
    "prints_results",
    "kills_parent",
    "opens_sockets",
    "forbidden_calls",
    "undumpable",
    "looks_for_tracer",
    "untraced_clone",
    "int80_call",
    "writes_descriptors",
];
/// Has so many schedules that it takes as long as fifty others.
const LONG: &str = "right/monitor.c";
/// What there is instead of a program: a Makefile and a source.
const BROKEN: [[&str; 2]; 3] = [
    [MAKEFILE, "int main(\n"],
    ["all:\n\tfalse\n", ""],
    ["all:\n\techo nothing is made\n", ""],
];
/// Without the paths that debug information holds: a program is the same
/// wherever it is built.
const MAKEFILE: &str = "all:\n\tcc -O1 -pthread -o forkwrite src/student.c\n";

/// What somebody's submission is.
pub enum Kind {
    Corpus(Row),
    Hostile,
    Broken,
}

/// Somebody of the class.
pub struct Member {
    pub name: String,
    pub kind: Kind,
}

impl Member {
    /// True if the program is right.
    pub fn is_right(&self) -> bool {
        matches!(&self.kind, Kind::Corpus(row) if row.source.starts_with("right"))
    }
}

/// Hands in so many submissions.
pub fn hand_in(class: &Class, size: usize) -> Vec<Member> {
    specs(class);
    let mut corpus = BTreeMap::new();
    (0..size)
        .map(|number| {
            let name = format!("s{number:03}");
            let kind = match number % ODD_ONE_IN {
                7 => hostile(class, &name, HOSTILE[number / ODD_ONE_IN % HOSTILE.len()]),
                13 => broken(class, &name, BROKEN[number / ODD_ONE_IN % BROKEN.len()]),
                _ => {
                    // A third of them are right.
                    let folder = ["right", "wrong", "wrong"][number % 3];
                    let corpus = corpus.entry(folder).or_insert_with(Vec::new);
                    if corpus.is_empty() {
                        *corpus = rows("forkwrite", folder);
                        corpus.retain(|row| {
                            row.build.contains(&Build::Cc) && row.source != Path::new(LONG)
                        });
                        corpus.reverse();
                    }
                    let row = corpus.pop().expect("the table has rows");
                    copied(class, &name, &row, number);
                    Kind::Corpus(row)
                }
            };
            Member { name, kind }
        })
        .collect()
}

/// The exercise with these scenarios only.
fn specs(class: &Class) {
    let mut rubric = "format: 1\nexercise: forkwrite\ntitle: Some\nprogram: forkwrite\n\
                      max-points: 30\nscenarios:\n"
        .to_owned();
    for (id, points) in SCENARIOS {
        let original = super::course().join(format!("specs/forkwrite/{id}.yaml"));
        let copy = class.path(&format!("specs/forkwrite/{id}.yaml"));
        fs::copy(original, copy).expect("it is there");
        rubric.push_str(&format!("  - {{ id: {id}, points: {points} }}\n"));
    }
    class.write("specs/forkwrite/rubric.yaml", &rubric);
}

/// A program of the corpus as somebody else would hand it in.
fn copied(class: &Class, name: &str, row: &Row, number: usize) {
    let text = read(&submissions().join(&row.source));
    let edited = match number % 3 {
        0 => format!("/* Handed in by {name}. */\n{text}"),
        1 => format!("{text}\n\n/* {name}, late as ever */\n"),
        _ => text.replacen("#include", &format!("/* {name} */\n\n#include"), 1),
    };
    class.write(&format!("class/{name}/src/student.c"), &edited);
    let common = read(&submissions().join("common.h"));
    class.write(&format!("class/{name}/common.h"), &common);
    class.write(&format!("class/{name}/Makefile"), MAKEFILE);
}

fn hostile(class: &Class, name: &str, program: &str) -> Kind {
    let folder = submissions().join("../hostile");
    let text = read(&folder.join(program).with_extension("c"));
    let edited = format!("{text}\n/* {name} */\n");
    class.write(&format!("class/{name}/src/student.c"), &edited);
    let header = read(&folder.join("hostile.h"));
    class.write(&format!("class/{name}/src/hostile.h"), &header);
    class.write(&format!("class/{name}/Makefile"), MAKEFILE);
    Kind::Hostile
}

fn broken(class: &Class, name: &str, [makefile, source]: [&str; 2]) -> Kind {
    class.write(&format!("class/{name}/Makefile"), makefile);
    class.write(&format!("class/{name}/src/student.c"), source);
    Kind::Broken
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
