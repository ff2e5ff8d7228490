//! Controlled executions per second against native ones, in alternating pairs.

use std::time::{Duration, Instant};

use grader::engine::Points;

use super::program::{Linkage, Program, Search};
use super::{Effort, Result, median, progress};

/// The arguments of `two_writers.c`.
pub const ARGUMENTS: [&str; 3] = ["FILE", "a record of the first\n", "one of the second\n"];

/// What came of the pairs, as medians.
struct Rates {
    controlled: f64,
    native: f64,
    ratio: f64,
    steps: f64,
}

/// Prints a table with a line for each linkage and kind of scheduling point.
pub fn measure(effort: &Effort) -> Result<()> {
    println!(
        "\nExecutions per second of two_writers.c, medians of {} pairs",
        effort.pairs
    );
    println!(
        "{:8} {:24} {:>12} {:>9} {:>6} {:>16}",
        "linkage", "points", "controlled/s", "native/s", "ratio", "steps/execution"
    );
    for linkage in [Linkage::Dynamic, Linkage::Static] {
        let program = Program::compile("benches/two_writers.c", linkage)?;
        for (points, name) in [
            (Points::Calls, "calls"),
            (Points::CallsAndSharedMemory, "calls and shared memory"),
        ] {
            progress(&format!("two_writers.c, {}, {name}", linkage.name()));
            let rates = rates(&mut program.search(&ARGUMENTS, points)?, effort)?;
            println!(
                "{:8} {name:24} {:12.0} {:9.0} {:6.2} {:16.1}",
                linkage.name(),
                rates.controlled,
                rates.native,
                rates.ratio,
                rates.steps
            );
        }
    }
    Ok(())
}

fn rates(search: &mut Search, effort: &Effort) -> Result<Rates> {
    // The first of each is slower: the template is made, pages are read in.
    search.execution()?;
    search.native()?;
    let (mut controlled, mut native, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let (mut executions, mut steps) = (0, 0);
    for _ in 0..effort.pairs {
        let with = rate(effort.half, || {
            executions += 1;
            steps += search.execution()?.steps.len();
            Ok(())
        })?;
        let without = rate(effort.half, || search.native())?;
        controlled.push(with);
        native.push(without);
        ratios.push(with / without);
    }
    Ok(Rates {
        controlled: median(controlled),
        native: median(native),
        ratio: median(ratios),
        steps: steps as f64 / f64::from(executions),
    })
}

/// How often a second `once` can be done, measured for `time`.
fn rate(time: Duration, mut once: impl FnMut() -> Result<()>) -> Result<f64> {
    let start = Instant::now();
    let mut count = 0;
    while start.elapsed() < time {
        once()?;
        count += 1;
    }
    Ok(f64::from(count) / start.elapsed().as_secs_f64())
}
