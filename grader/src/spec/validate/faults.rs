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
    if faults.short_writes.is_empty() && faults.interruptions.is_empty() {
        return Err(Problem::value(
            path,
            "faults without a target",
            "add `short-writes: [file]` or `interruptions: [file, blocked]`",
        ));
    }
    distinct(&faults.short_writes, &path.field("short-writes"))?;
    distinct(&faults.interruptions, &path.field("interruptions"))?;
    if !case.args.iter().any(Argument::is_file) {
        return Err(Problem::value(
            path,
            "there is no FILE to inject faults at",
            "add `- file: true` to args",
        ));
    }
    Ok(())
}
