//! Why a scenario, a rubric or another text file of ours cannot be used.

use std::fmt;
use std::path::{Path, PathBuf};

use super::excerpt::{Excerpt, printable};
use super::locate::Position;
use super::nearest::nearest;

/// A file that cannot be used, or that is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// Something in the file is wrong, and this is the place.
    #[error(transparent)]
    Refused(Box<Refusal>),
    /// The file or folder cannot be read at all.
    #[error("{}: {cause}\nhelp: {help}", printable(&path.to_string_lossy()))]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// Why, in lower case.
        cause: String,
        /// What to do.
        help: String,
    },
    /// There is no exercise of that name.
    #[error("no exercise `{}` in {}\nhelp: {}", printable(name), printable(&specs.to_string_lossy()), known_exercises(name, known))]
    NoSuchExercise {
        /// The name asked for.
        name: String,
        /// The folder looked into.
        specs: PathBuf,
        /// The exercises that are there.
        known: Vec<String>,
    },
}

/// What is wrong in a file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The file, as it was named.
    pub path: PathBuf,
    /// The place in it.
    pub position: Position,
    /// The line at that place, shortened, with the place marked.
    pub excerpt: Excerpt,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl SpecError {
    /// `text`, the content of the file at `path`, is wrong at `position`.
    pub fn refused(
        path: &Path,
        text: &str,
        position: Position,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self::Refused(Box::new(Refusal {
            path: path.to_owned(),
            position,
            excerpt: Excerpt::new(text, position),
            message: message.into(),
            help: help.into(),
        }))
    }

    /// The file or folder at `path` cannot be read at all.
    pub fn unreadable(path: &Path, cause: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Unreadable {
            path: path.to_owned(),
            cause: cause.into(),
            help: help.into(),
        }
    }
}

impl std::error::Error for Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { line, column } = self.position;
        writeln!(
            f,
            "{}:{line}:{column}: {}",
            printable(&self.path.to_string_lossy()),
            printable(&self.message)
        )?;
        let number = line.to_string();
        let margin = " ".repeat(number.len());
        let padding = " ".repeat(self.excerpt.caret);
        writeln!(f, "  {number} | {}", self.excerpt.text)?;
        writeln!(f, "  {margin} | {padding}^")?;
        write!(f, "help: {}", printable(&self.help))
    }
}

fn known_exercises(name: &str, known: &[String]) -> String {
    if known.is_empty() {
        return "an exercise is a folder with a rubric.yaml in it".to_owned();
    }
    match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`? there are: {}", known.join(", ")),
        None => format!("there are: {}", known.join(", ")),
    }
}
