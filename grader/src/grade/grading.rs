//! All scenarios of an exercise.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::case::{self, CaseResult};
use super::course::{exercise, select};
use super::native_case;
use super::start;
use super::workers::{self, Progress};
use crate::digest;
use crate::engine::EngineError;
use crate::error::{Error, Result};
use crate::event::{Event, Sink};
use crate::evidence::{Confirmed, Found};
use crate::finding::{Finding, GradeResult, ScenarioResult, Verdict};
use crate::jail::held;
use crate::machine;
use crate::picture::{self, Pictures};
use crate::save;
use crate::score;
use crate::spec::types::{Case, Scenario, StrategyKind};
use crate::submission::{self, Submission};
use crate::tracee::spawn::SpawnError;
use crate::witness::{self, Tested, Witness};

/// What is to be graded, and how.
#[derive(Debug, Clone)]
pub struct Request {
    /// An executable, a Cargo package or a folder with a Makefile.
    pub submission: PathBuf,
    /// Name of the exercise.
    pub exercise: String,
    /// Ids of the scenarios to run; empty for all.
    pub only: Vec<String>,
    /// Seed of the random schedules.
    pub seed: u64,
    /// The folder of the exercises; found by itself if not given.
    pub specs: Option<PathBuf>,
    /// Where witnesses go; `.grade/SUBMISSION` if not given.
    pub witness_dir: Option<PathBuf>,
    /// How many scenarios at the same time; as many as there are processors if
    /// not given.
    pub jobs: Option<NonZeroUsize>,
    /// Whether there is to be a picture of each lost scenario.
    pub pictures: Pictures,
}

/// Grades a submission.
///
/// # Errors
/// Every [`Error`]: a specification or submission that cannot be used, a
/// machine that does not let us trace, a failure of the grader itself. A
/// failure within one scenario is that scenario's verdict instead.
pub fn grade(request: &Request, sink: &mut dyn Sink) -> Result<GradeResult> {
    let exercise = exercise(request.specs.as_deref(), &request.exercise)?;
    let scenarios = select(&exercise, &request.only)?;
    let submission = submission::prepare(&request.submission, &exercise.rubric.program, sink)?;
    let processors = machine::prepare()?;
    start::check(&request.submission, submission.confined())?;
    let witnesses = request
        .witness_dir
        .clone()
        .unwrap_or_else(|| witness::default_folder(&request.submission));
    // A program that loses nothing now has none written there.
    save::tidy(&witnesses);
    let grading = Grading {
        request,
        submission: &submission,
        sha256: digest::of_file(&submission.program)
            .map_err(|cause| Error::grader("read the program", cause))?,
        witnesses,
    };
    let one = |scenario: &Scenario, progress: &mut Progress<'_>| {
        let mut result = grading.scenario(scenario, progress)?;
        result.points = score::award(result.verdict, result.max_points);
        Ok(result)
    };
    let results = workers::grade_all(&scenarios, processors, request.jobs, one, sink)?;
    if request.pictures == Pictures::Wanted {
        take_pictures(&submission, &results, sink);
    }
    let mut result = score::grade(&exercise.rubric, &request.submission, results);
    result.jail = Some(held(&submission.program));
    sink.event(&Event::Finished(&result));
    Ok(result)
}

/// One picture a lost scenario. What goes wrong is said in its place: marks are
/// settled by now.
fn take_pictures(submission: &Submission, results: &[ScenarioResult], sink: &mut dyn Sink) {
    for result in results {
        let witness = result.findings.iter().find_map(|f| f.witness.as_ref());
        if let Some(witness) = witness {
            let picture = picture::take(submission.confined(), witness);
            sink.event(&Event::Pictured {
                id: &result.id,
                picture: &picture,
            });
        }
    }
}

struct Grading<'a> {
    request: &'a Request,
    submission: &'a Submission,
    sha256: String,
    witnesses: PathBuf,
}

impl Grading<'_> {
    fn scenario(&self, scenario: &Scenario, progress: &mut Progress<'_>) -> Result<ScenarioResult> {
        let started = Instant::now();
        let mut result = ScenarioResult {
            id: scenario.id.clone(),
            title: scenario.title.clone(),
            points: 0,
            max_points: scenario.points,
            bonus: false,
            verdict: Verdict::Pass,
            executions: 0,
            cut_off: 0,
            complete: true,
            bound: String::new(),
            duration: started.elapsed(),
            findings: Vec::new(),
        };
        let mut bounds: Vec<String> = Vec::new();
        for case in &scenario.cases {
            let before = result.executions;
            let mut progress = |executions| progress(&case.name, before + executions);
            match self.case(case, &mut progress) {
                Ok(CaseResult {
                    executions,
                    cut_off,
                    complete,
                    bound,
                    outcome,
                }) => {
                    result.executions += executions;
                    result.cut_off += cut_off;
                    result.complete &= complete;
                    if !bounds.contains(&bound) {
                        bounds.push(bound);
                    }
                    match outcome {
                        Confirmed::Passed => {}
                        Confirmed::Failed(found) => {
                            result.verdict = Verdict::Fail;
                            result.findings.push(self.finding(scenario, case, *found)?);
                        }
                        Confirmed::NotReproduced(why) => {
                            result.verdict = Verdict::Error;
                            bounds = vec![format!("grader error: {why}; no marks were lost")];
                        }
                    }
                }
                Err(error) => {
                    fatal(&self.request.submission, &error)?;
                    result.verdict = Verdict::Error;
                    result.complete = false;
                    bounds = vec![format!("grader error: {error}; no marks were lost")];
                }
            }
            // One lost case loses the scenario; the first says enough.
            if result.verdict != Verdict::Pass {
                result.complete = false;
                break;
            }
        }
        result.bound = bounds.join("; ");
        result.duration = started.elapsed();
        Ok(result)
    }

    fn case(
        &self,
        case: &Case,
        progress: &mut dyn FnMut(u64),
    ) -> std::result::Result<CaseResult, EngineError> {
        match case.strategy.kind {
            StrategyKind::Native => native_case::run(self.submission.confined(), case, progress),
            StrategyKind::Exhaustive | StrategyKind::Pct => {
                let seed = self.request.seed;
                case::run(self.submission.confined(), case, seed, progress)
            }
        }
    }

    /// A finding with its witness.
    fn finding(&self, scenario: &Scenario, case: &Case, found: Found) -> Result<Finding> {
        let tested = Tested::Scenario {
            exercise: self.request.exercise.clone(),
            scenario: scenario.id.clone(),
            program: scenario.program.clone(),
            case: Box::new(case.clone()),
        };
        let witness = Witness::new(tested, &self.request.submission, &self.sha256, &found);
        Ok(Finding {
            case: case.name.clone(),
            passes_if: found.passes_if(),
            witness: Some(witness.save(&self.witnesses, &scenario.id)?),
            hint: scenario.hints.first().cloned(),
            failure: found.failure,
            execution: found.execution,
        })
    }
}

/// Errors that concern every scenario alike.
pub(crate) fn fatal(submission: &Path, error: &EngineError) -> Result<()> {
    let EngineError::Spawn(error) = error else {
        return Ok(());
    };
    match error {
        SpawnError::Exec(cause) => Err(start::refused(submission, cause)),
        SpawnError::Refused { what, cause } => Err(Error::Tracing {
            missing: format!("it refuses to {what} ({cause})"),
            help: "in a container, start it with `--cap-add=SYS_PTRACE --security-opt \
                   seccomp=unconfined`; on a bare machine, set /proc/sys/kernel/yama/ptrace_scope \
                   to 1 or less"
                .to_owned(),
        }),
        SpawnError::Other { .. } => Ok(()),
    }
}
