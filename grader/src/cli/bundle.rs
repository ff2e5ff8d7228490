//! The command `bundle`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use crate::bundle::{self, Dynamic, Platform, Request};
use crate::error::Result;
use crate::exit_code::ExitCode;
use crate::report::output::Output;
use crate::report::paint;

/// What `bundle --help` says at its end.
pub(super) const AFTER_HELP: &str = "Exit codes:
  0   the bundle is written
  2   wrong arguments, or the grader is not static
  3   a scenario or rubric file cannot be used
  4   no exercise
  70  grader error";

#[derive(Debug, Args)]
pub(super) struct BundleArgs {
    /// Who will run it
    #[arg(value_enum)]
    platform: Platform,
    /// Where it goes: a zip archive if it ends in .zip, else a new folder
    #[arg(long, value_name = "PATH")]
    out: PathBuf,
    /// The exercise that is graded [default: every one that a submission has a
    /// program of]
    #[arg(long, value_name = "NAME")]
    exercise: Option<String>,
    #[command(flatten)]
    specs: super::SpecsArg,
    /// The grader that is packed [default: this one]
    #[arg(long, value_name = "FILE")]
    grader: Option<PathBuf>,
    /// Pack the grader even if it is not static: it then runs only where the C
    /// library is as new as here
    #[arg(long)]
    dynamic: bool,
}

/// Makes a bundle.
pub(super) fn bundle(args: &BundleArgs, output: &mut Output<impl Write>) -> Result<ExitCode> {
    let made = bundle::make(&Request {
        platform: args.platform,
        out: args.out.clone(),
        exercise: args.exercise.clone(),
        specs: args.specs.specs.clone(),
        grader: args.grader.clone(),
        dynamic: match args.dynamic {
            true => Dynamic::Packed,
            false => Dynamic::Refused,
        },
    })?;
    output.print(&format!(
        "{}: {}, {}\n",
        args.out.display(),
        paint::count(made.files as u64, "file"),
        made.exercises.join(", ")
    ));
    if let Some(needs) = made.needs {
        Output::stderr().print(&format!(
            "warning: the grader in it is not static: where it runs it needs {needs}\n\
             help: without --dynamic, the command that builds a static one is said\n"
        ));
    }
    Ok(ExitCode::FullMarks)
}
