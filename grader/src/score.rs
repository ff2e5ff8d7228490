//! The rubric's arithmetic: from verdicts to marks and to an exit code.
//!
//! | verdict | marks | why |
//! |---|---|---|
//! | pass | all | |
//! | fail | none | there is no part credit within a scenario |
//! | inconclusive | all | nothing was found within the bound, and a right program must not lose |
//! | error | all | what the grader cannot do costs the student nothing |
//! | skipped | none | what it depends on has failed, so it is not shown to be right |
//!
//! Only the scenarios that were run count, so that `--only` can give full
//! marks. A bonus comes on top of the maximum and is not needed for full
//! marks.

use std::path::Path;

use crate::exit_code::ExitCode;
use crate::finding::{GradeResult, ScenarioResult, Verdict};
use crate::spec::types::Rubric;

/// The marks of a scenario worth `max_points` with this verdict.
#[must_use]
pub const fn award(verdict: Verdict, max_points: u32) -> u32 {
    if verdict.loses() { 0 } else { max_points }
}

/// Adds up what the scenarios gave. The rubric's points, bonus marks and
/// order hold, whatever the results say about them; a scenario that the rubric
/// does not name is worth nothing and comes last.
#[must_use]
pub fn grade(
    rubric: &Rubric,
    submission: &Path,
    mut scenarios: Vec<ScenarioResult>,
) -> GradeResult {
    let entry = |id: &str| rubric.scenarios.iter().position(|entry| entry.id == id);
    scenarios.sort_by_key(|scenario| entry(&scenario.id).unwrap_or(usize::MAX));
    for scenario in &mut scenarios {
        let entry = entry(&scenario.id).map(|index| &rubric.scenarios[index]);
        scenario.max_points = entry.map_or(0, |entry| entry.points);
        scenario.bonus = entry.is_some_and(|entry| entry.bonus);
        scenario.points = award(scenario.verdict, scenario.max_points);
    }
    let sum = |bonus: bool, points: fn(&ScenarioResult) -> u32| {
        let counted = scenarios.iter().filter(|scenario| scenario.bonus == bonus);
        counted.map(points).sum::<u32>()
    };
    let bonus = sum(true, |scenario| scenario.points);
    GradeResult {
        exercise: rubric.exercise.clone(),
        submission: submission.display().to_string(),
        score: sum(false, |scenario| scenario.points) + bonus,
        max_score: sum(false, |scenario| scenario.max_points),
        bonus,
        scenarios,
        jail: None,
    }
}

/// The exit code of `grader grade`.
///
/// Marks lost come first, as 70 promises that none were. A bonus that was not
/// got is no mark lost, unless nothing but a bonus was graded.
#[must_use]
pub fn exit_code(result: &GradeResult) -> ExitCode {
    let only_bonus = result.scenarios.iter().all(|scenario| scenario.bonus);
    let mut counted = result.scenarios.iter().filter(|s| only_bonus || !s.bonus);
    if result.scenarios.is_empty() {
        ExitCode::NothingSelected
    } else if counted.any(|scenario| scenario.verdict.loses()) {
        ExitCode::MarksLost
    } else if result.scenarios.iter().any(|s| s.verdict == Verdict::Error) {
        ExitCode::GraderError
    } else {
        ExitCode::FullMarks
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::spec::types::RubricEntry;

    fn rubric() -> Rubric {
        let entry = |id: &str, points, bonus| RubricEntry {
            id: id.to_owned(),
            points,
            bonus,
        };
        Rubric {
            format: 1,
            exercise: "forkwrite".to_owned(),
            title: "Fork and write".to_owned(),
            program: "forkwrite".to_owned(),
            max_points: 25,
            scenarios: vec![
                entry("single", 5, false),
                entry("interleavings", 20, false),
                entry("holder-killed", 10, true),
            ],
        }
    }

    fn result(id: &str, verdict: Verdict) -> ScenarioResult {
        ScenarioResult {
            id: id.to_owned(),
            title: id.to_owned(),
            points: 0,
            max_points: 0,
            bonus: false,
            verdict,
            executions: 1,
            cut_off: 0,
            complete: true,
            bound: String::new(),
            duration: Duration::ZERO,
            findings: Vec::new(),
        }
    }

    fn graded(results: &[(&str, Verdict)]) -> GradeResult {
        let results = results.iter().map(|(id, verdict)| result(id, *verdict));
        grade(&rubric(), Path::new("solution"), results.collect())
    }

    /// Score, maximum, bonus, exit code.
    fn marks(results: &[(&str, Verdict)]) -> (u32, u32, u32, ExitCode) {
        let grade = graded(results);
        (grade.score, grade.max_score, grade.bonus, exit_code(&grade))
    }

    #[test]
    fn full_marks_with_bonus() {
        let all = [
            ("single", Verdict::Pass),
            ("interleavings", Verdict::Pass),
            ("holder-killed", Verdict::Pass),
        ];
        assert_eq!(marks(&all), (35, 25, 10, ExitCode::FullMarks));
    }

    #[test]
    fn a_bonus_is_not_needed_for_full_marks() {
        let most = [
            ("single", Verdict::Pass),
            ("interleavings", Verdict::Pass),
            ("holder-killed", Verdict::Fail),
        ];
        assert_eq!(marks(&most), (25, 25, 0, ExitCode::FullMarks));
    }

    #[test]
    fn a_bonus_graded_alone_can_be_lost() {
        let bonus = |verdict| marks(&[("holder-killed", verdict)]);
        assert_eq!(bonus(Verdict::Fail), (0, 0, 0, ExitCode::MarksLost));
        assert_eq!(bonus(Verdict::Pass), (10, 0, 10, ExitCode::FullMarks));
    }

    #[test]
    fn a_failed_scenario_is_worth_nothing() {
        let some = [("single", Verdict::Pass), ("interleavings", Verdict::Fail)];
        assert_eq!(marks(&some), (5, 25, 0, ExitCode::MarksLost));
    }

    #[test]
    fn a_skipped_scenario_is_worth_nothing() {
        let some = [
            ("single", Verdict::Skipped),
            ("interleavings", Verdict::Pass),
        ];
        assert_eq!(marks(&some), (20, 25, 0, ExitCode::MarksLost));
    }

    #[test]
    fn inconclusive_costs_nothing() {
        let some = [("single", Verdict::Inconclusive)];
        assert_eq!(marks(&some), (5, 5, 0, ExitCode::FullMarks));
    }

    #[test]
    fn a_grader_error_costs_nothing_and_is_told() {
        let some = [("single", Verdict::Error), ("interleavings", Verdict::Pass)];
        assert_eq!(marks(&some), (25, 25, 0, ExitCode::GraderError));
    }

    #[test]
    fn a_loss_beside_a_grader_error_is_a_loss() {
        let some = [("single", Verdict::Error), ("interleavings", Verdict::Fail)];
        assert_eq!(marks(&some), (5, 25, 0, ExitCode::MarksLost));
    }

    #[test]
    fn only_what_was_run_counts() {
        assert_eq!(
            marks(&[("single", Verdict::Pass)]),
            (5, 5, 0, ExitCode::FullMarks)
        );
        assert_eq!(marks(&[]), (0, 0, 0, ExitCode::NothingSelected));
    }

    #[test]
    fn the_rubric_s_order_holds() {
        let grade = graded(&[
            ("unknown", Verdict::Pass),
            ("interleavings", Verdict::Pass),
            ("single", Verdict::Pass),
        ]);
        let ids: Vec<&str> = grade.scenarios.iter().map(|s| s.id.as_str()).collect();
        assert_eq!(ids, ["single", "interleavings", "unknown"]);
        assert_eq!(grade.score, 25);
    }
}
