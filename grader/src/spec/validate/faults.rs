//! What a case's faults keep.

use crate::spec::path::FieldPath;
use crate::spec::problem::Problem;
use crate::spec::types::{Argument, Case};

use super::field::distinct;

/// Checks the faults of a case, which stand at `path`.
pub(super) fn check(case: &Case, path: &FieldPath) -> Result<(), Problem> {
    let Some(faults) = &case.faults else {
        return Ok(());
    };
    let none = faults.short_writes.is_empty()
        && faults.interruptions.is_empty()
        && faults.wake_ups.is_empty()
        && faults.deaths.is_empty();
    if none {
        return Err(Problem::value(
            path,
            "faults without a target",
            "add `short-writes: [file]` or `interruptions: [file, blocked]`",
        ));
    }
    distinct(&faults.short_writes, &path.field("short-writes"))?;
    distinct(&faults.interruptions, &path.field("interruptions"))?;
    distinct(&faults.wake_ups, &path.field("wake-ups"))?;
    distinct(&faults.deaths, &path.field("deaths"))?;
    if !faults.deaths.is_empty() && case.strategy.preemptions.is_none() {
        return Err(Problem::value(
            &path.field("deaths"),
            "every order of a death with everything else is too many",
            "bound the preemptions: `preemptions: 1` in the strategy",
        ));
    }
    if !case.args.iter().any(Argument::is_file) {
        return Err(Problem::value(
            path,
            "there is no FILE to inject faults at",
            "add `- file: true` to args",
        ));
    }
    Ok(())
}
