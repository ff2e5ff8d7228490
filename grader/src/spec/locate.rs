//! Lines and columns: which field stands where in a file.
//!
//! `serde_yaml` reads the values but forgets where they stood, and it has no
//! place for problems that span fields. So the text is read a second time by
//! a parser that reports positions. What the format has no use for, and what
//! the two parsers could understand differently, is refused on the way:
//! anchors and aliases (they can also make a small file grow without bound),
//! tags, several documents, names that are not plain text, names given twice.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

use super::path::{FieldPath, Segment};
use super::problem::{Place, Problem};

/// Deeper nesting than this is refused. The format needs 5 levels.
const MAX_DEPTH: usize = 32;

/// A place in a text; both count from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Position {
    /// The first character of a text.
    pub const START: Self = Self { line: 1, column: 1 };

    fn of(marker: Marker) -> Self {
        Self {
            line: marker.line().max(1),
            column: marker.col() + 1,
        }
    }
}

/// The fields of a file with their positions.
#[derive(Debug, Clone)]
pub struct Layout {
    root: Node,
}

#[derive(Debug, Clone)]
struct Node {
    start: Position,
    body: Body,
}

#[derive(Debug, Clone)]
enum Body {
    /// Nothing at all, as after `points:`.
    Nothing,
    Scalar,
    List(Vec<Node>),
    Fields(BTreeMap<String, Field>),
}

#[derive(Debug, Clone)]
struct Field {
    name: Position,
    value: Node,
}

impl Layout {
    /// Reads where the fields of a YAML text stand.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let mut builder = Builder::default();
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|error| {
                Problem::at(
                    Position::of(*error.marker()),
                    format!("this is not YAML: {}", error.info()),
                    "look at the quotes, brackets and indentation here and just above; \
                     a text with `: ` or ` #` in it needs quotes",
                )
            })?;
            builder.take(event, Position::of(span.start))?;
        }
        builder.root.map(|root| Self { root }).ok_or_else(|| {
            Problem::at(
                Position::START,
                "the file is empty",
                "specs/README.md shows how a scenario is written",
            )
        })
    }

    /// Where a problem is shown. What cannot be found is shown at the nearest
    /// thing around it.
    #[must_use]
    pub fn position(&self, place: &Place) -> Position {
        match place {
            Place::At(position) => *position,
            Place::Name(path) => {
                let (name, value) = self.find(path);
                name.unwrap_or(value.start)
            }
            Place::Value(path) => match self.find(path) {
                (Some(name), value) if !value.begins_on(name.line) => name,
                (_, value) => value.start,
            },
        }
    }

    /// The field's name and value.
    fn find(&self, path: &FieldPath) -> (Option<Position>, &Node) {
        let mut found = (None, &self.root);
        for segment in path.segments() {
            found = match (segment, &found.1.body) {
                (Segment::Field(name), Body::Fields(fields)) => match fields.get(name) {
                    Some(field) => (Some(field.name), &field.value),
                    None => return found,
                },
                (Segment::Entry(index), Body::List(entries)) => match entries.get(*index) {
                    Some(entry) => (None, entry),
                    None => return found,
                },
                _ => return found,
            };
        }
        found
    }
}

impl Node {
    fn begins_on(&self, line: usize) -> bool {
        self.start.line == line && !matches!(self.body, Body::Nothing)
    }
}

/// Puts the tree together from the parser's events.
#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    root: Option<Node>,
}

/// A list or a group of fields whose end has not been seen yet.
enum Open {
    List(Position, Vec<Node>),
    Fields(
        Position,
        BTreeMap<String, Field>,
        Option<(String, Position)>,
    ),
}

impl Builder {
    fn take(&mut self, event: Event<'_>, at: Position) -> Result<(), Problem> {
        match event {
            Event::DocumentStart(_) if self.root.is_some() => Err(Problem::at(
                at,
                "a second document begins here",
                "keep one scenario a file, and remove this `---`",
            )),
            Event::Alias(_) => Err(no_anchors(at)),
            Event::Scalar(_, _, anchor, _)
            | Event::SequenceStart(anchor, _)
            | Event::MappingStart(anchor, _)
                if anchor > 0 =>
            {
                Err(no_anchors(at))
            }
            Event::Scalar(_, _, _, Some(_))
            | Event::SequenceStart(_, Some(_))
            | Event::MappingStart(_, Some(_)) => Err(Problem::at(
                at,
                "a tag (`!...`) is not part of the format",
                "remove it; a text that begins with `!` needs quotes",
            )),
            Event::Scalar(text, style, ..) => self.scalar(&text, style, at),
            Event::SequenceStart(..) => self.enter(at, Open::List(at, Vec::new())),
            Event::MappingStart(..) => self.enter(at, Open::Fields(at, BTreeMap::new(), None)),
            Event::SequenceEnd | Event::MappingEnd => self.leave(),
            _ => Ok(()),
        }
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, at: Position) -> Result<(), Problem> {
        if let Some(Open::Fields(_, fields, name @ None)) = self.open.last_mut() {
            if let Some(first) = fields.get(text) {
                return Err(Problem::at(
                    at,
                    format!("{text}: is given twice, first on line {}", first.name.line),
                    "remove one of them",
                ));
            }
            *name = Some((text.to_owned(), at));
            return Ok(());
        }
        let body = if text.is_empty() && matches!(style, ScalarStyle::Plain) {
            Body::Nothing
        } else {
            Body::Scalar
        };
        self.place(Node { start: at, body });
        Ok(())
    }

    fn enter(&mut self, at: Position, open: Open) -> Result<(), Problem> {
        if let Some(Open::Fields(_, _, None)) = self.open.last() {
            return Err(Problem::at(
                at,
                "a field's name must be a plain word",
                "write `name: value`; a text with brackets or braces needs quotes",
            ));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(Problem::at(
                at,
                format!("nested more than {MAX_DEPTH} levels deep"),
                "specs/README.md shows how a scenario is written",
            ));
        }
        self.open.push(open);
        Ok(())
    }

    fn leave(&mut self) -> Result<(), Problem> {
        match self.open.pop() {
            Some(Open::List(start, entries)) => self.place(Node {
                start,
                body: Body::List(entries),
            }),
            Some(Open::Fields(start, fields, _)) => self.place(Node {
                start,
                body: Body::Fields(fields),
            }),
            None => {}
        }
        Ok(())
    }

    fn place(&mut self, node: Node) {
        match self.open.last_mut() {
            Some(Open::List(_, entries)) => entries.push(node),
            Some(Open::Fields(_, fields, name)) => {
                if let Some((text, at)) = name.take() {
                    fields.insert(
                        text,
                        Field {
                            name: at,
                            value: node,
                        },
                    );
                }
            }
            None => self.root = Some(node),
        }
    }
}

fn no_anchors(at: Position) -> Problem {
    Problem::at(
        at,
        "anchors (`&name`) and aliases (`*name`) are not part of the format",
        "write the value out; a text that begins with `&` or `*` needs quotes",
    )
}
