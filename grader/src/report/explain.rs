//! A witness explained: every step with its line of source, and what the file
//! held after it.

use std::collections::BTreeMap;

use crate::operation::TaskName;
use crate::replay::Replay;
use crate::report::interleaving::{Marks, table};
use crate::report::lost_mark::{INDENT, failure, labelled, printed};
use crate::report::replay::heading;
use crate::report::{escape, paint};
use crate::source::Line;
use crate::trace::Execution;

/// How much of a file's content is shown.
const CONTENT_BYTES: usize = 160;
/// How much of a line of source is shown.
const SOURCE_CHARS: usize = 60;

/// The report of a replay whose steps have been looked at.
#[must_use]
pub fn explain(replay: &Replay) -> String {
    let mut text = heading(replay);
    if let Some(found) = &replay.failure {
        text.push_str(&format!("\n{}", failure(found)));
    }
    let Some(execution) = &replay.execution else {
        text.push_str(&format!(
            "\n{}",
            labelled(
                "steps",
                "none: this case runs on the real kernel's schedule, uncontrolled"
            )
        ));
        return text;
    };
    let marks = marks(replay, execution);
    text.push('\n');
    for line in table(execution, &marks).lines() {
        text.push_str(&format!("{INDENT}{line}\n"));
    }
    text.push_str(&printed(execution));
    text.push('\n');
    if let Some(nearest) = &replay.nearest {
        text.push_str(&labelled("nearest", &nearest.passes_if));
    }
    if replay.lines.iter().all(Option::is_none) {
        let help = "none known: build with debug information (-g, or debug = true)";
        text.push_str(&labelled("source", help));
    }
    text
}

fn marks(replay: &Replay, execution: &Execution) -> Marks {
    let mut marks = Marks {
        decisive: replay.failure.as_ref().and_then(|failure| failure.step),
        whole: true,
        ..Marks::default()
    };
    if let Some(nearest) = &replay.nearest {
        let names = ["(1) decides", "(2) decides"];
        for (&step, name) in nearest.steps.iter().zip(names) {
            marks.behind.insert(step.saturating_sub(1), name.to_owned());
        }
    }
    let mut last: BTreeMap<TaskName, &Line> = BTreeMap::new();
    // By object: a program may write several files.
    let mut before: BTreeMap<String, &[u8]> = BTreeMap::new();
    for (index, step) in execution.steps.iter().enumerate() {
        let mut under = Vec::new();
        if let Some(Some(line)) = replay.lines.get(index) {
            // One line of source may be many steps.
            if last.insert(step.task, line) != Some(line) {
                under.push(source(line));
            }
        }
        let sight = execution.sights.get(index);
        if let Some(content) = sight.and_then(|sight| sight.file.as_deref()) {
            let object = escape::one_line(&step.operation.object.to_string());
            if before.insert(object.clone(), content) != Some(content) {
                under.push(format!("{object}: {}", held(content)));
            }
        }
        if !under.is_empty() {
            marks.under.insert(index, under);
        }
    }
    marks
}

/// `forkwrite.c:42  n = write(fd, at, left);`
pub(super) fn source(line: &Line) -> String {
    let file = line.file.file_name().unwrap_or_default().to_string_lossy();
    let text: String = line.text.trim().chars().take(SOURCE_CHARS).collect();
    escape::one_line(&format!("{file}:{}  {text}", line.number))
        .trim_end()
        .to_owned()
}

/// `21 bytes: "bbb\n"`
fn held(content: &[u8]) -> String {
    let count = paint::count(content.len() as u64, "byte");
    if content.is_empty() {
        return "empty".to_owned();
    }
    // The end is what a step adds to.
    let from = content.len().saturating_sub(CONTENT_BYTES);
    let dots = if from > 0 { "..." } else { "" };
    format!("{count}: {dots}\"{}\"", content[from..].escape_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::test_data::{finding, short_write};
    use crate::trace::Sight;
    use crate::witness::WitnessNearest;

    fn replay() -> Replay {
        let mut execution = short_write();
        execution.sights = vec![Sight::default(); execution.steps.len()];
        execution.sights[1].file = Some(b"log\n".to_vec());
        execution.sights[3].file = Some(b"log\n".to_vec());
        execution.sights[4].file = Some(b"log\nthe firs".to_vec());
        let mut lines = vec![None; execution.steps.len()];
        lines[4] = Some(Line {
            file: "/home/student/forkwrite.c".into(),
            number: 42,
            text: "\twrite(fd, at, left);".to_owned(),
        });
        Replay {
            reproduced: true,
            failure: Some(finding().failure),
            expected: finding().failure,
            execution: Some(execution),
            lines,
            nearest: Some(WitnessNearest {
                passes_if: "without the fault at step 5 it passes".to_owned(),
                steps: vec![5],
                schedule: Vec::new(),
            }),
            note: String::new(),
        }
    }

    #[test]
    fn a_step_has_its_line_of_source_and_what_the_file_then_held() {
        let text = anstream::adapter::strip_str(&explain(&replay())).to_string();
        let expected = r#"
         2  open FILE          |
              FILE: 4 bytes: "log\n"
         3  |                  start
         4  |                  open FILE
         5  |                  write FILE 17 = 8  (1) decides  <--
            |                    ! short write: 8 of 17 bytes
            |                    forkwrite.c:42  write(fd, at, left);
            |                    FILE: 12 bytes: "log\nthe firs"
         6  wait P1: blocked   |
"#;
        let plain: String = text.replace("|\n", "\n");
        assert!(
            text.contains("forkwrite.c:42  write(fd, at, left);"),
            "{text}"
        );
        assert!(
            plain.contains(&expected.replace("|\n", "\n")[1..]) || text.contains(&expected[1..]),
            "{text}"
        );
        assert!(
            text.contains("nearest   without the fault at step 5"),
            "{text}"
        );
    }

    #[test]
    fn without_debug_information_it_says_how_to_get_some() {
        let mut replay = replay();
        replay.lines.clear();
        let text = explain(&replay);
        assert!(text.contains("build with debug information"), "{text}");
    }
}
