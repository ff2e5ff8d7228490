//! What is wrong with a file, before it is known how the file was named.

use super::locate::Position;
use super::path::FieldPath;

/// Where a problem is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// At this very place of the text.
    At(Position),
    /// At a field's name.
    Name(FieldPath),
    /// At a field's value, or at its name if the value begins further down.
    Value(FieldPath),
}

/// One thing for which a file is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it is.
    pub place: Place,
    /// What is wrong; begins with the field's path where there is one.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Problem {
    /// A problem at this place of the text.
    pub fn at(position: Position, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            place: Place::At(position),
            message: message.into(),
            help: help.into(),
        }
    }

    /// A problem with the name of the field at `path`.
    pub fn name(path: &FieldPath, message: impl AsRef<str>, help: impl Into<String>) -> Self {
        Self {
            place: Place::Name(path.clone()),
            message: with_path(path, message.as_ref()),
            help: help.into(),
        }
    }

    /// A problem with the value of the field at `path`.
    pub fn value(path: &FieldPath, message: impl AsRef<str>, help: impl Into<String>) -> Self {
        Self {
            place: Place::Value(path.clone()),
            message: with_path(path, message.as_ref()),
            help: help.into(),
        }
    }
}

fn with_path(path: &FieldPath, message: &str) -> String {
    if path.segments().is_empty() {
        message.to_owned()
    } else {
        format!("{path}: {message}")
    }
}
