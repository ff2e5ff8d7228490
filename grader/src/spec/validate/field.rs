//! What several rules ask of a field.

use std::collections::BTreeMap;
use std::fmt::Display;

use crate::spec::excerpt::quoted;
use crate::spec::path::FieldPath;
use crate::spec::problem::Problem;

/// A name can be part of a file's name, so few characters are allowed in it.
pub(super) fn name(path: &FieldPath, name: &str) -> Result<(), Problem> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let begins_well = name.bytes().next().is_some_and(|byte| byte != b'-');
    if begins_well && name.len() <= 64 && name.bytes().all(allowed) {
        return Ok(());
    }
    Err(Problem::value(
        path,
        format!("{} is not a name", quoted(name)),
        "a name has lower-case letters, digits and hyphens, 64 at most, such as slow-pipe",
    ))
}

/// A text for a line of a report.
pub(super) fn one_line(path: &FieldPath, text: &str) -> Result<(), Problem> {
    not_empty(path, text)?;
    if text.chars().any(char::is_control) {
        return Err(Problem::value(
            path,
            "more than one line",
            "write it on one line, without a newline at the end",
        ));
    }
    Ok(())
}

/// A text that says something.
pub(super) fn not_empty(path: &FieldPath, text: &str) -> Result<(), Problem> {
    if text.trim().is_empty() {
        return Err(Problem::value(
            path,
            "the text is empty",
            "write something, or remove it",
        ));
    }
    Ok(())
}

/// Refuses the second of two equal names; `path` says where a name stands.
pub(super) fn unique<'a>(
    names: impl Iterator<Item = &'a str>,
    path: impl Fn(usize) -> FieldPath,
) -> Result<(), Problem> {
    let mut seen = BTreeMap::new();
    for (index, name) in names.enumerate() {
        if let Some(first) = seen.insert(name, index) {
            return Err(Problem::value(
                &path(index),
                format!("`{name}` is also {}", path(first)),
                "give each its own name, or remove one",
            ));
        }
    }
    Ok(())
}

/// Refuses a word that stands twice in a list.
pub(super) fn distinct<T: PartialEq>(words: &[T], path: &FieldPath) -> Result<(), Problem> {
    for (index, word) in words.iter().enumerate() {
        if words.iter().take(index).any(|earlier| earlier == word) {
            return Err(Problem::value(
                &path.entry(index),
                "is given twice",
                "remove one of them",
            ));
        }
    }
    Ok(())
}

/// Whether a field is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    /// It is.
    Yes,
    /// It was left out.
    No,
}

impl<T> From<&Option<T>> for Given {
    fn from(field: &Option<T>) -> Self {
        if field.is_some() { Self::Yes } else { Self::No }
    }
}

/// A field that goes with some kinds only.
pub(super) struct KindField<'a, K> {
    /// Its name.
    pub(super) name: &'a str,
    /// Whether it is there.
    pub(super) given: Given,
    /// The kinds it goes with.
    pub(super) kinds: &'a [K],
    /// An example for kinds that cannot do without it; none if all can.
    pub(super) needed: Option<&'a str>,
}

/// Checks that each of `fields` is there if `kind`, which stands at `path`,
/// needs it, and is not there if it does not go with `kind`.
pub(super) fn fit_kind<K: PartialEq + Display>(
    path: &FieldPath,
    kind: &K,
    fields: &[KindField<'_, K>],
) -> Result<(), Problem> {
    for field in fields {
        if field.given == Given::Yes && !field.kinds.contains(kind) {
            let kinds: Vec<String> = field.kinds.iter().map(K::to_string).collect();
            return Err(Problem::name(
                &path.field(field.name),
                format!("goes only with kind {}", kinds.join(" or ")),
                format!("remove {}, or change the kind", field.name),
            ));
        }
    }
    for field in fields {
        if let (Given::No, Some(example)) = (field.given, field.needed)
            && field.kinds.contains(kind)
        {
            return Err(Problem::value(
                path,
                format!("kind {kind} needs the field `{}`", field.name),
                format!("add `{}: {example}`", field.name),
            ));
        }
    }
    Ok(())
}
