//! Where in a file's fields something is: `cases[0].oracles[1].status`.

use std::fmt;

/// One step down into the fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// The field of this name.
    Field(String),
    /// The entry of a list, counted from 0.
    Entry(usize),
}

/// The way from the top of a file to a field or an entry of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldPath(Vec<Segment>);

impl FieldPath {
    /// The file's top.
    #[must_use]
    pub const fn top() -> Self {
        Self(Vec::new())
    }

    /// The field `name` below this place.
    #[must_use]
    pub fn field(&self, name: &str) -> Self {
        self.with(Segment::Field(name.to_owned()))
    }

    /// The entry `index` of the list at this place.
    #[must_use]
    pub fn entry(&self, index: usize) -> Self {
        self.with(Segment::Entry(index))
    }

    /// The steps, from the top down.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// The name of the innermost field, or a word for the whole file.
    #[must_use]
    pub fn innermost(&self) -> &str {
        self.0
            .iter()
            .rev()
            .find_map(|segment| match segment {
                Segment::Field(name) => Some(name.as_str()),
                Segment::Entry(_) => None,
            })
            .unwrap_or("the file")
    }

    fn with(&self, segment: Segment) -> Self {
        let mut segments = self.0.clone();
        segments.push(segment);
        Self(segments)
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Field(name) if number == 0 => f.write_str(name)?,
                Segment::Field(name) => write!(f, ".{name}")?,
                Segment::Entry(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}
