//! The command line: arguments in, a report and an exit code out.

mod explore;

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::error::{Error, Result};
use crate::event::Sink;
use crate::exit_code::{self, ExitCode};
use crate::finding::GradeResult;
use crate::grade::{self, Request};
use crate::jail;
use crate::replay::Look;
use crate::report::json::Json;
use crate::report::lost_mark::Hints;
use crate::report::output::Output;
use crate::report::replay::Comparison;
use crate::report::terminal::{Terminal, heading};
use crate::report::{course, escape};
use crate::{check, replay, report, score, witness};

/// What `--help` says at its end.
fn after_help() -> String {
    format!(
        "{}\n\nWith several submissions, the highest of their codes. If whoever reads the \
         report\ngoes away before its end, the code is the same as if they had stayed.",
        exit_code::HELP
    )
}

/// Grades multi-process programs by controlling their schedule.
#[derive(Debug, Parser)]
#[command(version, after_help = after_help())]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Grade submissions
    #[command(after_help = after_help())]
    Grade(GradeArgs),
    /// List the exercises with their scenarios and points
    List {
        #[command(flatten)]
        specs: SpecsArg,
    },
    /// Run the schedule of a witness file again
    #[command(after_help = after_help())]
    Replay {
        /// The witness file, as named in the report of a lost mark
        witness: PathBuf,
        /// The submission [default: the one that the witness names]
        path: Option<PathBuf>,
    },
    /// Show a witness step by step: source lines, and what FILE then held
    #[command(after_help = after_help())]
    Explain {
        /// The witness file, as named in the report of a lost mark
        witness: PathBuf,
        /// The submission [default: the one that the witness names]
        path: Option<PathBuf>,
    },
    /// Run any program in every interleaving, with no exercise
    #[command(after_help = after_help())]
    Explore(explore::ExploreArgs),
    /// Check the course: specs, starter and solution
    #[command(after_help = after_help())]
    Check {
        #[command(flatten)]
        specs: SpecsArg,
    },
    /// Show what this machine gives to hold programs, and what is missing
    #[command(after_help = after_help())]
    Doctor {
        /// How it is printed
        #[arg(long, value_enum, default_value_t = Format::Terminal)]
        format: Format,
    },
}

#[derive(Debug, Args)]
struct SpecsArg {
    /// Folder with the exercises [default: the folder `specs` of the course]
    #[arg(long, value_name = "DIR")]
    specs: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct GradeArgs {
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
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// For people
    Terminal,
    /// For programs: one object a submission, on a line of its own
    Json,
}

/// Runs the command that the process's arguments ask for.
#[must_use]
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help counts as an error here; a closed stdout does not.
            let _ = error.print();
            return match error.use_stderr() {
                true => ExitCode::Usage,
                false => ExitCode::FullMarks,
            };
        }
    };
    std::panic::catch_unwind(|| run_command(&cli.command)).unwrap_or_else(|_| {
        let cause = "it panicked with the message above";
        failed(&Error::grader("run the command", cause))
    })
}

fn run_command(command: &Command) -> ExitCode {
    let mut output = Output::stdout();
    let code = match command {
        Command::Grade(args) => grade_all(args, &mut output),
        Command::List { specs } => list(specs.specs.as_deref(), &mut output),
        Command::Replay { witness, path } => {
            replay_one(witness, path.as_deref(), Look::Plainly, &mut output)
        }
        Command::Explain { witness, path } => {
            replay_one(witness, path.as_deref(), Look::Closely, &mut output)
        }
        Command::Explore(args) => explore::explore(args, &mut output),
        Command::Doctor { format } => Ok(doctor(*format, &mut output)),
        Command::Check { specs } => {
            let mut report = |check: &check::Check| output.print(&course::check(check));
            check::check(specs.specs.as_deref(), &mut report).map(|bad| match bad {
                0 => ExitCode::FullMarks,
                _ => ExitCode::MarksLost,
            })
        }
    };
    let code = code.unwrap_or_else(|error| failed(&error));
    match output.finish() {
        Ok(()) => code,
        Err(error) => failed(&error),
    }
}

fn doctor(format: Format, output: &mut Output<impl std::io::Write>) -> ExitCode {
    let (tiers, place) = (jail::tiers(), jail::Place::here());
    output.print(&match format {
        Format::Terminal => report::doctor::report(&tiers, place),
        Format::Json => format!("{}\n", report::doctor::json(&tiers, place)),
    });
    match report::doctor::works(&tiers) {
        true => ExitCode::FullMarks,
        false => ExitCode::NoTracing,
    }
}

/// Says why, and with which code that ends.
fn failed(error: &Error) -> ExitCode {
    let prefix = match error {
        Error::Grader { .. } => "",
        _ => "error: ",
    };
    Output::stderr().print(&format!("{prefix}{}\n", escape::lines(&error.to_string())));
    error.exit_code()
}

/// Grades each submission in turn. One that cannot be graded does not keep
/// the others from it; what would hit all of them ends the command.
fn grade_all(args: &GradeArgs, output: &mut Output<impl std::io::Write>) -> Result<ExitCode> {
    let mut worst = ExitCode::FullMarks;
    let mut settle = |graded: Result<ExitCode>| {
        let code = match graded {
            Ok(code) => code,
            Err(error @ (Error::Submission { .. } | Error::Grader { .. })) => failed(&error),
            Err(error) => return Err(error),
        };
        if code as u8 > worst as u8 {
            worst = code;
        }
        Ok(())
    };
    let mut gap = "";
    for path in &args.paths {
        let exercises = match &args.exercise {
            Some(exercise) => Ok(vec![exercise.clone()]),
            None => grade::exercises_of(path, args.specs.specs.as_deref()),
        };
        let exercises = match exercises {
            Ok(exercises) => exercises,
            Err(error) => {
                settle(Err(error))?;
                continue;
            }
        };
        for exercise in &exercises {
            if let Format::Terminal = args.format {
                let heading = heading(exercise, &path.to_string_lossy());
                output.print(&format!("{gap}{heading}"));
                gap = "\n";
            }
            let several = exercises.len() > 1;
            let graded = grade_one(args, path, exercise, several, output);
            settle(graded.map(|result| score::exit_code(&result)))?;
        }
    }
    Ok(worst)
}

fn grade_one(
    args: &GradeArgs,
    path: &Path,
    exercise: &str,
    several: bool,
    output: &mut Output<impl std::io::Write>,
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
    };
    let mut messages = Output::stderr();
    let hints = match args.hints {
        true => Hints::Shown,
        false => Hints::OnRequest,
    };
    let mut sink: Box<dyn Sink> = match args.format {
        Format::Terminal => Box::new(Terminal::new(
            output,
            &mut messages,
            hints,
            &replay_command(),
        )),
        Format::Json => Box::new(Json::new(output, &mut messages)),
    };
    grade::grade(&request, sink.as_mut())
}

/// The command that takes a witness, in the form that works for whoever
/// started this one: through cargo's alias, or directly.
fn replay_command() -> String {
    let program = std::env::args().next().unwrap_or_else(|| "grader".into());
    match std::env::var_os("CARGO") {
        Some(_) => "cargo replay".to_owned(),
        None => format!("{} replay", escape::shell_word(&program)),
    }
}

fn list(specs: Option<&Path>, output: &mut Output<impl std::io::Write>) -> Result<ExitCode> {
    let exercises = grade::list(specs)?;
    if exercises.is_empty() {
        return Err(Error::NothingSelected {
            message: "there is no exercise".to_owned(),
            help: "name the folder that holds the exercises' folders with --specs".to_owned(),
        });
    }
    output.print(&course::list(&exercises));
    Ok(ExitCode::FullMarks)
}

fn replay_one(
    witness: &Path,
    submission: Option<&Path>,
    look: Look,
    output: &mut Output<impl std::io::Write>,
) -> Result<ExitCode> {
    let replay = replay::replay(witness, submission, look)?;
    output.print(&match look {
        Look::Plainly => report::replay::report(&replay),
        Look::Closely => report::explain::explain(&replay),
    });
    Ok(match report::replay::compare(&replay) {
        Comparison::Reproduced | Comparison::Other => ExitCode::MarksLost,
        Comparison::Gone => ExitCode::FullMarks,
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn help_documents_the_exit_codes() {
        let help = Cli::command().render_long_help().to_string();
        assert!(help.contains(exit_code::HELP), "{help}");
    }
}
