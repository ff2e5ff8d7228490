//! Report files from the events of a grading.

use std::path::PathBuf;
use std::time::{Instant, SystemTime};

use super::document::{Document, Refusal, State};
use super::format::{FileReport, Format};
use super::github;
use crate::error::{Error, Result};
use crate::event::{Event, Sink};
use crate::finding::GradeResult;
use crate::picture::Pictures;
use crate::save::save;

/// Gathers what is graded of one submission, and writes its report files.
#[derive(Debug)]
pub struct Reports {
    files: Vec<FileReport>,
    document: Document,
    started: Instant,
    /// The first report that could not be written.
    failed: Option<(PathBuf, std::io::Error)>,
}

impl Reports {
    /// For a submission, as named by the user; `replay` is the command that
    /// takes a witness.
    #[must_use]
    pub fn new(files: Vec<FileReport>, submission: &str, replay: &str) -> Self {
        Self {
            files,
            document: Document {
                submission: submission.to_owned(),
                exercises: Vec::new(),
                pictures: Vec::new(),
                refusal: None,
                state: State::UnderWay,
                started: SystemTime::now(),
                duration: std::time::Duration::ZERO,
                replay: replay.to_owned(),
            },
            started: Instant::now(),
            failed: None,
        }
    }

    /// Whether one of the files shows pictures.
    #[must_use]
    pub fn pictures(&self) -> Pictures {
        match self.files.iter().any(|file| file.format == Format::Html) {
            true => Pictures::Wanted,
            false => Pictures::Unwanted,
        }
    }

    /// A sink that hands its events on to `inner`.
    pub fn watch<'a>(&'a mut self, exercise: &str, inner: &'a mut dyn Sink) -> Watch<'a> {
        self.document.exercises.push(GradeResult {
            exercise: exercise.to_owned(),
            submission: self.document.submission.clone(),
            jail: None,
            score: 0,
            max_score: 0,
            bonus: 0,
            scenarios: Vec::new(),
        });
        Watch {
            reports: self,
            inner,
        }
    }

    /// Notes that the submission was not graded to its end.
    pub fn refuse(&mut self, error: &Error) {
        self.document.refusal = Some(Refusal {
            message: error.to_string(),
            submission: matches!(error, Error::Submission { .. }),
        });
    }

    /// Writes all files; what is for standard output is given back, and so are
    /// GitHub's annotations, which are for standard error.
    ///
    /// # Errors
    /// [`Error::Usage`] for the first file that cannot be written.
    pub fn finish(mut self) -> Result<Printed> {
        self.document.state = State::Ended;
        self.write(|_| true);
        if let Some((path, cause)) = self.failed {
            return Err(Error::Usage {
                message: format!("cannot write the report {}: {cause}", path.display()),
                help: "name a file that can be written, and grade again".to_owned(),
            });
        }
        let to_stdout = self.files.iter().filter(|file| is_stdout(file));
        let github = self.files.iter().any(|file| file.format == Format::Github);
        Ok(Printed {
            stdout: to_stdout
                .map(|file| file.format.text(&self.document))
                .collect(),
            stderr: match github {
                true => github::annotations(&self.document),
                false => String::new(),
            },
        })
    }

    fn write(&mut self, wanted: impl Fn(Format) -> bool) {
        self.document.duration = self.started.elapsed();
        for file in self.files.iter().filter(|file| !is_stdout(file)) {
            if !wanted(file.format) {
                continue;
            }
            let saved = save(&file.path, &file.format.text(&self.document));
            if let (Err(cause), None) = (saved, &self.failed) {
                self.failed = Some((file.path.clone(), cause));
            }
        }
    }
}

/// What is to be printed once all else is said.
#[derive(Debug)]
pub struct Printed {
    /// On standard output.
    pub stdout: String,
    /// On standard error.
    pub stderr: String,
}

fn is_stdout(file: &FileReport) -> bool {
    file.path.as_os_str() == "-"
}

/// Hands events on and has them in the reports.
pub struct Watch<'a> {
    reports: &'a mut Reports,
    inner: &'a mut dyn Sink,
}

impl Sink for Watch<'_> {
    fn event(&mut self, event: &Event<'_>) {
        self.inner.event(event);
        let current = self.reports.document.exercises.last_mut();
        match (event, current) {
            (Event::ScenarioFinished(scenario), Some(current)) => {
                current.score += scenario.points;
                current.max_score += scenario.max_points;
                current.scenarios.push((*scenario).clone());
                self.reports.write(Format::is_written_early);
            }
            (Event::Pictured { id, picture }, Some(current)) => {
                let of = (
                    current.exercise.clone(),
                    (*id).to_owned(),
                    (*picture).clone(),
                );
                self.reports.document.pictures.push(of);
            }
            (Event::Finished(result), Some(current)) => *current = (*result).clone(),
            _ => {}
        }
    }
}
