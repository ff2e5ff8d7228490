//! The report for people: one line a scenario as it ends, its claim under
//! it, the lost marks with their reasons, the score.

use std::io::{Stderr, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::event::{Event, Sink};
use crate::finding::{GradeResult, ScenarioResult, Verdict};
use crate::report::doing::doing;
use crate::report::lost_mark::{Hints, lost_mark};
use crate::report::output::Output;
use crate::report::{escape, jail, paint};

/// Prints a grading as it goes.
#[derive(Debug)]
pub struct Terminal<'a, W> {
    output: &'a mut Output<W>,
    messages: &'a mut Output<Stderr>,
    hints: Hints,
    replay: String,
    progress: ProgressBar,
}

impl<'a, W: Write> Terminal<'a, W> {
    /// Prints to `output`, and what the compiler said to `messages`. `replay`
    /// is the command that takes a witness, such as `cargo replay`.
    pub fn new(
        output: &'a mut Output<W>,
        messages: &'a mut Output<Stderr>,
        hints: Hints,
        replay: &str,
    ) -> Self {
        // Hidden unless standard error is a terminal. It moves with the
        // events only: a thread that ticks would compete with the tracees for
        // their CPU, and make the grader's forks unsafe.
        let progress = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            progress.set_style(style);
        }
        Self {
            output,
            messages,
            hints,
            replay: replay.to_owned(),
            progress,
        }
    }

    fn print(&mut self, text: &str) {
        let output = &mut *self.output;
        self.progress.suspend(|| output.print(text));
    }

    fn show_progress(&self, text: &str) {
        self.progress.set_message(escape::one_line(text));
        self.progress.tick();
    }

    fn scenario(&mut self, result: &ScenarioResult) {
        self.print(&scenario(result, self.hints, &self.replay));
    }
}

impl<W: Write> Sink for Terminal<'_, W> {
    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Built { output } => {
                let messages = &mut *self.messages;
                self.progress.suspend(|| show_build(output, messages));
            }
            Event::ScenarioFinished(result) => self.scenario(result),
            Event::Finished(result) => {
                self.progress.finish_and_clear();
                self.print(&score(result));
            }
            _ => {
                if let Some(text) = doing(event) {
                    self.show_progress(&text);
                }
            }
        }
    }
}

impl<W> Drop for Terminal<'_, W> {
    fn drop(&mut self) {
        self.progress.finish_and_clear();
    }
}

/// A scenario, with a block for each finding.
pub(super) fn scenario(result: &ScenarioResult, hints: Hints, replay: &str) -> String {
    let mut text = scenario_line(result);
    let several = result.findings.len() > 1;
    for finding in &result.findings {
        text.push('\n');
        if several {
            text.push_str(&format!("      case {}\n", escape::one_line(&finding.case)));
        }
        text.push_str(&lost_mark(finding, hints, replay));
    }
    if !result.findings.is_empty() {
        text.push('\n');
    }
    text
}

/// Shows what the compiler said.
pub fn show_build(output: &str, messages: &mut Output<Stderr>) {
    let text = escape::lines(output.trim_end());
    if !text.is_empty() {
        messages.print(&format!("{text}\n\n"));
    }
}

/// The heading of a submission's report.
#[must_use]
pub fn heading(exercise: &str, submission: &str) -> String {
    let submission = escape::one_line(submission);
    format!(
        "{}\n\n",
        paint::paint(paint::HEAD, &format!("{exercise}: {submission}"))
    )
}

/// The verdict, the points, the id and the title; under it the claim.
fn scenario_line(result: &ScenarioResult) -> String {
    let claim = paint::paint(paint::QUIET, &escape::one_line(&claim(result)));
    format!("{}\n{:21}{claim}\n", brief_line(result), "")
}

/// The verdict, the points, the id and the title.
pub(super) fn brief_line(result: &ScenarioResult) -> String {
    let word = format!("{:<12}", paint::word(result.verdict));
    let word = paint::paint(paint::style(result.verdict), &word);
    let points = format!("{}/{}", result.points, result.max_points);
    let bonus = if result.bonus { " (bonus)" } else { "" };
    let title = escape::one_line(&result.title);
    format!("{word} {points:>5}  {:<14} {title}{bonus}", result.id)
}

/// What the verdict rests on, in words. A bound that was reached counts its
/// executions itself.
pub(super) fn claim(result: &ScenarioResult) -> String {
    let executions = paint::count(result.executions, "execution");
    match (result.verdict, result.complete) {
        (Verdict::Pass, true) => format!("{executions}, {}", result.bound),
        (Verdict::Fail, _) => format!("found after {executions}"),
        _ => result.bound.clone(),
    }
}

/// The last line.
pub(super) fn score(result: &GradeResult) -> String {
    let style = if result.score >= result.max_score {
        paint::GOOD
    } else {
        paint::BAD
    };
    let score = format!("{} of {}", result.score, result.max_score);
    let bonus = match result.bonus {
        0 => String::new(),
        bonus => format!(", {bonus} of them bonus"),
    };
    let held = result.jail.as_ref().and_then(jail::warning);
    let held = held.map_or_else(String::new, |warning| format!("{warning}\n"));
    format!("\nscore {}{bonus}\n{held}", paint::paint(style, &score))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::test_data::result;

    fn report(hints: Hints) -> String {
        let result = result();
        let (mut output, mut messages) = (Output::new(Vec::new()), Output::stderr());
        let mut terminal = Terminal::new(&mut output, &mut messages, hints, "cargo replay");
        for scenario in &result.scenarios {
            let (id, title) = (scenario.id.as_str(), scenario.title.as_str());
            terminal.event(&Event::ScenarioStarted { id, title });
            terminal.event(&Event::ScenarioFinished(scenario));
        }
        terminal.event(&Event::Finished(&result));
        drop(terminal);
        let text = String::from_utf8(output.into_inner()).expect("reports are UTF-8");
        anstream::adapter::strip_str(&text).to_string()
    }

    #[test]
    fn each_scenario_has_a_line_and_a_claim() {
        let report = report(Hints::OnRequest);
        let expected = "\
pass           5/5  single         title of single
                     1 execution, every interleaving, no fault
FAIL          0/20  short-writes   title of short-writes
                     found after 7 executions

      records   each record stands in FILE as one whole line, exactly once
";
        assert!(report.starts_with(expected), "{report}");
        let expected = "
      replay    cargo replay .grade/short-writes.witness
      hint      run again with --hints

skipped       0/10  holder-killed  title of holder-killed (bonus)
                     short-writes failed

score 5 of 25
";
        assert!(report.ends_with(expected), "{report}");
    }

    #[test]
    fn a_claim_counts_its_executions_once() {
        let mut pass = result().scenarios.remove(0);
        assert_eq!(claim(&pass), "1 execution, every interleaving, no fault");
        pass.complete = false;
        pass.bound = "bound reached: 9 executions of every interleaving".to_owned();
        assert_eq!(
            claim(&pass),
            "bound reached: 9 executions of every interleaving"
        );
    }

    #[test]
    fn bonus_is_said() {
        let mut result = result();
        (result.score, result.bonus) = (35, 10);
        let line = anstream::adapter::strip_str(&score(&result)).to_string();
        assert_eq!(line, "\nscore 35 of 25, 10 of them bonus\n");
    }
}
