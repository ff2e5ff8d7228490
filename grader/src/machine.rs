//! What the grader asks of the machine before it grades.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use nix::sched::{CpuSet, sched_getaffinity, sched_getcpu, sched_setaffinity};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;
use nix::unistd::{Pid, getppid};

use crate::error::{Error, Result};
use crate::exit_code::ExitCode;
use crate::tracee::spawn::become_subreaper;

/// Makes this process the reaper of its orphans and puts this thread, and all
/// that it will start, on one processor: a stop then costs a tenth of what it
/// costs across processors (design: engine).
///
/// # Errors
/// [`Error::Tracing`] on a machine that the grader does not work on.
pub fn prepare() -> Result<&'static Processors> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Err(Error::Tracing {
            missing: "it is not an x86-64 Linux".to_owned(),
            help: "grade on an x86-64 Linux machine or virtual machine".to_owned(),
        });
    }
    become_subreaper().map_err(|cause| Error::grader("become the reaper of orphans", cause))?;
    let processors = PROCESSORS.get_or_init(Processors::allowed);
    processors.pin(0);
    Ok(processors)
}

/// Has this process killed when the one that started it ends (prctl(2),
/// PR_SET_PDEATHSIG).
pub fn end_with_parent() {
    let parent = getppid();
    let _ = set_pdeathsig(Signal::SIGKILL);
    // It may have ended before.
    if getppid() != parent {
        std::process::exit(i32::from(ExitCode::GraderError as u8));
    }
}

static PROCESSORS: OnceLock<Processors> = OnceLock::new();

/// The processors that the grader was started on, the one it ran on first.
#[derive(Debug)]
pub struct Processors(Vec<usize>);

impl Processors {
    fn allowed() -> Self {
        let Ok(allowed) = sched_getaffinity(Pid::from_raw(0)) else {
            return Self(Vec::new());
        };
        let is_allowed = |number: &usize| allowed.is_set(*number).unwrap_or(false);
        let mut numbers: Vec<usize> = (0..CpuSet::count()).filter(is_allowed).collect();
        let current = sched_getcpu().ok();
        if let Some(at) = numbers.iter().position(|&number| Some(number) == current) {
            numbers.rotate_left(at);
        }
        Self(numbers)
    }

    /// How many, at least one.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len().max(1)
    }

    /// Has `work` done for each number below `count`, by at most `jobs` threads
    /// at a time, each on a processor of its own with all that it starts. Once
    /// it breaks off, nothing further is begun.
    pub fn share_out(
        &self,
        jobs: Option<NonZeroUsize>,
        count: usize,
        work: impl Fn(usize) -> ControlFlow<()> + Sync,
    ) {
        let next = AtomicUsize::new(0);
        self.employ(jobs, count, |_| {
            let numbers = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
            for number in numbers.take_while(|&number| number < count) {
                if work(number).is_break() {
                    next.store(count, Ordering::Relaxed);
                }
            }
        });
    }

    /// Has `work` done by `jobs` threads at the same time, or by `most` if that
    /// is less, each on a processor of its own with all that it starts. It is
    /// told which of them it is in, counted from 0.
    pub fn employ(&self, jobs: Option<NonZeroUsize>, most: usize, work: impl Fn(usize) + Sync) {
        let jobs = jobs.map_or(self.count(), NonZeroUsize::get);
        let work = &work;
        thread::scope(|scope| {
            for worker in 0..jobs.clamp(1, most.max(1)) {
                scope.spawn(move || {
                    self.pin(worker);
                    work(worker);
                });
            }
        });
    }

    /// Puts the calling thread, and all that it will start, on one of them.
    /// Without it all works, only slower: so no error.
    pub fn pin(&self, worker: usize) {
        let mut one = CpuSet::new();
        let number = self.0.get(worker % self.count());
        if number.is_some_and(|&number| one.set(number).is_ok()) {
            let _ = sched_setaffinity(Pid::from_raw(0), &one);
        }
    }
}
