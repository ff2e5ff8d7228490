//! The command line: arguments in, a report and an exit code out.

mod bundle;
mod class;
mod explore;
mod grade;
mod gradebooks;
mod merge;
mod watch;

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::error::{Error, Result};
use crate::exit_code::{self, ExitCode};
use crate::jail;
use crate::replay::Look;
use crate::report::output::Output;
use crate::report::replay::Comparison;
use crate::report::{course, escape};
use crate::{check, replay, report};

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
    Grade(grade::GradeArgs),
    /// Grade a submission whenever its files are saved
    #[command(after_help = watch::AFTER_HELP)]
    Watch(watch::WatchArgs),
    /// Grade a class: a folder with a folder or an archive for each student
    #[command(after_help = class::AFTER_HELP)]
    Class(class::ClassArgs),
    /// Merge the results of a class's parts, graded on several machines
    #[command(after_help = merge::AFTER_HELP)]
    Merge(merge::MergeArgs),
    /// Pack the grader and the exercises for a platform
    #[command(after_help = bundle::AFTER_HELP)]
    Bundle(bundle::BundleArgs),
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
        Command::Grade(args) => grade::grade_all(args, &mut output),
        Command::Watch(args) => watch::watch(args, &mut output),
        Command::Class(args) => class::class(args, &mut output),
        Command::Bundle(args) => bundle::bundle(args, &mut output),
        Command::Merge(args) => merge::merge(args, &mut output),
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
    let exercises = crate::grade::list(specs)?;
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
