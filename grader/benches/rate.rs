//! How fast executions are controlled, against the same program started by
//! fork and exec; where the time goes; how much memory a long search takes;
//! how many executions it makes. `--quick` measures less of each; naming one
//! or more of `memory`, `classes`, `rates`, `jail` and `parts` leaves out the others.

#[path = "rate/classes.rs"]
mod classes;
#[path = "rate/jail.rs"]
mod jail;
#[path = "rate/memory.rs"]
mod memory;
#[path = "rate/pairs.rs"]
mod pairs;
#[path = "rate/parts.rs"]
mod parts;
#[path = "rate/program.rs"]
mod program;

use std::time::Duration;

use grader::machine;

/// Whatever goes wrong ends the benchmark.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Measures one thing and prints a table of it.
type Measure = fn(&Effort) -> Result<()>;

/// How much is measured.
struct Effort {
    /// Alternating pairs; odd, so that there is a median.
    pairs: usize,
    /// How long each half of a pair of rates takes.
    half: Duration,
    /// Executions in each half of a pair that a part's cost is taken from.
    part_executions: u32,
    /// Executions of the long search after which memory is looked at.
    memory: &'static [u64],
    /// The N of the programs whose classes are counted.
    classes: u32,
}

const FULL: Effort = Effort {
    pairs: 9,
    half: Duration::from_millis(500),
    part_executions: 20,
    memory: &[1_000, 10_000, 100_000],
    classes: 6,
};

const QUICK: Effort = Effort {
    pairs: 3,
    half: Duration::from_millis(150),
    part_executions: 5,
    memory: &[500, 1_000, 2_000],
    classes: 3,
};

fn main() -> Result<()> {
    let effort = match std::env::args().any(|argument| argument == "--quick") {
        true => QUICK,
        false => FULL,
    };
    machine::prepare()?;
    let measurements: [(&str, Measure); 5] = [
        ("memory", memory::measure),
        ("classes", classes::count),
        ("rates", pairs::measure),
        ("jail", jail::measure),
        ("parts", parts::measure),
    ];
    let named: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    for (name, measure) in measurements {
        if named.is_empty() || named.iter().any(|wanted| wanted == name) {
            measure(&effort)?;
        }
    }
    Ok(())
}

/// Tells on standard error what is being done, as all of it takes minutes.
fn progress(what: &str) {
    eprintln!("{what} ...");
}

/// The middle of an odd number of values.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
