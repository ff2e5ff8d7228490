//! What the jail costs: controlled executions per second with its walls up and
//! down, in alternating pairs.

use grader::engine::Points;
use grader::jail::Walls;

use super::pairs::{ARGUMENTS, Half, controlled, half};
use super::program::{Linkage, Program};
use super::{Effort, Result, median, progress};

/// Prints a table with a line for each linkage and kind of scheduling point.
pub fn measure(effort: &Effort) -> Result<()> {
    println!(
        "\nControlled executions per second of two_writers.c with the jail and without, medians\n\
         of {} pairs; the last column is by processor time",
        effort.pairs
    );
    println!(
        "{:8} {:24} {:>10} {:>10} {:>6} {:>10}",
        "linkage", "points", "with/s", "without/s", "ratio", "cpu ratio"
    );
    for linkage in [Linkage::Dynamic, Linkage::Static] {
        let program = Program::compile("benches/two_writers.c", linkage)?;
        for (points, name) in [
            (Points::Calls, "calls"),
            (Points::CallsAndSharedMemory, "calls and shared memory"),
        ] {
            progress(&format!("jail, {}, {name}", linkage.name()));
            let run = |walls| {
                let search = program.search_within(&ARGUMENTS, points, walls)?;
                half(search, effort.half, controlled)
            };
            let pairs: Result<Vec<(Half, Half)>> = (0..effort.pairs)
                .map(|_| Ok((run(Walls::Up)?, run(Walls::Down)?)))
                .collect();
            let pairs = pairs?;
            let middle =
                |value: fn(&(Half, Half)) -> f64| median(pairs.iter().map(value).collect());
            println!(
                "{:8} {name:24} {:10.0} {:10.0} {:6.2} {:10.2}",
                linkage.name(),
                middle(|(with, _)| with.per_second),
                middle(|(_, without)| without.per_second),
                middle(|(with, without)| with.per_second / without.per_second),
                middle(|(with, without)| with.per_cpu_second / without.per_cpu_second),
            );
        }
    }
    Ok(())
}
