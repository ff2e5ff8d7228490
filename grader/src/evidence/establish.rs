//! From the first execution that fails to a finding.

use super::confirm::{self, Confirmed};
use super::subject::Subject;
use crate::engine::EngineError;
use crate::explore::{Hit, Shrunk, nearest, shrink};
use crate::fault::FaultPlan;
use crate::finding::Failure;
use crate::trace::Execution;

/// Makes `hit` small, by what `judge` says, and confirms it.
///
/// # Errors
/// [`EngineError`] if an execution cannot be carried out.
pub fn establish(
    subject: &Subject,
    faults: FaultPlan,
    hit: Hit,
    judge: &mut dyn FnMut(&Execution) -> Vec<Failure>,
) -> Result<Confirmed, EngineError> {
    if confirm::limit_of(&hit.execution).is_some() {
        // As it is: a smaller one would use as much again, many times.
        return confirm::universal(subject, hit);
    }
    let Shrunk { hit, gave_up_after } = shrink(&subject.setup, faults, hit, judge)?;
    let mut alone = |execution: &Execution| subject.judge().judge(execution);
    let passing = nearest(&subject.setup, &hit, &mut alone)?;
    Ok(match confirm::universal(subject, hit)? {
        Confirmed::Failed(mut found) => {
            found.nearest = passing;
            found.gave_up_after = gave_up_after;
            Confirmed::Failed(found)
        }
        other => other,
    })
}
