//! The command `explore`.

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget};

use super::{Format, replay_command};
use crate::error::{Error, Result};
use crate::exit_code::ExitCode;
use crate::program::{self, Request};
use crate::report::output::Output;
use crate::report::{exploration, paint};

#[derive(Debug, Args)]
pub(super) struct ExploreArgs {
    /// At most this many faults in one execution: short writes, and SIGUSR1
    /// where the program has a handler for it
    #[arg(long, value_name = "N", default_value_t = 0)]
    faults: u32,
    /// At most this many preemptions in one execution [default: no bound].
    /// What needs more is then not found, and equal executions are not left
    /// out
    #[arg(long, value_name = "N")]
    preemptions: Option<u32>,
    /// So many executions, once without faults and once with; past that some
    /// more are drawn by lot
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    max_executions: u64,
    /// Seed of what is drawn by lot
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    format: Format,
    /// Folder for witness files [default: .grade/PROGRAM]
    #[arg(long, value_name = "DIR")]
    witness_dir: Option<PathBuf>,
    /// The program, by its path or its name in PATH, and its arguments. It
    /// runs in a copy of the current folder
    #[arg(required = true, last = true, value_name = "PROGRAM ARG...")]
    program: Vec<OsString>,
}

pub(super) fn explore(args: &ExploreArgs, output: &mut Output<impl Write>) -> Result<ExitCode> {
    let Some((program, arguments)) = args.program.split_first() else {
        return Err(usage("there is no program to explore"));
    };
    let text = |argument: &OsString| argument.clone().into_string();
    let arguments = arguments
        .iter()
        .map(text)
        .collect::<std::result::Result<Vec<_>, _>>();
    let request = Request {
        program: program.clone(),
        arguments: arguments.map_err(|_| usage("an argument is not UTF-8"))?,
        faults: args.faults,
        preemptions: args.preemptions,
        executions: args.max_executions,
        seed: args.seed,
        witness_dir: args.witness_dir.clone(),
    };
    // Hidden unless standard error is a terminal.
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let explored = program::explore(&request, &mut |executions| {
        bar.set_message(paint::count(executions, "execution"));
        bar.tick();
    });
    bar.finish_and_clear();
    let explored = explored?;
    output.print(&match args.format {
        Format::Terminal => exploration::report(&explored, &replay_command()),
        Format::Json => format!("{}\n", exploration::json(&explored)),
    });
    Ok(match explored.findings.is_empty() {
        true => ExitCode::FullMarks,
        false => ExitCode::MarksLost,
    })
}

fn usage(message: &str) -> Error {
    Error::Usage {
        message: message.to_owned(),
        help: "grader explore [OPTIONS] -- PROGRAM ARG...".to_owned(),
    }
}
