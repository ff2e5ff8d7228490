//! The course checks itself: specs, starter and solution say the same.

use std::path::Path;

use crate::error::{Error, Result};
use crate::event::{Event, Sink};
use crate::finding::{ScenarioResult, Verdict};
use crate::grade::{self, Request};
use crate::picture::Pictures;
use crate::report::paint;
use crate::spec::{Exercise, exercises, find_specs};
use crate::submission;

/// Something that was checked.
#[derive(Debug)]
pub struct Check {
    /// What ought to be.
    pub name: String,
    /// Whether it is.
    pub outcome: Outcome,
}

/// What a check came to, with details.
#[derive(Debug)]
pub enum Outcome {
    /// It is as it ought to be.
    Good(String),
    /// It is not.
    Bad(String),
}

/// Checks the course whose specs lie in `specs`, or where [`find_specs`]
/// finds them; `starter` and `solution` are expected beside that folder.
/// Each check is handed to `report` as soon as it is done. Returns how many
/// are bad.
///
/// # Errors
/// What keeps this machine from grading at all. A spec, starter or solution
/// that cannot be used is a bad check, not an error.
pub fn check(specs: Option<&Path>, report: &mut dyn FnMut(&Check)) -> Result<usize> {
    let mut bad = 0;
    let mut checks = Checks {
        exercise: String::new(),
        report: &mut |check: &Check| {
            bad += usize::from(matches!(check.outcome, Outcome::Bad(_)));
            report(check);
        },
    };
    let folder = match find_specs(specs) {
        Ok(folder) => folder,
        Err(error) => {
            checks.bad("there are specs", error.to_string());
            return Ok(bad);
        }
    };
    let names = exercises(&folder)?;
    if names.is_empty() {
        checks.bad(
            "there are specs",
            format!("no exercise in {}", folder.display()),
        );
    }
    for name in names {
        checks.exercise = format!("{name}: ");
        match Exercise::load(&folder, &name) {
            Ok(exercise) => checks.exercise(&folder, &exercise)?,
            Err(error) => checks.bad("the specs can be read", error.to_string()),
        }
    }
    Ok(bad)
}

/// Hands on what was checked.
struct Checks<'a> {
    /// What the names of its checks begin with.
    exercise: String,
    report: &'a mut dyn FnMut(&Check),
}

impl Checks<'_> {
    fn good(&mut self, name: &str, detail: impl Into<String>) {
        let name = format!("{}{name}", self.exercise);
        let outcome = Outcome::Good(detail.into());
        (self.report)(&Check { name, outcome });
    }

    fn bad(&mut self, name: &str, detail: impl Into<String>) {
        let name = format!("{}{name}", self.exercise);
        let outcome = Outcome::Bad(detail.into());
        (self.report)(&Check { name, outcome });
    }

    fn exercise(&mut self, specs: &Path, exercise: &Exercise) -> Result<()> {
        let rubric = &exercise.rubric;
        let scenarios = rubric.scenarios.len();
        let points = rubric.max_points;
        self.good(
            "the specs can be read",
            format!("{scenarios} scenarios, {points} points"),
        );
        let specs = specs
            .canonicalize()
            .map_err(|error| Error::grader(format!("find {}", specs.display()), error))?;
        let course = specs.parent().unwrap_or(&specs);
        for part in [Part::Starter, Part::Solution] {
            let package = course.join(part.name());
            if part == Part::Starter {
                self.todos(&package);
            }
            if self.builds(part, &package, &rubric.program)? {
                self.graded(part, &package, &specs, exercise)?;
            }
        }
        Ok(())
    }

    fn todos(&mut self, starter: &Path) {
        const NAME: &str = "starter: has its TODO comments";
        match count_todos(&starter.join("src")) {
            Ok(0) => self.bad(NAME, "there is none"),
            Ok(todos) => self.good(NAME, todos.to_string()),
            Err(error) => self.bad(NAME, format!("read {}: {error}", starter.display())),
        }
    }

    /// Whether it builds; warnings are bad, but no reason to stop.
    fn builds(&mut self, part: Part, package: &Path, program: &str) -> Result<bool> {
        let name = format!("{}: builds without warnings", part.name());
        let mut warnings = Warnings(String::new());
        match submission::prepare(package, program, &mut warnings) {
            Ok(_) if warnings.0.trim().is_empty() => self.good(&name, ""),
            Ok(_) => self.bad(&name, warnings.0),
            Err(error @ Error::Submission { .. }) => {
                self.bad(&name, error.to_string());
                return Ok(false);
            }
            Err(error) => return Err(error),
        }
        Ok(true)
    }

    fn graded(
        &mut self,
        part: Part,
        package: &Path,
        specs: &Path,
        exercise: &Exercise,
    ) -> Result<()> {
        let witnesses = tempfile::tempdir()
            .map_err(|error| Error::grader("create a folder for witnesses", error))?;
        let request = Request {
            jobs: None,
            submission: package.to_owned(),
            exercise: exercise.rubric.exercise.clone(),
            only: Vec::new(),
            seed: 0,
            specs: Some(specs.to_owned()),
            witness_dir: Some(witnesses.path().to_owned()),
            pictures: Pictures::Unwanted,
        };
        let mut watch = Watch {
            checks: self,
            exercise,
            part,
        };
        let result = grade::grade(&request, &mut watch)?;
        let score = format!("{} of {}", result.score, result.max_score);
        match part {
            Part::Starter => {}
            Part::Solution if result.score - result.bonus == exercise.rubric.max_points => {
                self.good("solution: has full marks", score);
            }
            Part::Solution => self.bad("solution: has full marks", score),
        }
        Ok(())
    }
}

/// The packages of the course that are graded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Starter,
    Solution,
}

impl Part {
    /// The package's name and its folder's.
    const fn name(self) -> &'static str {
        match self {
            Self::Starter => "starter",
            Self::Solution => "solution",
        }
    }
}

/// Checks each scenario as soon as it has been graded.
struct Watch<'a, 'b> {
    checks: &'a mut Checks<'b>,
    exercise: &'a Exercise,
    part: Part,
}

impl Sink for Watch<'_, '_> {
    fn event(&mut self, event: &Event<'_>) {
        let Event::ScenarioFinished(result) = event else {
            return;
        };
        let mut scenarios = self.exercise.scenarios.iter();
        let must_fail = scenarios.any(|s| s.id == result.id && s.unsolved_in_starter);
        let (wanted, ok) = match self.part {
            Part::Starter if must_fail => {
                let lost = matches!(result.verdict, Verdict::Fail | Verdict::Skipped);
                ("unsolved", lost && result.points == 0)
            }
            // Whether the starter passes the others is nobody's concern.
            Part::Starter => return,
            Part::Solution => ("solved", result.verdict == Verdict::Pass),
        };
        let name = format!("{}: {} is {wanted}", self.part.name(), result.id);
        match ok {
            true => self.checks.good(&name, ""),
            false => self.checks.bad(&name, why(result)),
        }
    }
}

/// What a scenario came to instead.
fn why(result: &ScenarioResult) -> String {
    let mut why = format!("{}, {}", paint::word(result.verdict), result.bound);
    for finding in &result.findings {
        let failure = &finding.failure;
        why.push_str(&format!(
            "\n{}: {}\nexpected {}\nactual {}",
            finding.case, failure.message, failure.expected, failure.actual
        ));
    }
    why
}

/// Keeps what the compiler says on a successful build.
struct Warnings(String);

impl Sink for Warnings {
    fn event(&mut self, event: &Event<'_>) {
        if let Event::Built { output } = event {
            self.0.push_str(output);
        }
    }
}

/// How many TODO comments the Rust files in `folder` have.
fn count_todos(folder: &Path) -> std::io::Result<usize> {
    let mut todos = 0;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            todos += count_todos(&path)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = std::fs::read_to_string(&path)?;
            let is_todo = |line: &&str| {
                let comment = line.split_once("//").map(|(_, comment)| comment);
                comment.is_some_and(|comment| comment.contains("TODO"))
            };
            todos += source.lines().filter(is_todo).count();
        }
    }
    Ok(todos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn todo_comments_are_counted() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let source = "// TODO: a\nfn main() {} // TODO b\nlet s = \"TODO\";\n";
        std::fs::create_dir(folder.path().join("deeper")).expect("it is ours");
        std::fs::write(folder.path().join("deeper/a.rs"), source).expect("it is ours");
        std::fs::write(folder.path().join("notes.txt"), "// TODO").expect("it is ours");
        assert_eq!(count_todos(folder.path()).expect("it can be read"), 2);
    }
}
