//! Gradebooks and a page beside the results, and a class's results as lines.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::class::{Filled, Gradebook, Record, Roster, filled, gradebook};
use crate::error::{Error, Result};
use crate::exit_code::ExitCode;
use crate::report::escape;
use crate::report::file::class_page;
use crate::report::output::Output;
use crate::save::save;

#[derive(Debug, Args)]
pub(super) struct GradebookArgs {
    /// Also write the marks for Canvas; students are matched by login
    #[arg(long, value_name = "FILE")]
    canvas: Option<PathBuf>,
    /// The assignment's column in Canvas, with its number in parentheses
    #[arg(long, value_name = "TEXT", default_value = "Processes")]
    title: String,
    /// Also write the marks for Moodle; students are matched by ID number
    #[arg(long, value_name = "FILE")]
    moodle: Option<PathBuf>,
    /// The students, as Canvas or Moodle exported them: the gradebook for that
    /// platform has their rows, filled in
    #[arg(long, value_name = "FILE")]
    roster: Option<PathBuf>,
    /// Also write a page for browsers: the distribution of marks, what is lost
    /// most, and a table to sort and search
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

impl GradebookArgs {
    /// Reads the roster, if there is one: what is wrong with it is said before
    /// anything is graded.
    pub(super) fn open(&self) -> Result<Gradebooks<'_>> {
        let roster = self.roster.as_deref().map(Roster::read).transpose()?;
        if let Some(roster) = &roster
            && self.file(roster.platform()).is_none()
        {
            let option = roster.platform().option();
            return Err(Error::Usage {
                message: format!("the roster is one for {option}, which is not asked for"),
                help: format!("add {option} FILE, where the marks are to go"),
            });
        }
        Ok(Gradebooks { args: self, roster })
    }

    const fn file(&self, gradebook: Gradebook) -> Option<&PathBuf> {
        match gradebook {
            Gradebook::Canvas => self.canvas.as_ref(),
            Gradebook::Moodle => self.moodle.as_ref(),
        }
    }
}

/// What is asked for, with the roster.
#[derive(Debug)]
pub(super) struct Gradebooks<'a> {
    args: &'a GradebookArgs,
    roster: Option<Roster>,
}

impl Gradebooks<'_> {
    /// Writes those that are asked for, and says on standard error who is not
    /// in them.
    pub(super) fn write(&self, records: &[Record]) -> Result<()> {
        for format in [Gradebook::Canvas, Gradebook::Moodle] {
            if let Some(path) = self.args.file(format) {
                write(path, &self.text(format, records))?;
            }
        }
        match &self.args.html {
            Some(path) => write(path, &class_page(records)),
            None => Ok(()),
        }
    }

    fn text(&self, format: Gradebook, records: &[Record]) -> String {
        let title = &self.args.title;
        let roster = self.roster.as_ref();
        let Some(roster) = roster.filter(|roster| roster.platform() == format) else {
            return gradebook(format, records, title);
        };
        let Filled { text, warnings } = filled(roster, records, title);
        let mut messages = Output::stderr();
        for warning in &warnings {
            messages.print(&format!("warning: {}\n", escape::one_line(warning)));
        }
        if !warnings.is_empty() {
            messages.print(
                "help: name submissions by login or ID, or as the platform's own download does\n",
            );
        }
        text
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    save(path, text).map_err(|cause| Error::Usage {
        message: format!("cannot write {}: {cause}", path.display()),
        help: "name a file that can be written, and run it again: the results stand".to_owned(),
    })
}

/// A line for each result.
pub(super) fn table(records: &[Record]) -> String {
    let widest = records.iter().map(|record| record.name.chars().count());
    let width = widest.max().unwrap_or(0);
    let line = |record: &Record| {
        let name = escape::one_line(&record.name);
        format!("{name:<width$}  {}\n", marks(record))
    };
    records.iter().map(line).collect()
}

/// A result in a few words.
pub(super) fn marks(record: &Record) -> String {
    match record.exit_code {
        0 | 1 => format!("{} of {}", record.score, record.max_score),
        5 => "does not build or start".to_owned(),
        _ => "grader error, no result".to_owned(),
    }
}

/// True if a submission has no result by the grader's own fault.
pub(super) fn any_failed(records: &[Record]) -> bool {
    let failed = |record: &Record| record.exit_code == ExitCode::GraderError as u8;
    records.iter().any(failed)
}
