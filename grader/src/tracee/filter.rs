//! The seccomp filters of a program: which system calls stop it, which run at
//! full speed, which are refused.
//!
//! Several filters are stacked, as `seccompiler` has one answer a filter. The
//! kernel takes the strictest answer (seccomp(2): ERRNO before TRACE before
//! ALLOW), and of two that are alike that of the filter loaded last. A call of
//! another architecture (`int 0x80`) kills; numbers of x32 are in no list.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch,
};

use super::calls::{FORBIDDEN, LOCAL, LOCAL_WITH_POINTERS, NOTICED};
use super::refused::{SIGNALLING, permitted_options, refused_arguments};
use super::spawn::ADDRESS_SPACE_BYTES;

pub(super) type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Whether a program may send signals where nothing holds them back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signals {
    /// It may: a tracer, Landlock or another uid sees to their targets.
    Allowed,
    /// It may not, not even to itself.
    Refused,
}

/// The filters of a traced program, in the order in which they are to be
/// loaded.
///
/// # Errors
/// A text if a filter cannot be built; a mistake of this file.
pub fn traced() -> Result<Vec<BpfProgram>, String> {
    Ok(vec![
        allow_only_known()?,
        trace_all_but_local()?,
        // Last, as no filter can be loaded after it.
        refuse(Signals::Allowed)?,
    ])
}

/// What stops a traced program alone, with nothing refused.
///
/// # Errors
/// As [`traced`].
pub fn tracing() -> Result<Vec<BpfProgram>, String> {
    Ok(vec![trace_all_but_local()?])
}

/// The filters of a program that runs without tracing.
///
/// # Errors
/// As [`traced`].
pub fn native(signals: Signals) -> Result<Vec<BpfProgram>, String> {
    Ok(vec![allow_only_known()?, refuse(signals)?])
}

fn allow_only_known() -> Result<BpfProgram, String> {
    let known = [LOCAL, LOCAL_WITH_POINTERS, NOTICED].into_iter().flatten();
    let mut rules: Rules = known.map(|&call| (call, Vec::new())).collect();
    rules.insert(libc::SYS_prctl, permitted_options()?);
    compile(
        rules,
        SeccompAction::Errno(libc::ENOSYS as u32),
        SeccompAction::Allow,
    )
}

fn trace_all_but_local() -> Result<BpfProgram, String> {
    let mut rules: Rules = LOCAL.iter().map(|&call| (call, Vec::new())).collect();
    // A private mapping is the process's own business, unless it takes the
    // place of another.
    let flags = (libc::MAP_SHARED | libc::MAP_FIXED) as u64;
    // What is too large to be had at all is asked for under our eyes.
    let private = rule([
        (
            1,
            SeccompCmpArgLen::Qword,
            SeccompCmpOp::Le,
            ADDRESS_SPACE_BYTES,
        ),
        (3, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(flags), 0),
    ])?;
    rules.insert(libc::SYS_mmap, vec![private]);
    compile(rules, SeccompAction::Trace(0), SeccompAction::Allow)
}

fn refuse(signals: Signals) -> Result<BpfProgram, String> {
    let mut rules: Rules = FORBIDDEN.iter().map(|&call| (call, Vec::new())).collect();
    rules.extend(refused_arguments()?);
    if signals == Signals::Refused {
        rules.extend(SIGNALLING.iter().map(|&call| (call, Vec::new())));
    }
    compile(
        rules,
        SeccompAction::Allow,
        SeccompAction::Errno(libc::EPERM as u32),
    )
}

/// Loads filters for this process and what it executes; false if the kernel
/// refuses. Called between fork and exec: may not allocate.
pub(super) fn load(filters: &[BpfProgram]) -> bool {
    filters.iter().all(|filter| {
        let program = libc::sock_fprog {
            len: filter.len() as u16,
            filter: filter.as_ptr().cast_mut().cast(),
        };
        let mode = libc::SECCOMP_MODE_FILTER;
        // SAFETY: the kernel reads the filter, which outlives the call.
        unsafe { libc::prctl(libc::PR_SET_SECCOMP, mode, &raw const program, 0, 0) == 0 }
    })
}

/// Matches one argument, of which the kernel looks at the lower half.
pub(super) fn argument(index: u8, op: SeccompCmpOp, value: u64) -> Result<SeccompRule, String> {
    rule([(index, SeccompCmpArgLen::Dword, op, value)])
}

/// Matches where every condition on an argument does.
fn rule<const N: usize>(
    conditions: [(u8, SeccompCmpArgLen, SeccompCmpOp, u64); N],
) -> Result<SeccompRule, String> {
    let conditions = conditions
        .into_iter()
        .map(|(index, length, op, value)| SeccompCondition::new(index, length, op, value));
    conditions
        .collect::<Result<_, _>>()
        .and_then(SeccompRule::new)
        .map_err(|error| error.to_string())
}

fn compile(
    rules: Rules,
    otherwise: SeccompAction,
    on_match: SeccompAction,
) -> Result<BpfProgram, String> {
    // On another architecture's calls the filter kills the process.
    SeccompFilter::new(rules, otherwise, on_match, TargetArch::x86_64)
        .and_then(BpfProgram::try_from)
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_call_is_in_two_lists() {
        let lists = [LOCAL, LOCAL_WITH_POINTERS, NOTICED, FORBIDDEN];
        let mut seen = BTreeMap::new();
        for &call in lists.into_iter().flatten() {
            assert_eq!(seen.insert(call, ()), None, "{call} twice");
        }
    }

    #[test]
    fn every_stack_can_be_built() {
        assert_eq!(traced().expect("it compiles").len(), 3);
        for signals in [Signals::Allowed, Signals::Refused] {
            assert_eq!(native(signals).expect("it compiles").len(), 2);
        }
    }
}
