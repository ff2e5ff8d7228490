//! Where the time of a controlled execution goes, measured from outside: the
//! cost of a part is the slope between programs that have it few and many
//! times.

use std::collections::BTreeMap;
use std::time::Instant;

use grader::engine::Points;

use super::pairs::ARGUMENTS;
use super::program::{Linkage, Program, Search};
use super::{Effort, Result, median, progress};

/// A part that `parts.c` has as often as it is told.
struct Part {
    what: &'static str,
    name: &'static str,
    many: u32,
}

const PROCESS: Part = Part {
    what: "process",
    name: "process: fork, start, exit, wait (4 steps)",
    many: 20,
};
const PROCESS_SHARED: Part = Part {
    what: "process-shared",
    name: "the same where a shared page is closed",
    many: 20,
};
const STOP: Part = Part {
    what: "stop",
    name: "stop at a call that is let through (fcntl)",
    many: 200,
};
const WRITE: Part = Part {
    what: "write",
    name: "step: write of a byte to FILE",
    many: 200,
};
const LOAD: Part = Part {
    what: "load",
    name: "step: load from shared memory",
    many: 200,
};
const STORE: Part = Part {
    what: "store",
    name: "step: store to shared memory",
    many: 200,
};
const ROW: Part = Part {
    what: "row",
    name: "16 loads and 16 stores in a row (32 steps)",
    many: 10,
};
const UPDATE: Part = Part {
    what: "update",
    name: "step: locked add to shared memory",
    many: 200,
};

/// Prints what each part costs, and of what an execution of `two_writers.c`
/// consists.
pub fn measure(effort: &Effort) -> Result<()> {
    println!("\nWhere the time goes, dynamically linked, medians in microseconds");
    let parts = Program::compile("benches/parts.c", Linkage::Dynamic)?;
    progress("parts of a native run");
    let mut nothing = parts.search(&["FILE", "nothing", "0"], Points::Calls)?;
    let started = median_of(effort, &mut || time(effort, || nothing.native()))?;
    line("native: fork, exec, wait of an empty program", started);
    line(
        "native: fork, exit, wait",
        slope(&parts, &PROCESS, effort, |search| search.native())?,
    );

    progress("parts of a controlled execution");
    nothing.execution()?;
    let empty = median_of(effort, &mut || time(effort, || nothing.execution()))?;
    line("execution of an empty program (1 step)", empty);
    let reset = median_of(effort, &mut || {
        time(effort, || Ok(nothing.setup.scratch.reset()?))
    })?;
    line("  of it: scratch folder put back", reset);
    let read = median_of(effort, &mut || {
        time(effort, || {
            let scratch = &nothing.setup.scratch;
            let _ = (
                scratch.content(),
                scratch.printed_stdout(),
                scratch.printed_stderr(),
            );
            Ok(())
        })
    })?;
    line("  of it: FILE and output read", read);
    line("  of it: clone, exit and burial", empty - reset - read);
    for part in [
        PROCESS,
        PROCESS_SHARED,
        STOP,
        WRITE,
        LOAD,
        STORE,
        ROW,
        UPDATE,
    ] {
        let controlled = |search: &mut Search| search.execution().map(drop);
        line(part.name, slope(&parts, &part, effort, controlled)?);
    }
    steps()
}

fn line(name: &str, microseconds: f64) {
    println!("{name:48} {microseconds:8.1}");
}

/// The median of as many values as there are to be pairs.
fn median_of(effort: &Effort, value: &mut dyn FnMut() -> Result<f64>) -> Result<f64> {
    let values: Result<Vec<f64>> = (0..effort.pairs).map(|_| value()).collect();
    Ok(median(values?))
}

/// How long `once` takes, in microseconds.
fn time<T>(effort: &Effort, mut once: impl FnMut() -> Result<T>) -> Result<f64> {
    let start = Instant::now();
    for _ in 0..effort.part_executions {
        once()?;
    }
    Ok(start.elapsed().as_secs_f64() * 1e6 / f64::from(effort.part_executions))
}

/// What one more of a part costs, in microseconds.
fn slope(
    parts: &Program,
    part: &Part,
    effort: &Effort,
    run: impl Fn(&mut Search) -> Result<()>,
) -> Result<f64> {
    let many_times = part.many.to_string();
    let points = Points::CallsAndSharedMemory;
    let mut few = parts.search(&["FILE", part.what, "0"], points)?;
    let mut many = parts.search(&["FILE", part.what, &many_times], points)?;
    run(&mut few)?;
    run(&mut many)?;
    median_of(effort, &mut || {
        let least = time(effort, || run(&mut few))?;
        let most = time(effort, || run(&mut many))?;
        Ok((most - least) / f64::from(part.many))
    })
}

/// Prints how many steps of each kind `two_writers.c` has.
fn steps() -> Result<()> {
    let program = Program::compile("benches/two_writers.c", Linkage::Dynamic)?;
    let mut search = program.search(&ARGUMENTS, Points::CallsAndSharedMemory)?;
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for step in search.execution()?.steps {
        *counts
            .entry(format!("{:?}", step.operation.call))
            .or_default() += 1;
    }
    let counts: Vec<String> = counts
        .iter()
        .map(|(call, count)| format!("{count} {call}"))
        .collect();
    println!(
        "steps of the first execution of two_writers.c: {}",
        counts.join(", ")
    );
    Ok(())
}
