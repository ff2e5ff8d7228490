//! One execution as the page's script takes it: columns, rows, and what is
//! known after each.

use serde::Serialize;

use crate::operation::{Object, TaskName};
use crate::picture::Seen;
use crate::report::describe::{describe, describe_fault};
use crate::report::explain::source;
use crate::report::{escape, interleaving};
use crate::trace::{Outcome, Sight};

/// How much of FILE's end is shown: that is where steps add to it.
const CONTENT_BYTES: usize = 2048;

/// An execution.
#[derive(Debug, Serialize)]
pub(super) struct Panel {
    tasks: Vec<Column>,
    pub steps: Vec<Row>,
    /// FILE before the first step.
    before: Option<Content>,
    /// FILE after the last, if a step changed it that is not about it.
    after: Option<Content>,
    ending: Vec<String>,
    /// True if a lock was seen whose holder is known.
    locks: bool,
}

#[derive(Debug, Serialize)]
struct Column {
    name: String,
    /// Index of the step that made it.
    born: Option<usize>,
    /// Index of the step in which it ended.
    ended: Option<usize>,
}

/// A step.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    /// Index of its column.
    task: usize,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Mark>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    /// FILE after it, if that is not what it was; null if it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<Option<Content>>,
    /// The locks that are held after it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    held: Vec<Held>,
    /// True if it has the tracee sleeping.
    blocked: bool,
}

/// What makes a step stand out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Mark {
    pub kind: &'static str,
    pub text: String,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Content {
    bytes: usize,
    /// How many of them, at the beginning, are left out.
    left_out: usize,
    text: String,
}

#[derive(Debug, Serialize)]
struct Held {
    lock: String,
    /// Index of the holder's column.
    by: usize,
}

impl Panel {
    /// The panel of an execution; its marks are put in by others.
    pub fn new(seen: &Seen) -> Self {
        let execution = &seen.execution;
        let tasks = execution.tasks.iter().map(|task| Column {
            name: task.name.to_string(),
            born: task.born,
            ended: execution.steps.iter().position(|step| {
                step.task == task.name && matches!(step.outcome, Outcome::Ended(_))
            }),
        });
        let mut rows = Rows {
            seen,
            file: &seen.before,
        };
        let steps = (0..execution.steps.len()).map(|index| rows.row(index));
        let steps = steps.collect();
        let unseen = *rows.file != execution.file;
        Self {
            tasks: tasks.collect(),
            steps,
            before: seen.before.as_deref().map(content),
            after: execution.file.as_deref().filter(|_| unseen).map(content),
            ending: interleaving::ending(execution),
            locks: execution.sights.iter().any(|sight| !sight.held.is_empty()),
        }
    }

    /// Marks a step, if there is such a one.
    pub fn mark(&mut self, step: usize, kind: &'static str, text: &str) {
        if let Some(row) = self.steps.get_mut(step) {
            row.marks.push(Mark {
                kind,
                text: text.to_owned(),
            });
        }
    }
}

/// Makes rows one after the other.
struct Rows<'a> {
    seen: &'a Seen,
    /// FILE as of the last step that was about it.
    file: &'a Option<Vec<u8>>,
}

impl<'a> Rows<'a> {
    fn row(&mut self, index: usize) -> Row {
        let execution = &self.seen.execution;
        let step = &execution.steps[index];
        let sight = execution.sights.get(index);
        let line = self.seen.lines.get(index).and_then(Option::as_ref);
        let about_file = step.operation.object == Object::File;
        Row {
            task: self.column(step.task),
            text: describe(index, step, execution),
            fault: step.fault.map(|fault| describe_fault(fault, step)),
            marks: Vec::new(),
            source: line.map(source),
            file: sight.filter(|_| about_file).and_then(|s| self.changed(s)),
            held: sight.map_or_else(Vec::new, |sight| self.held(sight)),
            blocked: step.outcome == Outcome::Blocked,
        }
    }

    fn changed(&mut self, sight: &'a Sight) -> Option<Option<Content>> {
        if *self.file == sight.file {
            return None;
        }
        self.file = &sight.file;
        Some(sight.file.as_deref().map(content))
    }

    fn held(&self, sight: &Sight) -> Vec<Held> {
        let held = sight.held.iter().map(|held| Held {
            lock: Object::Shared {
                mapping: held.mapping,
                offset: held.offset,
            }
            .to_string(),
            by: self.column(held.holder),
        });
        held.collect()
    }

    fn column(&self, name: TaskName) -> usize {
        let mut tasks = self.seen.execution.tasks.iter();
        tasks.position(|task| task.name == name).unwrap_or(0)
    }
}

fn content(content: &[u8]) -> Content {
    let left_out = content.len().saturating_sub(CONTENT_BYTES);
    Content {
        bytes: content.len(),
        left_out,
        text: escape::bytes(&content[left_out..], CONTENT_BYTES),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::test_data::short_write;
    use crate::trace::HeldMutex;

    #[test]
    fn rows_tell_only_what_has_changed() {
        let mut execution = short_write();
        execution.sights = vec![Sight::default(); execution.steps.len()];
        for index in [1, 3, 4] {
            execution.sights[index].file = Some(b"log\n".to_vec());
        }
        execution.sights[4].file = Some(b"log\nthe firs".to_vec());
        execution.sights[4].held.push(HeldMutex {
            mapping: 0,
            offset: 64,
            holder: TaskName::process(1),
        });
        execution.file = execution.sights[4].file.clone();
        let panel = Panel::new(&Seen {
            execution,
            lines: Vec::new(),
            before: Some(b"log\n".to_vec()),
        });
        let json = serde_json::to_value(&panel).expect("it serialises");
        assert_eq!(json["before"]["text"], "log\n");
        assert_eq!(json["after"], serde_json::Value::Null);
        assert!(json["steps"][1].get("file").is_none());
        assert_eq!(json["steps"][4]["file"]["bytes"], 12);
        assert_eq!(json["steps"][4]["fault"], "short write: 8 of 17 bytes");
        assert_eq!(json["steps"][4]["held"][0]["lock"], "shared0+0x40");
        assert_eq!(json["steps"][4]["held"][0]["by"], 1);
        assert_eq!(json["steps"][5]["blocked"], true);
        assert_eq!(json["tasks"][1]["ended"], 6);
    }

    #[test]
    fn of_a_long_file_the_end_is_shown() {
        let long = content(&[b'a'; CONTENT_BYTES + 5]);
        assert_eq!((long.bytes, long.left_out), (CONTENT_BYTES + 5, 5));
        assert_eq!(long.text.len(), CONTENT_BYTES);
    }
}
