//! From a file to a scenario or a rubric that keeps every rule of the format.

use std::fs;
use std::io::Read;
use std::path::Path;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_yaml::Value;

use super::error::SpecError;
use super::locate::{Layout, Position};
use super::path::FieldPath;
use super::problem::{Place, Problem};
use super::types::{FORMAT, Rubric, Scenario};
use super::{schema, shape, validate};

/// A scenario file may not be larger than this.
pub const MAX_FILE_BYTES: u64 = 1 << 20;

/// What a file says, with what is needed to point into it.
#[derive(Debug, Clone)]
pub struct Parsed<'a, T> {
    /// What it says.
    pub value: T,
    path: &'a Path,
    text: &'a str,
    layout: Layout,
}

impl<'a, T: DeserializeOwned + JsonSchema> Parsed<'a, T> {
    /// Reads `text`: YAML of version 1 of the format, of the shape of `T`.
    /// `path` is for messages.
    pub fn new(path: &'a Path, text: &'a str) -> Result<Self, SpecError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let layout = Layout::parse(text).map_err(|problem| refuse(path, text, None, problem))?;
        let value =
            read::<T>(text).map_err(|problem| refuse(path, text, Some(&layout), problem))?;
        Ok(Self {
            value,
            path,
            text,
            layout,
        })
    }
}

impl<T> Parsed<'_, T> {
    /// The error for a problem with this file.
    #[must_use]
    pub fn refuse(&self, problem: Problem) -> SpecError {
        refuse(self.path, self.text, Some(&self.layout), problem)
    }
}

impl Scenario {
    /// Reads a scenario file. `path` is for messages; its file name without
    /// `.yaml` must be the scenario's id.
    pub fn parse(path: &Path, text: &str) -> Result<Self, SpecError> {
        Self::parsed(path, text).map(|parsed| parsed.value)
    }

    pub(super) fn parsed<'a>(path: &'a Path, text: &'a str) -> Result<Parsed<'a, Self>, SpecError> {
        let parsed = Parsed::<Self>::new(path, text)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        validate::scenario(&parsed.value, &name).map_err(|problem| parsed.refuse(problem))?;
        Ok(parsed)
    }
}

impl Rubric {
    /// Reads a rubric file. `path` is for messages; the folder's name must be
    /// the exercise's name.
    pub fn parse(path: &Path, text: &str) -> Result<Self, SpecError> {
        Self::parsed(path, text).map(|parsed| parsed.value)
    }

    pub(super) fn parsed<'a>(path: &'a Path, text: &'a str) -> Result<Parsed<'a, Self>, SpecError> {
        let parsed = Parsed::<Self>::new(path, text)?;
        let folder = path.parent().and_then(Path::file_name).unwrap_or_default();
        validate::rubric(&parsed.value, &folder.to_string_lossy())
            .map_err(|problem| parsed.refuse(problem))?;
        Ok(parsed)
    }
}

/// Reads a text file of ours: a regular file, not too large, in UTF-8.
pub fn read_text(path: &Path) -> Result<String, SpecError> {
    let failed = |error: std::io::Error| {
        SpecError::unreadable(
            path,
            format!("cannot be read: {}", cause(&error)),
            "check the name and the permissions",
        )
    };
    // Looked at before it is opened: opening a FIFO would wait for a writer.
    let found = fs::metadata(path).map_err(failed)?;
    if !found.is_file() {
        let what = if found.is_dir() {
            "is a folder"
        } else {
            "is not a regular file"
        };
        return Err(SpecError::unreadable(path, what, "put a YAML file there"));
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(failed)?;
    file.take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(SpecError::unreadable(
            path,
            format!("is larger than {MAX_FILE_BYTES} bytes"),
            "write a long record as `record: x` with `times: 70000`",
        ));
    }
    String::from_utf8(bytes).map_err(|error| not_utf8(path, error.utf8_error(), error.as_bytes()))
}

fn not_utf8(path: &Path, error: std::str::Utf8Error, bytes: &[u8]) -> SpecError {
    let good = String::from_utf8_lossy(bytes.get(..error.valid_up_to()).unwrap_or_default());
    let position = Position {
        line: good.matches('\n').count() + 1,
        column: good.rsplit('\n').next().unwrap_or_default().chars().count() + 1,
    };
    SpecError::refused(
        path,
        &String::from_utf8_lossy(bytes),
        position,
        "this byte is not UTF-8",
        "save the file in the encoding UTF-8",
    )
}

/// The YAML's values as `T`.
fn read<T: DeserializeOwned + JsonSchema>(text: &str) -> Result<T, Problem> {
    let value: Value = serde_yaml::from_str(text).map_err(|error| not_yaml(&error))?;
    if let Some(version) = value
        .get("format")
        .filter(|version| version.is_u64() && **version != FORMAT)
    {
        let number = version.as_u64().unwrap_or_default();
        return Err(Problem::value(
            &FieldPath::top().field("format"),
            format!("version {number} of the format is unknown"),
            format!("this grader reads version {FORMAT}; a newer grader may read that one"),
        ));
    }
    shape::check(&schema::of::<T>(), &value)?;
    serde_yaml::from_value(value).map_err(|error| not_yaml(&error))
}

fn not_yaml(error: &serde_yaml::Error) -> Problem {
    let position = error.location().map_or(Position::START, |place| Position {
        line: place.line().max(1),
        column: place.column().max(1),
    });
    let text = error.to_string();
    let cause = text.split(" at line ").next().unwrap_or_default();
    Problem::at(
        position,
        format!("this cannot be read: {cause}"),
        "specs/README.md shows how a scenario is written",
    )
}

fn refuse(path: &Path, text: &str, layout: Option<&Layout>, problem: Problem) -> SpecError {
    let position = match (&problem.place, layout) {
        (Place::At(position), _) => *position,
        (place, Some(layout)) => layout.position(place),
        (_, None) => Position::START,
    };
    SpecError::refused(path, text, position, problem.message, problem.help)
}

/// An I/O error in words, without its number.
pub(super) fn cause(error: &std::io::Error) -> String {
    let text = error.to_string();
    let words = text.split(" (os error").next().unwrap_or_default();
    words.to_lowercase()
}
