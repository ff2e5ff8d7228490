//! Gradebooks and a page beside the results, and a class's results as lines.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::class::{Gradebook, Record, gradebook};
use crate::error::{Error, Result};
use crate::exit_code::ExitCode;
use crate::report::escape;
use crate::report::file::class_page;
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
    /// Also write a page for browsers: the distribution of marks, what is lost
    /// most, and a table to sort and search
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

impl GradebookArgs {
    /// Writes those that are asked for.
    pub(super) fn write(&self, records: &[Record]) -> Result<()> {
        let books = [
            (Gradebook::Canvas, &self.canvas),
            (Gradebook::Moodle, &self.moodle),
        ];
        for (format, path) in books {
            if let Some(path) = path {
                write(path, &gradebook(format, records, &self.title))?;
            }
        }
        match &self.html {
            Some(path) => write(path, &class_page(records)),
            None => Ok(()),
        }
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    save(path, text).map_err(|cause| Error::grader(format!("write {}", path.display()), cause))
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
