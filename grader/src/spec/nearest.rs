//! The known name that a misspelt one may have meant.

/// The one of `known` that is nearest to `word`, if any is near at all: at
/// most a third of its letters are wrong.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase().replace('_', "-");
    if word.chars().count() > 64 {
        return None;
    }
    known
        .into_iter()
        .map(|name| (strsim::osa_distance(&word, name), name))
        .filter(|(distance, name)| *distance <= name.chars().count().div_ceil(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}
