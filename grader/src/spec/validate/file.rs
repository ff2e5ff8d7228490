//! What a case's FILE keeps.

use crate::spec::path::FieldPath;
use crate::spec::problem::Problem;
use crate::spec::types::{Argument, Case, File, FileKind};

use super::field::{Given, KindField, fit_kind};

/// Checks the FILE of a case, which stands at `path`.
pub(super) fn check(case: &Case, path: &FieldPath) -> Result<(), Problem> {
    let file = &case.file;
    let named = case.args.iter().any(Argument::is_file);
    if !named && file.kind != FileKind::Missing {
        return Err(Problem::value(
            path,
            "there is a FILE, but no argument names it",
            "add `- file: true` to args, or write `kind: missing`",
        ));
    }
    let fields = [
        KindField {
            name: "content",
            given: Given::from(&file.content),
            kinds: &[FileKind::Regular, FileKind::Limited],
            needed: Some("\"\""),
        },
        KindField {
            name: "times",
            given: Given::from(&file.times),
            kinds: &[FileKind::Regular, FileKind::Limited],
            needed: None,
        },
        KindField {
            name: "limit-bytes",
            given: Given::from(&file.limit_bytes),
            kinds: &[FileKind::Limited],
            needed: Some("100"),
        },
    ];
    fit_kind(path, &file.kind, &fields)?;
    if file
        .content
        .as_ref()
        .is_some_and(|text| !text.is_empty() && !text.ends_with('\n'))
    {
        return Err(Problem::value(
            &path.field("content"),
            "does not end in a newline",
            "write whole lines, with `content: |` and the lines below it",
        ));
    }
    check_limit(case, file, &path.field("limit-bytes"))
}

/// A limit has to cut something, and not what is there at the start.
fn check_limit(case: &Case, file: &File, path: &FieldPath) -> Result<(), Problem> {
    let Some(limit) = file.limit_bytes else {
        return Ok(());
    };
    let content = file.content().len() as u64;
    let records = case
        .args
        .iter()
        .filter(|argument| argument.record.is_some());
    let all: u64 = records
        .filter_map(Argument::length_bytes)
        .fold(content, |sum, length| sum.saturating_add(length + 1));
    // Lines of other kinds than records are not among the arguments.
    let counted = all > content;
    if (content..all).contains(&limit) || !counted && limit >= content {
        return Ok(());
    }
    let (message, help) = if limit < content {
        (
            format!("is {limit}, but FILE holds {content} bytes at the start"),
            "raise it",
        )
    } else {
        (
            format!("is {limit}, but all lines together have {all} bytes"),
            "lower it: nothing would be cut off",
        )
    };
    Err(Problem::value(path, message, help))
}
