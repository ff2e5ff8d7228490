//! The command `class`.

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::class::{self, Gradebook, Progress, Record, Request, Shard, Summary, gradebook};
use crate::error::{Error, Result};
use crate::exit_code::ExitCode;
use crate::report::file::class_page;
use crate::report::output::Output;
use crate::report::{escape, paint};
use crate::save::save;

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
    /// Also write the marks for Canvas; students are matched by login
    #[arg(long, value_name = "FILE")]
    canvas: Option<PathBuf>,
    /// The assignment's column in Canvas, with its number in parentheses
    #[arg(long, value_name = "TEXT", default_value = "Processes")]
    title: String,
    /// Also write the marks for Moodle; students are matched by ID number
    #[arg(long, value_name = "FILE")]
    moodle: Option<PathBuf>,
    /// Also write a page for browsers: the distribution of marks, what is lost
    /// most, and a table to sort and search
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

/// Grades a class.
pub(super) fn class(args: &ClassArgs, output: &mut Output<impl Write>) -> Result<ExitCode> {
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
    let books = [
        (Gradebook::Canvas, &args.canvas),
        (Gradebook::Moodle, &args.moodle),
    ];
    for (format, path) in books {
        if let Some(path) = path {
            write(path, &gradebook(format, &summary.records, &args.title))?;
        }
    }
    if let Some(path) = &args.html {
        write(path, &class_page(&summary.records))?;
    }
    output.print(&told(&summary));
    let failed = |record: &Record| record.exit_code == ExitCode::GraderError as u8;
    Ok(match summary.records.iter().any(failed) {
        true => ExitCode::GraderError,
        false => ExitCode::FullMarks,
    })
}

fn write(path: &Path, text: &str) -> Result<()> {
    save(path, text).map_err(|cause| Error::grader(format!("write {}", path.display()), cause))
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

fn marks(record: &Record) -> String {
    match record.exit_code {
        0 | 1 => format!("{} of {}", record.score, record.max_score),
        5 => "does not build or start".to_owned(),
        _ => "grader error, no result".to_owned(),
    }
}

/// The table, what has changed, and how many were graded.
fn told(summary: &Summary) -> String {
    let widest = summary
        .records
        .iter()
        .map(|record| record.name.chars().count());
    let width = widest.max().unwrap_or(0);
    let mut text = String::new();
    for record in &summary.records {
        let name = escape::one_line(&record.name);
        text.push_str(&format!("{name:<width$}  {}\n", marks(record)));
    }
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
