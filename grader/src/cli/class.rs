//! The command `class`.

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Mutex;

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::gradebooks::{GradebookArgs, any_failed, marks, table};
use crate::class::{self, Progress, Request, Shard, Summary};
use crate::error::Result;
use crate::exit_code::ExitCode;
use crate::report::output::Output;
use crate::report::{escape, paint};

/// What `class --help` says at its end.
pub(super) const AFTER_HELP: &str = "Exit codes:
  0   every submission has its result, whatever its marks
  2   wrong arguments
  3   a scenario or rubric file cannot be used
  4   nothing selected
  6   this machine does not let the grader trace
  70  grader error; some submissions have no result yet: run it again";

#[derive(Debug, Args)]
pub(super) struct ClassArgs {
    /// The class: a folder, a .zip or a .tar.gz for each student, by name
    #[arg(value_name = "DIR")]
    class: PathBuf,
    /// Where the results go, one file a submission. What is there already and
    /// still holds is not graded again
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// How many submissions are graded at the same time [default: one a
    /// processor]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Only part I of N of the class, for several machines
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    /// The exercise that they solve [default: every one that a submission has
    /// a program of]
    #[arg(long, value_name = "NAME")]
    exercise: Option<String>,
    /// Seed of the strategies that draw schedules by lot
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    specs: super::SpecsArg,
    #[command(flatten)]
    gradebooks: GradebookArgs,
}

/// Grades a class.
pub(super) fn class(args: &ClassArgs, output: &mut Output<impl Write>) -> Result<ExitCode> {
    let gradebooks = args.gradebooks.open()?;
    let request = Request {
        class: args.class.clone(),
        out: args.out.clone(),
        jobs: args.jobs,
        shard: args.shard,
        exercise: args.exercise.clone(),
        specs: args.specs.specs.clone(),
        seed: args.seed,
    };
    let shown = Shown::new();
    let summary = class::grade(&request, &|progress| shown.progress(progress))?;
    shown.end();
    gradebooks.write(&summary.records)?;
    output.print(&told(&summary));
    Ok(match any_failed(&summary.records) {
        true => ExitCode::GraderError,
        false => ExitCode::FullMarks,
    })
}

/// Progress: a bar with the time left on a terminal, a line a submission
/// elsewhere.
struct Shown {
    bar: ProgressBar,
    lines: Mutex<Output<std::io::Stderr>>,
}

impl Shown {
    fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let style = "{bar:30} {pos}/{len}, {eta} left  {msg}";
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style);
        }
        Self {
            bar,
            lines: Mutex::new(Output::stderr()),
        }
    }

    fn progress(&self, progress: &Progress<'_>) {
        let name = escape::one_line(&progress.record.name);
        self.bar.set_length(progress.of as u64);
        self.bar.set_position(progress.done as u64);
        self.bar.set_message(name.clone());
        if self.bar.is_hidden()
            && let Ok(mut lines) = self.lines.lock()
        {
            let known = if progress.known { ", as before" } else { "" };
            let (done, of) = (progress.done, progress.of);
            let marks = marks(progress.record);
            lines.print(&format!("{done}/{of}  {name}: {marks}{known}\n"));
        }
    }

    fn end(&self) {
        self.bar.finish_and_clear();
    }
}

/// The table, what has changed, and how many were graded.
fn told(summary: &Summary) -> String {
    let mut text = table(&summary.records);
    if !summary.changes.is_empty() {
        text.push_str("\nchanged since the last time\n");
    }
    for change in &summary.changes {
        let (was, is) = change.marks;
        let name = escape::one_line(&change.name);
        let because = change.because.join(", ");
        text.push_str(&format!("{name}: {was}, now {is} (changed: {because})\n"));
        for scenario in &change.scenarios {
            text.push_str(&format!("  {}\n", escape::one_line(scenario)));
        }
    }
    for other in &summary.others {
        text.push_str(&format!("not a submission: {}\n", escape::one_line(other)));
    }
    let all = paint::count(summary.records.len() as u64, "submission");
    let known = summary.records.len() - summary.graded;
    text.push_str(&format!(
        "\n{all}: {} graded now, {known} as before\n",
        summary.graded
    ));
    text
}
