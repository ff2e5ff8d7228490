//! The command `grade`.

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;

use super::{Format, SpecsArg, failed, replay_command};
use crate::error::{Error, Result};
use crate::event::Sink;
use crate::exit_code::ExitCode;
use crate::finding::GradeResult;
use crate::grade::{self, Request};
use crate::machine;
use crate::report::file::{FileReport, Reports};
use crate::report::json::Json;
use crate::report::lost_mark::Hints;
use crate::report::output::Output;
use crate::report::stream::Stream;
use crate::report::terminal::{Terminal, heading};
use crate::{score, witness};

#[derive(Debug, Args)]
pub(super) struct GradeArgs {
    /// Submissions: an executable, a Cargo package, or a folder with a
    /// Makefile or the program
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The exercise that they solve [default: every one that a submission has
    /// a program of; forkwrite if none]
    #[arg(long, value_name = "NAME")]
    exercise: Option<String>,
    /// Only these scenarios
    #[arg(long, value_name = "ID,ID", value_delimiter = ',')]
    only: Vec<String>,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    format: Format,
    /// Seed of the strategies that draw schedules by lot
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Show a hint with each lost mark
    #[arg(long)]
    hints: bool,
    #[command(flatten)]
    specs: SpecsArg,
    /// Folder for witness files, with one for each exercise if there are
    /// several [default: .grade/SUBMISSION]
    #[arg(long, value_name = "DIR")]
    witness_dir: Option<PathBuf>,
    /// How many scenarios are graded at the same time; it changes no result
    /// [default: one a processor]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// End when the process that started this one does
    #[arg(long, hide = true)]
    end_with_parent: bool,
    /// Print the events, for `grader watch`
    #[arg(long, hide = true, requires = "format")]
    events: bool,
    /// Also write a report file; may be given several times. FILE is replaced
    /// as a whole; `-` is standard output. FORMAT is one of gradescope,
    /// classroom50, prairielearn, autolab, github, junit, ctrf, tap, json, html
    #[arg(long = "report", value_name = "FORMAT=FILE")]
    reports: Vec<FileReport>,
}

/// Grades each submission in turn. One that cannot be graded does not keep
/// the others from it; what would hit all of them ends the command.
pub(super) fn grade_all(args: &GradeArgs, output: &mut Output<impl Write>) -> Result<ExitCode> {
    if args.end_with_parent {
        machine::end_with_parent();
    }
    if args.paths.len() > 1 && !args.reports.is_empty() {
        return Err(Error::Usage {
            message: "a report file is about one submission, and there are several".to_owned(),
            help: "grade them one by one, each with a --report of its own".to_owned(),
        });
    }
    let mut worst = ExitCode::FullMarks;
    let mut gap = "";
    for path in &args.paths {
        let mut reports = Reports::new(
            args.reports.clone(),
            &path.to_string_lossy(),
            &replay_command(),
        );
        let graded = grade_path(args, path, &mut gap, &mut reports, output);
        let code = match graded {
            Ok(code) => code,
            Err(error) => {
                reports.refuse(&error);
                finish(reports, output)?;
                return Err(error);
            }
        };
        finish(reports, output)?;
        worst = worse(worst, code);
    }
    Ok(worst)
}

fn finish(reports: Reports, output: &mut Output<impl Write>) -> Result<()> {
    let printed = reports.finish()?;
    Output::stderr().print(&printed.stderr);
    output.print(&printed.stdout);
    Ok(())
}

const fn worse(one: ExitCode, other: ExitCode) -> ExitCode {
    if other as u8 > one as u8 { other } else { one }
}

/// Grades a submission in each of its exercises. What is only its own fault is
/// said, and is a code.
fn grade_path(
    args: &GradeArgs,
    path: &Path,
    gap: &mut &str,
    reports: &mut Reports,
    output: &mut Output<impl Write>,
) -> Result<ExitCode> {
    let exercises = match &args.exercise {
        Some(exercise) => Ok(vec![exercise.clone()]),
        None => grade::exercises_of(path, args.specs.specs.as_deref()),
    };
    let exercises = match exercises {
        Ok(exercises) => exercises,
        Err(error) => return settle(error, reports),
    };
    let mut worst = ExitCode::FullMarks;
    for exercise in &exercises {
        if let Format::Terminal = args.format {
            let heading = heading(exercise, &path.to_string_lossy());
            output.print(&format!("{gap}{heading}"));
            *gap = "\n";
        }
        let several = exercises.len() > 1;
        let code = match grade_one(args, path, exercise, several, reports, output) {
            Ok(result) => score::exit_code(&result),
            Err(error) => settle(error, reports)?,
        };
        worst = worse(worst, code);
    }
    Ok(worst)
}

/// The code of an error that concerns this submission alone.
fn settle(error: Error, reports: &mut Reports) -> Result<ExitCode> {
    match error {
        Error::Submission { .. } | Error::Grader { .. } => {
            reports.refuse(&error);
            Ok(failed(&error))
        }
        error => Err(error),
    }
}

fn grade_one(
    args: &GradeArgs,
    path: &Path,
    exercise: &str,
    several: bool,
    reports: &mut Reports,
    output: &mut Output<impl Write>,
) -> Result<GradeResult> {
    // Scenarios of several exercises have the same names.
    let witness_dir = match (&args.witness_dir, several) {
        (given, false) => given.clone(),
        (Some(given), true) => Some(given.join(exercise)),
        (None, true) => Some(witness::default_folder(path).join(exercise)),
    };
    let request = Request {
        submission: path.to_owned(),
        exercise: exercise.to_owned(),
        only: args.only.clone(),
        seed: args.seed,
        specs: args.specs.specs.clone(),
        witness_dir,
        jobs: args.jobs,
        pictures: reports.pictures(),
    };
    let mut messages = Output::stderr();
    let hints = match args.hints {
        true => Hints::Shown,
        false => Hints::OnRequest,
    };
    let replay = replay_command();
    let mut sink: Box<dyn Sink> = match args.format {
        _ if args.events => Box::new(Stream::new(output, &replay)),
        Format::Terminal => Box::new(Terminal::new(output, &mut messages, hints, &replay)),
        Format::Json => Box::new(Json::new(output, &mut messages)),
    };
    grade::grade(&request, &mut reports.watch(exercise, sink.as_mut()))
}
