//! The command `merge`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::gradebooks::{GradebookArgs, any_failed, table};
use crate::class::{self, Merge, Merged};
use crate::error::Result;
use crate::exit_code::ExitCode;
use crate::report::output::Output;
use crate::report::{escape, paint};

/// What `merge --help` says at its end.
pub(super) const AFTER_HELP: &str = "Exit codes:
  0   every submission has its result, whatever its marks
  1   a submission of the class has no result (with --class)
  2   wrong arguments, or results that do not go together
  4   no results
  70  grader error, now or in one of the results";

#[derive(Debug, Args)]
pub(super) struct MergeArgs {
    /// Folders with results, as `class` was given them as --out
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// Where all results go; may be one of these folders
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The class: says which of its submissions have no result
    #[arg(long, value_name = "DIR")]
    class: Option<PathBuf>,
    #[command(flatten)]
    gradebooks: GradebookArgs,
}

/// Merges the results of shards.
pub(super) fn merge(args: &MergeArgs, output: &mut Output<impl Write>) -> Result<ExitCode> {
    let gradebooks = args.gradebooks.open()?;
    let merged = class::merge(&Merge {
        folders: args.folders.clone(),
        out: args.out.clone(),
        class: args.class.clone(),
    })?;
    gradebooks.write(&merged.records)?;
    output.print(&told(&merged));
    Ok(
        match (any_failed(&merged.records), merged.missing.is_empty()) {
            (true, _) => ExitCode::GraderError,
            (false, false) => ExitCode::MarksLost,
            (false, true) => ExitCode::FullMarks,
        },
    )
}

/// The table, who is missing, and how many there are.
fn told(merged: &Merged) -> String {
    let mut text = table(&merged.records);
    for name in &merged.missing {
        text.push_str(&format!("no result: {}\n", escape::one_line(name)));
    }
    for name in &merged.strangers {
        text.push_str(&format!("not of the class: {}\n", escape::one_line(name)));
    }
    let all = paint::count(merged.records.len() as u64, "result");
    let repeated = merged.repeated;
    text.push_str(&format!(
        "\n{all} merged; left out as there already: {repeated}\n"
    ));
    text
}
