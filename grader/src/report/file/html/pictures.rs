//! Pictures as the page's script takes them.

use serde::Serialize;

use super::panel::Panel;
use crate::picture::{Picture, Seen};
use crate::witness::WitnessNearest;

/// The words for the two steps whose order decides.
const DECIDES: [&str; 2] = ["(1) decides", "(2) decides"];

/// A failing execution, and the nearest that passes.
#[derive(Debug, Serialize)]
pub(super) struct Pair {
    failing: Panel,
    passing: Option<Panel>,
}

impl Pair {
    /// What the page shows of a picture.
    pub fn new(picture: &Picture) -> Self {
        let mut failing = Panel::new(&picture.failing);
        if let Some(step) = picture.shows {
            failing.mark(step, "bad", "fails here");
        }
        let nearest = picture.nearest.as_ref();
        for (&step, words) in nearest.iter().flat_map(|n| &n.steps).zip(DECIDES) {
            failing.mark(step.saturating_sub(1), "decides", words);
        }
        let passing = picture.passing.as_ref().map(|seen| {
            let mut panel = Panel::new(seen);
            let places = nearest.map(|nearest| places(nearest, &picture.failing, seen));
            for (step, words) in places.unwrap_or_default() {
                panel.mark(step, "decides", words);
            }
            panel
        });
        Self { failing, passing }
    }
}

/// Where the deciding steps are in the schedule that passes: the second stands
/// where the first was, and the first is what its process does next.
fn places(nearest: &WitnessNearest, failing: &Seen, passing: &Seen) -> Vec<(usize, &'static str)> {
    let first = nearest
        .steps
        .first()
        .map_or(0, |step| step.saturating_sub(1));
    if nearest.steps.len() < 2 {
        return vec![(first, DECIDES[0])];
    }
    let mut places = vec![(first, DECIDES[1])];
    let steps = &passing.execution.steps;
    if let Some(mover) = failing.execution.steps.get(first) {
        let later = (first + 1..steps.len()).find(|&at| steps[at].task == mover.task);
        places.extend(later.map(|at| (at, DECIDES[0])));
    }
    places
}

#[cfg(test)]
pub(super) mod samples {
    use super::*;
    use crate::report::test_data::short_write;
    use crate::trace::Sight;

    /// `short_write`, and the same without its fault.
    pub fn picture() -> Picture {
        let mut execution = short_write();
        execution.sights = vec![Sight::default(); execution.steps.len()];
        let mut seen = Seen {
            execution,
            lines: Vec::new(),
            before: Some(b"log\n".to_vec()),
        };
        let failing = seen.clone();
        seen.execution.steps[4].fault = None;
        Picture {
            failing,
            shows: Some(4),
            passing: Some(seen),
            nearest: Some(WitnessNearest {
                passes_if: "without the fault at step 5 it passes".to_owned(),
                steps: vec![5],
                schedule: Vec::new(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(panel: &Panel) -> Vec<(usize, &str)> {
        let steps = panel.steps.iter().enumerate();
        steps
            .flat_map(|(at, row)| row.marks.iter().map(move |mark| (at, mark.text.as_str())))
            .collect()
    }

    #[test]
    fn the_pair_that_decides_is_marked_in_both() {
        let mut picture = samples::picture();
        let pair = Pair::new(&picture);
        assert_eq!(
            marks(&pair.failing),
            [(4, "fails here"), (4, "(1) decides")]
        );
        assert_eq!(
            marks(&pair.passing.expect("there is one")),
            [(4, "(1) decides")]
        );
        // P1's step goes before P0's.
        if let Some(nearest) = &mut picture.nearest {
            nearest.steps = vec![2, 3];
        }
        let steps = &mut picture
            .passing
            .as_mut()
            .expect("there is one")
            .execution
            .steps;
        steps.swap(1, 2);
        let pair = Pair::new(&picture);
        assert_eq!(
            marks(&pair.failing)[..2],
            [(1, "(1) decides"), (2, "(2) decides")]
        );
        let passing = pair.passing.expect("there is one");
        assert_eq!(marks(&passing), [(1, "(2) decides"), (2, "(1) decides")]);
    }
}
