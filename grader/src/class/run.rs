//! Grading a class: what is not graded yet, so many at a time.

use std::fs;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::entries::{Entry, Kind, entries, outside};
use super::grader::{GRADER_ERROR, Graded, Grader};
use super::place::{Unusable, place};
use super::record::{Change, Key, Record};
use super::shard::Shard;
use super::witnesses;
use crate::digest;
use crate::error::{Error, Result};
use crate::exit_code::ExitCode;
use crate::machine;
use crate::removal;
use crate::spec;

/// What is to be graded, and how.
#[derive(Debug, Clone)]
pub struct Request {
    /// The class's folder.
    pub class: PathBuf,
    /// Where the results go, one file a submission.
    pub out: PathBuf,
    /// How many at a time; one a processor if not given.
    pub jobs: Option<NonZeroUsize>,
    /// Only this part of the class.
    pub shard: Option<Shard>,
    /// The exercise; every one that a submission has a program of if not given.
    pub exercise: Option<String>,
    /// The folder of the exercises; found by itself if not given.
    pub specs: Option<PathBuf>,
    /// Seed of the random schedules.
    pub seed: u64,
}

/// A submission has its result.
#[derive(Debug)]
pub struct Progress<'a> {
    /// It.
    pub record: &'a Record,
    /// True if it was graded before, and nothing has changed since.
    pub known: bool,
    /// How many have theirs by now.
    pub done: usize,
    /// How many there are.
    pub of: usize,
}

/// What grading a class came to.
#[derive(Debug, Default)]
pub struct Summary {
    /// All results, by name.
    pub records: Vec<Record>,
    /// How many were graded now.
    pub graded: usize,
    /// Whose marks or verdicts are others than before.
    pub changes: Vec<Change>,
    /// What in the class's folder is no submission.
    pub others: Vec<String>,
}

/// Grades every submission that has no result yet for what it now is.
///
/// # Errors
/// [`Error::Usage`] if a folder cannot be used, [`Error::NothingSelected`] if the
/// class is empty; an error that would hit every submission alike. What one
/// submission does is its own result.
pub fn grade(request: &Request, progress: &(dyn Fn(&Progress<'_>) + Sync)) -> Result<Summary> {
    let (all, others) = entries(&request.class)?;
    outside(&request.class, &request.out)?;
    if all.is_empty() {
        return Err(Error::NothingSelected {
            message: format!("there is no submission in {}", request.class.display()),
            help: "name a folder that holds a folder, a .zip or a .tar.gz for each student"
                .to_owned(),
        });
    }
    let chosen = all.into_iter().enumerate();
    let chosen = chosen.filter(|(place, _)| request.shard.is_none_or(|shard| shard.has(*place)));
    let chosen: Vec<Entry> = chosen.map(|(_, entry)| entry).collect();
    fs::create_dir_all(&request.out).map_err(|cause| Error::Usage {
        message: format!("cannot make the folder {}: {cause}", request.out.display()),
        help: "name a folder that can be written to with --out".to_owned(),
    })?;
    let work = Work::new(request)?;
    let processors = machine::prepare()?;
    let state = Mutex::new(State::default());
    processors.share_out(request.jobs, chosen.len(), |index| {
        let done = work.one(&chosen[index]);
        let mut state = state.lock().unwrap_or_else(|poison| poison.into_inner());
        match done {
            Ok((record, before)) => {
                state.summary.add(record, before, chosen.len(), progress);
                ControlFlow::Continue(())
            }
            Err(error) => {
                state.failed.get_or_insert(error);
                ControlFlow::Break(())
            }
        }
    });
    let state = state
        .into_inner()
        .unwrap_or_else(|poison| poison.into_inner());
    if let Some(error) = state.failed {
        return Err(error);
    }
    let mut summary = state.summary;
    summary.records.sort_by(|a, b| a.name.cmp(&b.name));
    summary.changes.sort_by(|a, b| a.name.cmp(&b.name));
    summary.others = others;
    Ok(summary)
}

#[derive(Debug, Default)]
struct State {
    summary: Summary,
    failed: Option<Error>,
}

impl Summary {
    /// Takes one of `of` results in, and tells of it.
    fn add(
        &mut self,
        record: Record,
        before: Option<Record>,
        of: usize,
        progress: &(dyn Fn(&Progress<'_>) + Sync),
    ) {
        let known = before.as_ref() == Some(&record);
        self.graded += usize::from(!known);
        let change = before.and_then(|before| record.change(&before));
        self.changes.extend(change);
        let done = self.records.len() + 1;
        progress(&Progress {
            record: &record,
            known,
            done,
            of,
        });
        self.records.push(record);
    }
}

/// What all submissions have in common.
struct Work<'a> {
    request: &'a Request,
    grader: Grader,
    specs: String,
    program: String,
}

impl<'a> Work<'a> {
    fn new(request: &'a Request) -> Result<Self> {
        let program = std::env::current_exe()
            .map_err(|cause| Error::grader("find the grader's own program", cause))?;
        let specs = spec::find_specs(request.specs.as_deref())?;
        let digest = |what: &str, digest: std::io::Result<String>| {
            digest.map_err(|cause| Error::grader(format!("read {what}"), cause))
        };
        Ok(Self {
            request,
            specs: digest("the exercises", digest::of_folder(&specs))?,
            program: digest("the grader's own program", digest::of_file(&program))?,
            grader: Grader {
                program,
                exercise: request.exercise.clone(),
                specs,
                seed: request.seed,
            },
        })
    }

    /// A submission's result, and the one that was there before.
    fn one(&self, entry: &Entry) -> Result<(Record, Option<Record>)> {
        let out = &self.request.out;
        let before = Record::load(out, &entry.name);
        let digest = match entry.kind {
            Kind::Folder => digest::of_folder(&entry.path),
            Kind::Zip | Kind::TarGz => digest::of_file(&entry.path),
        };
        let exercise = self.request.exercise.as_deref().unwrap_or("all");
        let key = Key {
            // What cannot be read says so when it is graded, each time.
            submission: digest.unwrap_or_else(|error| error.to_string()),
            specs: self.specs.clone(),
            grader: self.program.clone(),
            options: format!("exercise {exercise}, seed {}", self.request.seed),
        };
        let settled = |record: &Record| record.key == key && record.exit_code != GRADER_ERROR;
        if let Some(record) = before.clone().filter(settled) {
            return Ok((record.clone(), Some(record)));
        }
        let Graded {
            exit_code,
            results,
            message,
        } = self.graded(entry)?;
        let record = Record::new(&entry.name, key, exit_code, results, message);
        record.save(out)?;
        Ok((record, before))
    }

    fn graded(&self, entry: &Entry) -> Result<Graded> {
        let place = match place(entry) {
            Ok(place) => place,
            Err(Unusable::Submission(why)) => return Ok(Graded::not_unpacked(&entry.path, &why)),
            Err(Unusable::Machine(cause)) => {
                return Err(Error::grader("make a folder for a submission", cause));
            }
        };
        let folder = self.request.out.join(witnesses::FOLDER).join(&entry.name);
        // Those of another version of it, or of a grader that was killed.
        if folder.exists() {
            removal::remove(&folder)
                .map_err(|cause| Error::grader(format!("remove {}", folder.display()), cause))?;
        }
        let graded = self.grader.grade(place.path(), &folder);
        let mut graded = graded.map_err(|cause| Error::grader("start a grader", cause))?;
        let named = witnesses::named(&mut graded.results);
        for witness in named.filter_map(|witness| witness.as_str()) {
            place.forgotten_by(Path::new(witness))?;
        }
        graded.message = graded.message.map(|message| place.forgotten_in(&message));
        let alike = [
            ExitCode::Usage,
            ExitCode::BadSpec,
            ExitCode::NothingSelected,
            ExitCode::NoTracing,
        ];
        if let Some(code) = alike
            .into_iter()
            .find(|code| *code as u8 == graded.exit_code)
        {
            return Err(Error::EveryOne {
                message: graded.message.unwrap_or_default(),
                code,
            });
        }
        Ok(graded)
    }
}
