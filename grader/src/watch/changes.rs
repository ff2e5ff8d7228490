//! What has changed from one grading to the next.

use super::grading::Grading;
use crate::report::stream::ToldScenario;

/// A scenario that is another than it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    /// The scenario; with its exercise's name where there are several.
    pub scenario: String,
    pub kind: Kind,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// Its marks were lost, by these rules, and no longer are.
    Won { was: String },
    /// Its marks are lost now, by these rules.
    Lost { by: String },
    /// They are lost as before, but by others.
    Rule { was: String, is: String },
    /// It was not graded before.
    New,
    /// It is not graded any more.
    Gone,
}

/// The changes from `before` to `now`, in the order of `now`.
pub(super) fn changes(before: &Grading, now: &Grading) -> Vec<Change> {
    let several = [before, now].iter().any(|one| one.exercises.len() > 1);
    let name = |exercise: &str, scenario: &ToldScenario| match several {
        true => format!("{exercise} {}", scenario.id),
        false => scenario.id.clone(),
    };
    let mut found = Vec::new();
    for (exercise, scenario) in now.scenarios() {
        let kind = match find(before, exercise, &scenario.id) {
            Some(was) => compare(was, scenario),
            None => Some(Kind::New),
        };
        let scenario = name(exercise, scenario);
        found.extend(kind.map(|kind| Change { scenario, kind }));
    }
    for (exercise, scenario) in before.scenarios() {
        if find(now, exercise, &scenario.id).is_none() {
            let scenario = name(exercise, scenario);
            let kind = Kind::Gone;
            found.push(Change { scenario, kind });
        }
    }
    found
}

fn find<'a>(grading: &'a Grading, exercise: &str, id: &str) -> Option<&'a ToldScenario> {
    let mut all = grading.scenarios();
    all.find(|(name, scenario)| *name == exercise && scenario.id == id)
        .map(|(_, scenario)| scenario)
}

fn compare(was: &ToldScenario, is: &ToldScenario) -> Option<Kind> {
    match (was.loses, is.loses) {
        (true, false) => Some(Kind::Won { was: why(was) }),
        (false, true) => Some(Kind::Lost { by: why(is) }),
        (true, true) if why(was) != why(is) => Some(Kind::Rule {
            was: why(was),
            is: why(is),
        }),
        (true, true) | (false, false) => None,
    }
}

/// The rules that were broken; without any, the verdict itself.
fn why(scenario: &ToldScenario) -> String {
    match scenario.rules.is_empty() {
        true => scenario.verdict.clone(),
        false => scenario.rules.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::super::grading::test_data::grading;
    use super::*;

    fn told(before: &[(&str, &[&str])], now: &[(&str, &[&str])]) -> Vec<(String, Kind)> {
        let found = changes(&grading(before), &grading(now));
        let pair = |change: Change| (change.scenario, change.kind);
        found.into_iter().map(pair).collect()
    }

    #[test]
    fn won_lost_and_other_rules_are_told() {
        let text = str::to_owned;
        let before: &[(&str, &[&str])] = &[
            ("single", &["records"]),
            ("short-writes", &[]),
            ("disk-full", &["records"]),
            ("clean-exit", &["reaped"]),
        ];
        let now: &[(&str, &[&str])] = &[
            ("single", &[]),
            ("short-writes", &["deadlock"]),
            ("disk-full", &["endless-loop"]),
            ("clean-exit", &["reaped"]),
        ];
        let (was, by, is) = (text("records"), text("deadlock"), text("endless-loop"));
        assert_eq!(
            told(before, now),
            [
                (text("single"), Kind::Won { was: was.clone() }),
                (text("short-writes"), Kind::Lost { by }),
                (text("disk-full"), Kind::Rule { was, is }),
            ]
        );
        assert_eq!(told(now, now), []);
    }

    #[test]
    fn what_was_not_graded_before_is_new() {
        assert_eq!(
            told(&[("single", &[])], &[("relay", &[])]),
            [
                ("relay".to_owned(), Kind::New),
                ("single".to_owned(), Kind::Gone)
            ]
        );
    }
}
