//! What `watch` says.

use super::changes::{Change, Kind, changes};
use super::files::Contents;
use super::grading::Grading;
use crate::report::stream::ToldScenario;
use crate::report::{escape, paint};

/// The most names of files that are said.
const NAMES_MAX: usize = 5;

/// The keys, and what they do.
pub(super) const KEYS: &str =
    "n: next lost scenario, with a hint   p: the one before   r: grade again   q: end\n";

/// The line before a grading: why it is done.
pub(super) fn beginning(before: Option<&Contents>, now: &Contents) -> String {
    let what = before.map(|before| saved(before, now));
    let what = match what {
        None => "grading".to_owned(),
        Some(names) if names.is_empty() => "grading again".to_owned(),
        Some(names) => format!("saved: {}", in_short(&names)),
    };
    format!("\n{}\n", paint::paint(paint::HEAD, &format!("== {what}")))
}

/// The names of the files that are not what they were.
fn saved(before: &Contents, now: &Contents) -> Vec<String> {
    let changed = now
        .iter()
        .filter(|(path, is)| before.get(*path) != Some(is));
    let gone = before.keys().filter(|path| !now.contains_key(*path));
    let all = changed.map(|(path, _)| path).chain(gone);
    let name = |path: &std::path::PathBuf| match path.as_os_str().is_empty() {
        true => "the program".to_owned(),
        false => escape::one_line(&path.to_string_lossy()),
    };
    all.map(name).collect()
}

fn in_short(names: &[String]) -> String {
    let shown = names[..names.len().min(NAMES_MAX)].join(", ");
    match names.len() - names.len().min(NAMES_MAX) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// A grading that has ended: what has changed, the score, the scenarios.
pub(super) fn ended(before: Option<&Grading>, now: &Grading) -> String {
    let mut text = String::new();
    if let Some(before) = before {
        let changes = changes(before, now);
        if changes.is_empty() {
            text.push_str("as before in every scenario\n");
        }
        for change in &changes {
            text.push_str(&format!("{}\n", changed(change)));
        }
    }
    for exercise in &now.exercises {
        let name = escape::one_line(&exercise.told.name);
        text.push_str(&format!("\n{name}: {}\n\n", exercise.told.score));
        for scenario in &exercise.scenarios {
            text.push_str(&format!("{}\n", scenario.line));
        }
    }
    format!("{text}\n{KEYS}")
}

fn changed(change: &Change) -> String {
    let (style, word, why) = match &change.kind {
        Kind::Won { was } => (paint::GOOD, "won", format!("was: {was}")),
        Kind::Lost { by } => (paint::BAD, "lost", by.clone()),
        Kind::Rule { was, is } => (paint::OPEN, "other rule", format!("{is}, was: {was}")),
        Kind::New => (paint::OPEN, "new", String::new()),
        Kind::Gone => (paint::OPEN, "not graded", String::new()),
    };
    let word = paint::paint(style, &format!("{word:<10}"));
    let scenario = escape::one_line(&change.scenario);
    let why = escape::one_line(&why);
    format!("{word}  {scenario:<14} {why}")
        .trim_end()
        .to_owned()
}

/// One of the lost scenarios, counted from 0.
pub(super) fn lost(scenario: &ToldScenario, place: usize, of: usize) -> String {
    let place = place + 1;
    let head = paint::paint(paint::HEAD, &format!("lost scenario {place} of {of}"));
    format!("\n{head}\n{}", scenario.whole)
}

/// What was said instead of a result.
pub(super) fn refused(message: &str) -> String {
    let message = escape::lines(message);
    format!("{message}\n\nwaiting for the next save   r: grade again   q: end\n")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::grading::test_data::grading;
    use super::*;

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn changes_come_first() {
        let before = grading(&[("single", &["records"]), ("disk-full", &[])]);
        let now = grading(&[("single", &[]), ("disk-full", &["exit-status"])]);
        let expected = "\
won         single         was: records
lost        disk-full      exit-status

forkwrite: score 5 of 25

line of single
line of disk-full
";
        let text = plain(&ended(Some(&before), &now));
        assert!(text.starts_with(expected), "{text}");
        let text = plain(&ended(Some(&now), &now));
        assert!(text.starts_with("as before in every scenario\n"), "{text}");
        let text = plain(&ended(None, &now));
        assert!(text.starts_with("\nforkwrite: score"), "{text}");
    }

    #[test]
    fn the_files_that_were_saved_are_named() {
        let contents = |files: &[(&str, &str)]| -> Contents {
            let pair = |(path, is): &(&str, &str)| (PathBuf::from(path), (*is).to_owned());
            files.iter().map(pair).collect()
        };
        let before = contents(&[("a.c", "1"), ("b.c", "1"), ("c.c", "1")]);
        let now = contents(&[("a.c", "1"), ("b.c", "2"), ("d\n.c", "1")]);
        let line = plain(&beginning(Some(&before), &now));
        assert_eq!(line, "\n== saved: b.c, d\\n.c, c.c\n");
        assert_eq!(plain(&beginning(Some(&now), &now)), "\n== grading again\n");
        assert_eq!(plain(&beginning(None, &now)), "\n== grading\n");
    }
}
