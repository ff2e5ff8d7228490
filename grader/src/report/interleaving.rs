//! The interleaving as a table: one row a step, one column a process,
//! injected faults and the decisive step marked.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::operation::{Call, TaskName};
use crate::report::describe::{describe, describe_fault};
use crate::report::{escape, paint};
use crate::trace::{Ending, Execution, Outcome};

/// Columns that the table fills at the most, where the processes are few.
const WIDTH: usize = 92;
/// Columns that the step's number takes.
const NUMBER: usize = 6;
/// Tables of up to this many steps are shown whole.
const WHOLE: usize = 40;
/// Of longer ones: this many steps from the beginning,
const HEAD: usize = 10;
/// this many from the end,
const TAIL: usize = 12;
/// and this many on either side of a fault and of the decisive step.
const AROUND: usize = 2;

/// What a table shows besides the steps.
#[derive(Debug, Clone, Default)]
pub struct Marks {
    /// Index of the step where the failure shows.
    pub decisive: Option<usize>,
    /// Words behind steps, by index.
    pub behind: BTreeMap<usize, String>,
    /// Lines under steps, by index.
    pub under: BTreeMap<usize, Vec<String>>,
    /// True if every step is shown on a line of its own, however many.
    pub whole: bool,
}

/// The table of `execution`, each line ended; `decisive` is the index of the
/// step where the failure shows.
#[must_use]
pub fn interleaving(execution: &Execution, decisive: Option<usize>) -> String {
    let marks = Marks {
        decisive,
        ..Marks::default()
    };
    table(execution, &marks)
}

/// The table of `execution`, each line ended.
#[must_use]
pub fn table(execution: &Execution, marks: &Marks) -> String {
    let columns = Columns::new(execution);
    let mut table = columns.header();
    let decisive = marks.decisive;
    let (runs, shown) = if marks.whole {
        (Vec::new(), (0..execution.steps.len()).collect())
    } else {
        (memory_runs(execution, decisive), shown(execution, decisive))
    };
    let mut last = None;
    for index in shown {
        if runs
            .iter()
            .any(|run| run.contains(&index) && run.start != index)
        {
            last = Some(index);
            continue;
        }
        let left_out = index - last.map_or(0, |last: usize| last + 1);
        if left_out > 0 {
            let note = format!("... {} not shown", paint::count(left_out as u64, "step"));
            table.push_str(&format!("{}\n", paint::paint(paint::QUIET, &note)));
        }
        let step = &execution.steps[index];
        let (number, text) = match runs.iter().find(|run| run.start == index) {
            Some(run) => (
                format!("{}-{}", run.start + 1, run.end),
                format!("{} accesses to shared memory", run.len()),
            ),
            None => ((index + 1).to_string(), describe(index, step, execution)),
        };
        let text = match marks.behind.get(&index) {
            Some(words) => format!("{text}  {words}"),
            None => text,
        };
        if decisive == Some(index) {
            let text = format!("{text}  <--");
            table.push_str(&columns.row(&number, index, step.task, &text, Some(paint::BAD)));
        } else {
            table.push_str(&columns.row(&number, index, step.task, &text, None));
        }
        if let Some(fault) = step.fault {
            let text = format!("  ! {}", describe_fault(fault, step));
            table.push_str(&columns.row("", index, step.task, &text, Some(paint::FAULT)));
        }
        for line in marks.under.get(&index).into_iter().flatten() {
            let text = format!("  {line}");
            table.push_str(&columns.row("", index, step.task, &text, Some(paint::QUIET)));
        }
        last = Some(index);
    }
    for line in ending(execution) {
        table.push_str(&format!("{:NUMBER$}{line}\n", ""));
    }
    table
}

/// Stretches of two steps or more in which one tracee does nothing but access
/// shared memory; the decisive step stands alone.
fn memory_runs(execution: &Execution, decisive: Option<usize>) -> Vec<Range<usize>> {
    let memory = |index: usize| {
        let call = execution.steps[index].operation.call;
        decisive != Some(index) && matches!(call, Call::Load | Call::Store | Call::Update)
    };
    let mut runs: Vec<Range<usize>> = Vec::new();
    for index in (0..execution.steps.len()).filter(|&index| memory(index)) {
        let task = execution.steps[index].task;
        match runs.last_mut() {
            Some(run) if run.end == index && execution.steps[run.start].task == task => {
                run.end += 1;
            }
            _ => runs.push(index..index + 1),
        }
    }
    runs.retain(|run| run.len() > 1);
    runs
}

/// The indices of the steps that are shown.
fn shown(execution: &Execution, decisive: Option<usize>) -> BTreeSet<usize> {
    let total = execution.steps.len();
    let rows = total
        - memory_runs(execution, decisive)
            .iter()
            .map(|run| run.len() - 1)
            .sum::<usize>();
    if rows <= WHOLE {
        return (0..total).collect();
    }
    let marked = (0..total)
        .filter(|&index| execution.steps[index].fault.is_some() || decisive == Some(index));
    let mut shown: BTreeSet<usize> = (0..HEAD).chain(total - TAIL..total).collect();
    for index in marked {
        shown.extend(index.saturating_sub(AROUND)..(index + AROUND + 1).min(total));
    }
    // A note takes a line as well: show the step instead of a gap of one.
    let gaps_of_one: Vec<usize> = (1..total - 1)
        .filter(|i| !shown.contains(i) && shown.contains(&(i - 1)) && shown.contains(&(i + 1)))
        .collect();
    shown.extend(gaps_of_one);
    shown
}

/// Where each process stands in the table, and from which step to which it
/// lives.
struct Columns {
    tasks: Vec<Column>,
    width: usize,
}

struct Column {
    name: TaskName,
    born: Option<usize>,
    ended: Option<usize>,
}

impl Columns {
    fn new(execution: &Execution) -> Self {
        let tasks: Vec<Column> = execution
            .tasks
            .iter()
            .map(|task| Column {
                name: task.name,
                born: task.born,
                ended: execution.steps.iter().position(|step| {
                    step.task == task.name && matches!(step.outcome, Outcome::Ended(_))
                }),
            })
            .collect();
        let longest = execution
            .steps
            .iter()
            .enumerate()
            .map(|(index, step)| describe(index, step, execution).chars().count())
            .max()
            .unwrap_or(0);
        let room = WIDTH.saturating_sub(NUMBER + longest) / tasks.len().saturating_sub(1).max(1);
        Self {
            tasks,
            width: (longest + 2).min(room.max(4)).max(4),
        }
    }

    fn header(&self) -> String {
        let mut line = format!("{:NUMBER$}", "step");
        for task in &self.tasks {
            line.push_str(&format!(
                "{:width$}",
                task.name.to_string(),
                width = self.width
            ));
        }
        format!("{}\n", paint::paint(paint::HEAD, line.trim_end()))
    }

    /// One line: `text` in the column of `task`, a rail for each other
    /// process that is alive at step `index` and not covered by the text.
    fn row(
        &self,
        number: &str,
        index: usize,
        task: TaskName,
        text: &str,
        style: Option<anstyle::Style>,
    ) -> String {
        let own = self.tasks.iter().position(|column| column.name == task);
        let own = own.unwrap_or(self.tasks.len());
        let rail = |column: &Column| {
            let born = column.born.is_none_or(|born| born < index);
            let alive = born && column.ended.is_none_or(|ended| index < ended);
            if alive { "|" } else { "" }
        };
        let mut line = format!("{number:>width$}  ", width = NUMBER - 2);
        for column in &self.tasks[..own] {
            line.push_str(&format!("{:width$}", rail(column), width = self.width));
        }
        match style {
            Some(style) => line.push_str(&paint::paint(style, text)),
            None => line.push_str(text),
        }
        let mut at = self.width * own + text.chars().count();
        for (position, column) in self.tasks.iter().enumerate().skip(own + 1) {
            let place = self.width * position;
            if place > at && !rail(column).is_empty() {
                line.push_str(&format!("{:gap$}|", "", gap = place - at));
                at = place + 1;
            }
        }
        line.push('\n');
        line
    }
}

/// How the execution ended, where that is not plain from the steps.
pub(super) fn ending(execution: &Execution) -> Vec<String> {
    let mut lines = match execution.ending {
        Ending::Finished => return Vec::new(),
        Ending::Deadlock => vec!["deadlock: nobody can move".to_owned()],
        Ending::LeftSleeping => vec!["P0 has ended; others sleep for ever".to_owned()],
        Ending::StepLimit => vec!["... and so on, up to the bound on steps".to_owned()],
        Ending::EndlessLoop(task) => vec![format!("{task} runs on without end")],
        Ending::Limit(limit) => vec![format!("ended: the limit on {} was reached", limit.of())],
    };
    for task in &execution.tasks {
        if let Some(operation) = &task.waiting_for {
            let operation = escape::one_line(&operation.to_string());
            lines.push(format!("{} is blocked in {operation}", task.name));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Fault;
    use crate::operation::Object;
    use crate::report::test_data::{execution, short_write, step};

    fn plain(execution: &Execution, decisive: Option<usize>) -> String {
        anstream::adapter::strip_str(&interleaving(execution, decisive)).to_string()
    }

    #[test]
    fn each_process_has_a_column_and_marks_stand_out() {
        let expected = "\
step  P0                 P1
   1  fork = P1
   2  open FILE          |
   3  |                  start
   4  |                  open FILE
   5  |                  write FILE 17 = 8  <--
      |                    ! short write: 8 of 17 bytes
   6  wait P1: blocked   |
   7  |                  exit 0
   8  return: wait P1
   9  exit 0
";
        assert_eq!(plain(&short_write(), Some(4)), expected);
    }

    #[test]
    fn what_it_waits_for_is_said() {
        let mut stuck = execution(
            2,
            vec![
                step(0, Call::Fork, Object::Nothing, None, Outcome::Returned(1)),
                step(
                    1,
                    Call::FutexWait,
                    Object::Shared {
                        mapping: 0,
                        offset: 64,
                    },
                    None,
                    Outcome::Blocked,
                ),
                step(0, Call::Wait, Object::AnyChild, None, Outcome::Returned(-4)),
                step(0, Call::Wait, Object::AnyChild, None, Outcome::Blocked),
            ],
        );
        stuck.ending = Ending::Deadlock;
        stuck.tasks[1].waiting_for = Some(stuck.steps[1].operation.clone());
        let expected = "\
step  P0                                P1
   1  fork = P1
   2  |                                 futex-wait shared0+0x40: blocked
   3  wait any-child = EINTR            |
   4  wait any-child: blocked           |
      deadlock: nobody can move
      P1 is blocked in futex-wait shared0+0x40
";
        assert_eq!(plain(&stuck, None), expected);
    }

    #[test]
    fn long_ones_are_shortened_in_the_middle() {
        let write = || step(0, Call::Write, Object::File, Some(1), Outcome::Returned(1));
        let mut long = execution(1, (0..100).map(|_| write()).collect());
        long.steps[50].fault = Some(Fault::Interruption);
        let table = plain(&long, Some(99));
        let notes: Vec<&str> = table
            .lines()
            .filter(|line| line.contains("not shown"))
            .collect();
        assert_eq!(notes, ["... 38 steps not shown", "... 35 steps not shown"]);
        assert!(table.contains("  51  write FILE 1 = 1\n        ! interrupted by SIGUSR1\n"));
        assert!(table.ends_with(" 100  write FILE 1 = 1  <--\n"));
    }
}
