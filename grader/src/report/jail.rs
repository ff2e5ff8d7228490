//! What is said of the jail at the end of a report.

use crate::jail::Held;

/// A line if a program could do what it must not; `None` where T0 holds. All
/// else that holds or not is in the JSON and in `grader doctor`.
#[must_use]
pub fn warning(held: &Held) -> Option<String> {
    let missing = held.missing.iter().find(|why| why.starts_with("T0"))?;
    Some(format!("not held: {missing}; see `grader doctor`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::test_data::held;

    #[test]
    fn only_what_matters_is_said() {
        let mut held = held();
        assert_eq!(warning(&held), None);
        held.missing.push("T0: no Landlock".to_owned());
        let expected = "not held: T0: no Landlock; see `grader doctor`";
        assert_eq!(warning(&held).as_deref(), Some(expected));
    }
}
