//! How many executions a search makes, against how many there have to be.

use grader::engine::Points;
use grader::explore::{Dpor, explore};

use super::program::{BOUNDS, Linkage, Program};
use super::{Effort, Result, progress};

/// A family of programs whose classes of equal schedules are counted.
struct Family {
    source: &'static str,
    name: &'static str,
    second: Option<&'static str>,
    classes: fn(u64) -> u64,
    first: u32,
}

const FAMILIES: [Family; 4] = [
    Family {
        source: "tests/programs/readers.c",
        name: "readers",
        second: None,
        classes: |n| 1 << n,
        first: 2,
    },
    Family {
        source: "tests/programs/lastzero.c",
        name: "lastzero",
        second: None,
        classes: |n| (n + 3) << (n - 2),
        first: 2,
    },
    Family {
        source: "tests/programs/appends.c",
        name: "appends to one file",
        second: Some("one"),
        classes: orders,
        first: 1,
    },
    Family {
        source: "tests/programs/appends.c",
        name: "appends to a file each",
        second: Some("each"),
        classes: |_| 1,
        first: 1,
    },
];

/// C(2k, k).
fn orders(k: u64) -> u64 {
    (1..=k).fold(1, |product, i| product * (k + i) / i)
}

/// Prints executions beside classes.
pub fn count(effort: &Effort) -> Result<()> {
    println!("\nExecutions of an exhaustive search");
    println!(
        "{:24} {:>2} {:>10} {:>10} {:>10}",
        "program", "N", "classes", "executions", "cut off"
    );
    let mut all = true;
    for family in &FAMILIES {
        progress(family.name);
        let program = Program::compile(family.source, Linkage::Dynamic)?;
        for n in family.first..=effort.classes {
            let number = n.to_string();
            let arguments: Vec<&str> = [number.as_str()].into_iter().chain(family.second).collect();
            let search = program.search(&arguments, Points::CallsAndSharedMemory)?;
            let mut strategy = Dpor::new(BOUNDS);
            let explored = explore(
                &search.setup,
                &mut strategy,
                &mut |_| Vec::new(),
                &mut |_| {},
            )?;
            let classes = (family.classes)(u64::from(n));
            all &= explored.complete && explored.executions == classes;
            println!(
                "{:24} {n:2} {classes:10} {:10} {:10}",
                family.name, explored.executions, explored.cut_off
            );
        }
    }
    match all {
        true => Ok(()),
        false => Err("there are other numbers of executions than classes".into()),
    }
}
