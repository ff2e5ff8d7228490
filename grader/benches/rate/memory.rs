//! The most memory that a long search has taken.

use grader::engine::Points;
use grader::explore::{Bounds, Dpor, explore};

use super::program::{BOUNDS, Linkage, Program};
use super::{Effort, Result, progress};

/// Two processes that append so often each have more orders, C(20, 10), than
/// are executed.
const APPENDS: &str = "10";

/// What the grader may take, whatever the number of executions.
const MOST_KIB: u64 = 64 << 10;

/// Prints this process's peak memory at several points of one search.
pub fn measure(effort: &Effort) -> Result<()> {
    println!("Peak memory (VmHWM) in a search, at most {MOST_KIB} KiB");
    println!("{:>10} {:>10}", "executions", "KiB");
    println!("{:10} {:10}", 0, peak_kib()?);
    let program = Program::compile("tests/programs/appends.c", Linkage::Static)?;
    let search = program.search(&[APPENDS, "one"], Points::CallsAndSharedMemory)?;
    let executions = effort.memory.last().copied().unwrap_or(0);
    let mut strategy = Dpor::new(Bounds {
        executions,
        ..BOUNDS
    });
    let mut seen = Ok(());
    let mut told = |executed: u64| {
        if executed.is_multiple_of(5_000) {
            progress(&format!("memory: {executed} of {executions} executions"));
        }
        if effort.memory.contains(&executed) {
            match peak_kib() {
                Ok(kib) => println!("{executed:10} {kib:10}"),
                Err(error) => seen = Err(error),
            }
        }
    };
    explore(&search.setup, &mut strategy, &mut |_| Vec::new(), &mut told)?;
    seen?;
    match peak_kib()? {
        kib if kib <= MOST_KIB => Ok(()),
        kib => Err(format!("{kib} KiB is more than {MOST_KIB} KiB").into()),
    }
}

/// The most memory that this process has had, in KiB (proc_pid_status(5)).
fn peak_kib() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.ok_or("no VmHWM in /proc/self/status")?.parse()?)
}
