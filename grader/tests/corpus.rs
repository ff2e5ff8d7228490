//! The corpus of `submissions/`: each wrong program loses the scenarios that
//! its row names and keeps the others, each right one loses nothing.
//!
//! `CORPUS=name cargo test --test corpus` runs only the rows whose source
//! contains `name`.

mod support;

use std::path::Path;

use support::corpus::{Row, check_all, home, rows};

#[test]
fn wrong_programs_lose_what_their_rows_name() {
    check_all("forkwrite", "wrong");
}

#[test]
fn right_programs_lose_nothing() {
    check_all("forkwrite", "right");
}

#[test]
fn every_program_has_a_row_and_every_scenario_a_catch() {
    if std::env::var_os("CORPUS").is_some() {
        return;
    }
    let specs = support::course().join("specs");
    for (exercise, wrong, right) in [
        ("forkwrite", 25, 10),
        ("gate", 8, 4),
        ("rendezvous", 8, 4),
        ("relay", 8, 4),
    ] {
        let all = [rows(exercise, "wrong"), rows(exercise, "right")];
        assert!(all[0].len() >= wrong && all[1].len() >= right, "{exercise}");
        for (folder, rows) in ["wrong", "right"].iter().zip(&all) {
            let sources = support::submissions().join(home(exercise)).join(folder);
            for entry in std::fs::read_dir(sources).expect("it is there") {
                let name = Path::new(folder).join(entry.expect("it can be read").file_name());
                assert!(
                    rows.iter().any(|row| row.source == name),
                    "{exercise}: {} has no row",
                    name.display()
                );
            }
        }
        let loaded = grader::spec::Exercise::load(&specs, exercise).expect("it loads");
        for scenario in loaded.scenarios {
            let loses = |row: &Row| row.fails.contains(&scenario.id);
            assert!(
                all.iter().flatten().any(loses),
                "no wrong program loses {exercise}'s {}",
                scenario.id
            );
        }
    }
}
