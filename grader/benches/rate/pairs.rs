//! Controlled executions per second against native ones, in alternating pairs.

use std::time::{Duration, Instant};

use grader::engine::Points;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

use super::program::{Linkage, Program, Search};
use super::{Effort, Result, median, progress};

/// The arguments of `two_writers.c`.
pub const ARGUMENTS: [&str; 3] = ["FILE", "a record of the first\n", "one of the second\n"];

/// What came of one half of a pair.
#[derive(Clone, Copy)]
pub struct Half {
    pub per_second: f64,
    /// Per second of processor time, of this process and of all that it
    /// started: other work on the machine changes it less.
    pub per_cpu_second: f64,
    /// Steps of an execution, if it is controlled.
    steps: f64,
}

/// Prints a table with a line for each linkage and kind of scheduling point.
pub fn measure(effort: &Effort) -> Result<()> {
    println!(
        "\nExecutions per second of two_writers.c, medians of {} pairs; the last column is by\n\
         processor time, which is more to be relied on where the machine has other work",
        effort.pairs
    );
    println!(
        "{:8} {:24} {:>12} {:>9} {:>6} {:>16} {:>10}",
        "linkage", "points", "controlled/s", "native/s", "ratio", "steps/execution", "cpu ratio"
    );
    for linkage in [Linkage::Dynamic, Linkage::Static] {
        let program = Program::compile("benches/two_writers.c", linkage)?;
        for (points, name) in [
            (Points::Calls, "calls"),
            (Points::CallsAndSharedMemory, "calls and shared memory"),
        ] {
            progress(&format!("two_writers.c, {}, {name}", linkage.name()));
            let pairs: Result<Vec<(Half, Half)>> = (0..effort.pairs)
                .map(|_| pair(&program, points, effort.half))
                .collect();
            let pairs = pairs?;
            let middle =
                |value: fn(&(Half, Half)) -> f64| median(pairs.iter().map(value).collect());
            println!(
                "{:8} {name:24} {:12.0} {:9.0} {:6.2} {:16.1} {:10.2}",
                linkage.name(),
                middle(|(controlled, _)| controlled.per_second),
                middle(|(_, native)| native.per_second),
                middle(|(controlled, native)| controlled.per_second / native.per_second),
                middle(|(controlled, _)| controlled.steps),
                middle(|(controlled, native)| controlled.per_cpu_second / native.per_cpu_second),
            );
        }
    }
    Ok(())
}

/// Controlled executions, then native ones.
fn pair(program: &Program, points: Points, time: Duration) -> Result<(Half, Half)> {
    let search = || program.search(&ARGUMENTS, points);
    let controlled = half(search()?, time, controlled)?;
    let native = half(search()?, time, |search| search.native().map(|()| 0))?;
    Ok((controlled, native))
}

/// One controlled execution; its steps.
pub fn controlled(search: &mut Search) -> Result<usize> {
    Ok(search.execution()?.steps.len())
}

/// Runs `once` again and again for `time`.
pub fn half(
    mut search: Search,
    time: Duration,
    once: fn(&mut Search) -> Result<usize>,
) -> Result<Half> {
    let cpu_before = cpu_time()?;
    // The first is slower: the template is made, pages are read in.
    once(&mut search)?;
    let (mut count, mut steps) = (0, 0);
    let start = Instant::now();
    while start.elapsed() < time {
        steps += once(&mut search)?;
        count += 1;
    }
    let elapsed = start.elapsed();
    // The template's time is only known once it is gone.
    drop(search);
    let cpu = cpu_time()?.saturating_sub(cpu_before);
    let count = f64::from(count);
    Ok(Half {
        per_second: count / elapsed.as_secs_f64(),
        per_cpu_second: count / cpu.as_secs_f64(),
        steps: steps as f64 / count,
    })
}

/// The processor time of this process and of its descendants that are gone.
fn cpu_time() -> Result<Duration> {
    let mut sum = Duration::ZERO;
    for who in [UsageWho::RUSAGE_SELF, UsageWho::RUSAGE_CHILDREN] {
        let usage = getrusage(who)?;
        for time in [usage.user_time(), usage.system_time()] {
            sum += Duration::from_micros(time.num_microseconds().unsigned_abs());
        }
    }
    Ok(sum)
}
