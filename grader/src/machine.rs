//! What the grader asks of the machine before it grades.

use nix::sched::{CpuSet, sched_getaffinity, sched_getcpu, sched_setaffinity};
use nix::unistd::Pid;

use crate::error::{Error, Result};
use crate::tracee::spawn::become_subreaper;

/// Makes this process the reaper of its orphans and puts it, and all that it
/// will start, on one processor: a stop then costs a tenth of what it costs
/// across processors (design: engine).
///
/// # Errors
/// [`Error::Tracing`] on a machine that the grader does not work on.
pub fn prepare() -> Result<()> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Err(Error::Tracing {
            missing: "it is not an x86-64 Linux".to_owned(),
            help: "grade on an x86-64 Linux machine or virtual machine".to_owned(),
        });
    }
    become_subreaper().map_err(|cause| Error::grader("become the reaper of orphans", cause))?;
    pin();
    Ok(())
}

/// Without it all works, only slower: so no error.
fn pin() {
    let this = Pid::from_raw(0);
    let (Ok(allowed), Ok(current)) = (sched_getaffinity(this), sched_getcpu()) else {
        return;
    };
    let mut one = CpuSet::new();
    if allowed.is_set(current).unwrap_or(false) && one.set(current).is_ok() {
        let _ = sched_setaffinity(this, &one);
    }
}
