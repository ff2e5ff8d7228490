//! What a case's arguments keep.

use crate::spec::case::USAGE_STATUS;
use crate::spec::path::FieldPath;
use crate::spec::problem::Problem;
use crate::spec::types::{Argument, Case};

/// The longest argument: MAX_ARG_STRLEN without the NUL (execve(2)).
pub const MAX_ARGUMENT_BYTES: u64 = 128 * 1024 - 1;

/// The most that all arguments of a case may come to. Linux allows a quarter
/// of the stack's limit, 2 MiB by default (execve(2)).
pub const MAX_ARGUMENTS_BYTES: u64 = 1024 * 1024;

/// Checks the arguments of a case, which stand at `path`.
pub(super) fn check(case: &Case, path: &FieldPath) -> Result<(), Problem> {
    if case.args.is_empty() && !case.expects_usage_error() {
        return Err(Problem::value(
            path,
            "the list is empty",
            format!(
                "only a case that expects a usage error (`exit-status` with `status: {USAGE_STATUS}`) \
                 may do without arguments"
            ),
        ));
    }
    let mut file_at = None;
    let mut total: u64 = 0;
    for (index, argument) in case.args.iter().enumerate() {
        let path = path.entry(index);
        check_argument(argument, &path)?;
        if argument.is_file()
            && let Some(first) = file_at.replace(index)
        {
            return Err(Problem::value(
                &path.field("file"),
                format!("FILE is also args[{first}]"),
                "name FILE once",
            ));
        }
        total = total.saturating_add(argument.length_bytes().unwrap_or(0));
        if total > MAX_ARGUMENTS_BYTES {
            return Err(Problem::value(
                &path,
                format!(
                    "the arguments up to here have {total} bytes, {MAX_ARGUMENTS_BYTES} are allowed"
                ),
                "use fewer or shorter records",
            ));
        }
    }
    Ok(())
}

fn check_argument(argument: &Argument, path: &FieldPath) -> Result<(), Problem> {
    let one_of = "give each argument exactly one of `text`, `record` and `file`";
    let given = [
        argument.text.is_some(),
        argument.record.is_some(),
        argument.file.is_some(),
    ];
    match given.iter().filter(|given| **given).count() {
        0 => {
            return Err(Problem::value(
                path,
                "an argument without `text`, `record` or `file`",
                one_of,
            ));
        }
        1 => {}
        _ => {
            return Err(Problem::value(
                path,
                "more than one of `text`, `record` and `file`",
                one_of,
            ));
        }
    }
    if argument.file == Some(false) {
        return Err(Problem::value(
            &path.field("file"),
            "expected true, got false",
            "write `file: true`",
        ));
    }
    if argument.times.is_some() && argument.record.is_none() {
        return Err(Problem::name(
            &path.field("times"),
            "goes only with `record`",
            "remove it, or write `record` for `text`",
        ));
    }
    let (field, text) = match (&argument.record, &argument.text) {
        (Some(record), _) => ("record", record),
        (None, Some(text)) => ("text", text),
        (None, None) => return Ok(()),
    };
    let path = path.field(field);
    if field == "record" && text.contains('\n') {
        return Err(Problem::value(
            &path,
            "a newline in a record",
            "a record is one line; the program adds the newline",
        ));
    }
    if text.contains('\0') {
        return Err(Problem::value(
            &path,
            "a NUL byte in an argument",
            "remove it: an argument ends at a NUL (execve(2))",
        ));
    }
    let length = argument.length_bytes().unwrap_or(0);
    if length > MAX_ARGUMENT_BYTES {
        return Err(Problem::value(
            &path,
            format!("the argument has {length} bytes, {MAX_ARGUMENT_BYTES} are allowed"),
            "Linux takes no argument of 128 KiB or more (execve(2)); use a shorter one",
        ));
    }
    Ok(())
}
