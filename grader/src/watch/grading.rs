//! What one grading came to, put together from what the grader told.

use crate::report::stream::{Told, ToldExercise, ToldScenario};

/// The exercises that have ended, with their scenarios.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Grading {
    pub exercises: Vec<Exercise>,
    /// Of the exercise that has not ended yet.
    begun: Vec<ToldScenario>,
}

/// One exercise.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Exercise {
    pub told: ToldExercise,
    pub scenarios: Vec<ToldScenario>,
}

impl Grading {
    /// Takes in what was told.
    pub fn take(&mut self, told: Told) {
        match told {
            Told::Scenario(scenario) => self.begun.push(scenario),
            Told::Exercise(told) => {
                let scenarios = std::mem::take(&mut self.begun);
                self.exercises.push(Exercise { told, scenarios });
            }
            Told::Doing(_) | Told::Built(_) => {}
        }
    }

    /// All scenarios, each with its exercise's name.
    pub fn scenarios(&self) -> impl Iterator<Item = (&str, &ToldScenario)> {
        self.exercises.iter().flat_map(|exercise| {
            let name = exercise.told.name.as_str();
            exercise.scenarios.iter().map(move |one| (name, one))
        })
    }

    /// The scenarios whose marks are lost.
    pub fn lost(&self) -> Vec<&ToldScenario> {
        let all = self.scenarios().map(|(_, scenario)| scenario);
        all.filter(|scenario| scenario.loses).collect()
    }
}

#[cfg(test)]
pub(super) mod test_data {
    use super::*;

    /// A grading of one exercise: ids with the rules that they broke.
    pub fn grading(scenarios: &[(&str, &[&str])]) -> Grading {
        let mut grading = Grading::default();
        for (id, rules) in scenarios {
            let loses = !rules.is_empty();
            grading.take(Told::Scenario(ToldScenario {
                id: (*id).to_owned(),
                verdict: if loses { "fail" } else { "pass" }.to_owned(),
                loses,
                rules: rules.iter().map(|&rule| rule.to_owned()).collect(),
                line: format!("line of {id}"),
                whole: format!("line of {id}\nblock of {id}\n"),
                witnesses: Vec::new(),
            }));
        }
        grading.take(Told::Exercise(ToldExercise {
            name: "forkwrite".to_owned(),
            score: "score 5 of 25".to_owned(),
        }));
        grading
    }
}
