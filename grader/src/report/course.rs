//! What there is to be graded, and whether the course is in order.

use crate::check::{Check, Outcome};
use crate::report::{escape, paint};
use crate::spec::Exercise;

/// The exercises with their scenarios.
#[must_use]
pub fn list(exercises: &[Exercise]) -> String {
    let blocks: Vec<String> = exercises.iter().map(exercise).collect();
    blocks.join("\n")
}

fn exercise(exercise: &Exercise) -> String {
    let rubric = &exercise.rubric;
    let points = paint::count(rubric.max_points.into(), "point");
    let heading = format!("{}: {}, {points}", rubric.exercise, rubric.title);
    let mut block = format!(
        "{}\n",
        paint::paint(paint::HEAD, &escape::one_line(&heading))
    );
    for entry in &rubric.scenarios {
        let title = exercise
            .scenarios
            .iter()
            .find(|scenario| scenario.id == entry.id)
            .map_or("", |scenario| scenario.title.as_str());
        let bonus = if entry.bonus { " (bonus)" } else { "" };
        block.push_str(&format!(
            "  {:>3}  {:<14} {}{bonus}\n",
            entry.points,
            entry.id,
            escape::one_line(title),
        ));
    }
    block
}

/// One line for `check`; what is wrong may take more.
#[must_use]
pub fn check(check: &Check) -> String {
    let (style, word, detail) = match &check.outcome {
        Outcome::Good(detail) => (paint::GOOD, "ok", detail),
        Outcome::Bad(detail) => (paint::BAD, "FAIL", detail),
    };
    let word = paint::paint(style, &format!("{word:<4}"));
    let detail = escape::lines(detail.trim_end()).replace('\n', "\n      ");
    let colon = if detail.is_empty() { "" } else { ": " };
    format!("{word}  {}{colon}{detail}\n", escape::one_line(&check.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_a_word_and_what_was_checked() {
        let plain = |outcome| {
            let name = "starter builds".to_owned();
            let line = check(&Check { name, outcome });
            anstream::adapter::strip_str(&line).to_string()
        };
        assert_eq!(
            plain(Outcome::Good(String::new())),
            "ok    starter builds\n"
        );
        let line = plain(Outcome::Bad("two\nlines\n".to_owned()));
        assert_eq!(line, "FAIL  starter builds: two\n      lines\n");
    }
}
