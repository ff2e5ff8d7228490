//! The command `watch`.

use std::ffi::OsString;
use std::io::{IsTerminal, Write, stdin, stdout};
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

use crate::error::{Error, Result};
use crate::exit_code::ExitCode;
use crate::report::output::Output;
use crate::watch::{Grader, watch as grade_when_saved};
use crate::witness;

/// What `watch --help` says at its end.
pub(super) const AFTER_HELP: &str = "Keys:
  n, space   the next lost scenario: finding, interleaving, hint
  p          the one before
  r          grade again
  q, Ctrl-C  end

Exit codes:
  0   ended by a key
  2   wrong arguments, or no terminal
  3   a scenario or rubric file cannot be used
  4   nothing selected
  5   there is no submission
  6   this machine does not let the grader trace
  70  grader error";

#[derive(Debug, Args)]
pub(super) struct WatchArgs {
    /// The submission: an executable, a Cargo package, or a folder with a
    /// Makefile or the program
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// The exercise that it solves [default: every one that it has a program
    /// of; forkwrite if none]
    #[arg(long, value_name = "NAME")]
    exercise: Option<String>,
    /// Only these scenarios
    #[arg(long, value_name = "ID,ID", value_delimiter = ',')]
    only: Vec<String>,
    /// Seed of the strategies that draw schedules by lot
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    specs: super::SpecsArg,
    /// Folder for witness files [default: .grade/SUBMISSION]
    #[arg(long, value_name = "DIR")]
    witness_dir: Option<PathBuf>,
    /// How many scenarios are graded at the same time [default: one a
    /// processor]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
}

/// Grades a submission whenever it is saved.
pub(super) fn watch(args: &WatchArgs, output: &mut Output<impl Write>) -> Result<ExitCode> {
    for (stream, is_terminal) in [
        ("input", stdin().is_terminal()),
        ("output", stdout().is_terminal()),
    ] {
        if !is_terminal {
            return Err(Error::Usage {
                message: format!(
                    "cannot watch {}: standard {stream} is no terminal",
                    args.path.display()
                ),
                help: "start it in a terminal, with neither input nor output redirected; \
                       `grader grade` grades once and needs none"
                    .to_owned(),
            });
        }
    }
    let grader = Grader {
        path: args.path.clone(),
        arguments: args.of_grade(),
    };
    grade_when_saved(grader, output)?;
    Ok(ExitCode::FullMarks)
}

impl WatchArgs {
    /// The arguments of each grading.
    fn of_grade(&self) -> Vec<OsString> {
        let witnesses = self.witness_dir.clone();
        let witnesses = witnesses.unwrap_or_else(|| witness::default_folder(&self.path));
        let mut arguments: Vec<OsString> = vec![
            "--seed".into(),
            self.seed.to_string().into(),
            "--witness-dir".into(),
            witnesses.into(),
        ];
        let mut add = |option: &str, value: Option<OsString>| {
            if let Some(value) = value {
                arguments.extend([option.into(), value]);
            }
        };
        let only = (!self.only.is_empty()).then(|| self.only.join(","));
        add("--exercise", self.exercise.clone().map(Into::into));
        add("--only", only.map(Into::into));
        add("--specs", self.specs.specs.clone().map(Into::into));
        add("--jobs", self.jobs.map(|jobs| jobs.to_string().into()));
        arguments
    }
}
