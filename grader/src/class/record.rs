//! A submission's result file: what it came to, and what that hangs on.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::witnesses;
use crate::error::{Error, Result};
use crate::save::save;

/// Name and version of the shape below.
const SCHEMA: &str = "process-sync/class-result/1";

/// What a result hangs on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Digest of the submission's files.
    pub submission: String,
    /// Digest of the exercises' folder.
    pub specs: String,
    /// Digest of the grader itself.
    pub grader: String,
    /// The exercise asked for and the seed.
    pub options: String,
}

/// A submission's result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    schema: String,
    /// The student.
    pub name: String,
    /// What it hangs on.
    pub key: Key,
    /// The grader's exit code.
    pub exit_code: u8,
    /// Marks got, over all exercises.
    pub score: u64,
    /// Marks to be had without bonus.
    pub max_score: u64,
    /// Why there are no marks, if there are none to be had.
    pub message: Option<String>,
    /// A `process-sync/result/1` an exercise.
    pub results: Vec<Value>,
}

/// What a regrade changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The student.
    pub name: String,
    /// Marks before and after.
    pub marks: (u64, u64),
    /// Which of what they hang on has changed.
    pub because: Vec<&'static str>,
    /// The scenarios whose verdicts are others.
    pub scenarios: Vec<String>,
}

impl Record {
    /// From what a grader printed.
    pub(super) fn new(
        name: &str,
        key: Key,
        exit_code: u8,
        mut results: Vec<Value>,
        message: Option<String>,
    ) -> Self {
        // Where an archive was unpacked to says nothing.
        for result in &mut results {
            result["submission"] = Value::from(name);
        }
        let sum = |field: &str| {
            results
                .iter()
                .filter_map(|result| result[field].as_u64())
                .sum()
        };
        Self {
            schema: SCHEMA.to_owned(),
            name: name.to_owned(),
            key,
            exit_code,
            score: sum("score"),
            max_score: sum("max_score"),
            message,
            results,
        }
    }

    /// Where the result of `name` stands.
    pub(super) fn path(out: &Path, name: &str) -> PathBuf {
        out.join(format!("{name}.json"))
    }

    /// Reads a result; `None` if there is none, or none of this version.
    pub(super) fn load(out: &Path, name: &str) -> Option<Self> {
        let text = fs::read_to_string(Self::path(out, name)).ok()?;
        let record: Self = serde_json::from_str(&text).ok()?;
        (record.schema == SCHEMA).then_some(record)
    }

    /// Writes it, whole or not at all.
    pub(super) fn save(&self, out: &Path) -> Result<()> {
        let path = Self::path(out, &self.name);
        let text =
            serde_json::to_string_pretty(self).expect("strings and integers always serialise");
        save(&path, &(text + "\n"))
            .map_err(|cause| Error::grader(format!("write the result {}", path.display()), cause))
    }

    /// What has changed since `before`, if marks or verdicts have.
    pub(super) fn change(&self, before: &Self) -> Option<Change> {
        let (old, new) = (before.verdicts(), self.verdicts());
        let scenarios = new.iter().filter_map(|(id, verdict)| {
            let was = old
                .iter()
                .find(|(other, _)| other == id)
                .map(|(_, was)| was);
            let was = was.map_or("not graded", String::as_str);
            (was != verdict).then(|| format!("{id}: {was}, now {verdict}"))
        });
        let scenarios: Vec<String> = scenarios.collect();
        if scenarios.is_empty() && before.score == self.score {
            return None;
        }
        Some(Change {
            name: self.name.clone(),
            marks: (before.score, self.score),
            because: self.differs_in(before),
            scenarios,
        })
    }

    /// Which of what the two hang on is not the same.
    pub(super) fn differs_in(&self, other: &Self) -> Vec<&'static str> {
        let (one, other) = (&self.key, &other.key);
        let parts = [
            ("the submission", one.submission != other.submission),
            ("the specs", one.specs != other.specs),
            ("the grader", one.grader != other.grader),
            ("the options", one.options != other.options),
        ];
        let differing = parts.iter().filter(|(_, differs)| *differs);
        differing.map(|(what, _)| *what).collect()
    }

    /// True if both come to the same: all but times, where witnesses are, what
    /// the machine gave to hold programs, and what was said beside.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        let marks = |record: &Self| (record.exit_code, record.score, record.max_score);
        marks(self) == marks(other) && self.verdict_alone() == other.verdict_alone()
    }

    fn verdict_alone(&self) -> Vec<Value> {
        let mut results = self.results.clone();
        for witness in witnesses::named(&mut results) {
            let within = witness
                .as_str()
                .and_then(|path| witnesses::within(path, &self.name));
            *witness = Value::from(within.map(|path| path.to_string_lossy().into_owned()));
        }
        for result in &mut results {
            if let Some(fields) = result.as_object_mut() {
                fields.remove("jail");
            }
            let scenarios = result.get_mut("scenarios").and_then(Value::as_array_mut);
            for scenario in scenarios.into_iter().flatten() {
                if let Some(fields) = scenario.as_object_mut() {
                    fields.remove("duration_s");
                }
            }
        }
        results
    }

    fn verdicts(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let scenarios = self.results.iter().flat_map(|result| {
            let list = result["scenarios"].as_array().cloned().unwrap_or_default();
            let exercise = text(&result["exercise"]);
            list.into_iter().map(move |scenario| {
                let id = format!("{exercise} {}", text(&scenario["id"]));
                (id, text(&scenario["verdict"]))
            })
        });
        scenarios.collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record(specs: &str, verdict: &str, score: u64) -> Record {
        let key = Key {
            submission: "s".to_owned(),
            specs: specs.to_owned(),
            grader: "g".to_owned(),
            options: String::new(),
        };
        let result = json!({
            "exercise": "forkwrite", "score": score, "max_score": 5,
            "scenarios": [{ "id": "single", "verdict": verdict }],
        });
        Record::new("ada", key, 1, vec![result], None)
    }

    #[test]
    fn a_regrade_says_what_changed_and_why() {
        let change = record("new", "pass", 5).change(&record("old", "fail", 0));
        let change = change.expect("the marks are others");
        assert_eq!(change.marks, (0, 5));
        assert_eq!(change.because, ["the specs"]);
        assert_eq!(change.scenarios, ["forkwrite single: fail, now pass"]);
        assert_eq!(
            record("new", "pass", 5).change(&record("old", "pass", 5)),
            None
        );
    }

    #[test]
    fn times_and_places_make_no_other_result() {
        let on = |machine: &str, duration: f64, verdict: &str| {
            let mut record = record("a", verdict, 0);
            record.results[0]["jail"] = json!({ "landlock": machine });
            record.results[0]["scenarios"][0]["duration_s"] = json!(duration);
            record.results[0]["scenarios"][0]["findings"] =
                json!([{ "witness": format!("{machine}/witnesses/ada/single.witness") }]);
            record
        };
        assert!(on("a", 1.0, "fail").says_the_same(&on("b", 2.0, "fail")));
        assert!(!on("a", 1.0, "fail").says_the_same(&on("a", 1.0, "pass")));
    }

    #[test]
    fn it_is_read_back() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let record = record("a", "pass", 5);
        record.save(folder.path()).expect("it can be written");
        assert_eq!(Record::load(folder.path(), "ada"), Some(record));
        fs::write(folder.path().join("bob.json"), "{\"half").expect("it can be written");
        assert_eq!(Record::load(folder.path(), "bob"), None);
    }
}
