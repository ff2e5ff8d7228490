//! What one execution did: the input of the oracles and of the reports.

use crate::fault::Fault;
use crate::limit::Limit;
use crate::operation::{Operation, TaskName};

/// One step: one tracee from a scheduling point to its next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Who moved.
    pub task: TaskName,
    /// What it did.
    pub operation: Operation,
    /// What was injected.
    pub fault: Option<Fault>,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The call returned this; negative errno values for errors.
    Returned(i64),
    /// The call has the tracee sleeping in the kernel.
    Blocked,
    /// The tracee is gone.
    Ended(ExitStatus),
}

/// How a process or thread ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// It exited with this status.
    Exited(i32),
    /// A signal of this number ended it.
    Signalled(i32),
}

/// Why an execution ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// Every tracee has ended by itself.
    Finished,
    /// Nobody can move, and the program's first process has not ended.
    Deadlock,
    /// The first process has ended, but others sleep for ever.
    LeftSleeping,
    /// The bound on steps was reached.
    StepLimit,
    /// This tracee ran on without end and nobody else could move.
    EndlessLoop(TaskName),
    /// More of something than allowed.
    Limit(Limit),
}

/// A tracee of the execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its name.
    pub name: TaskName,
    /// Who made it; `None` for P0.
    pub parent: Option<TaskName>,
    /// Index of the step that made it; `None` for P0.
    pub born: Option<usize>,
    /// How it ended; `None` if it had not when the execution ended.
    pub status: Option<ExitStatus>,
    /// What it was blocked in when the execution ended.
    pub waiting_for: Option<Operation>,
}

/// Where a MAP_SHARED mapping that was used as a lock came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockSleep {
    /// The step in which a tracee slept on it.
    pub step: usize,
    /// Who slept.
    pub task: TaskName,
    /// Where the futex lies.
    pub place: LockPlace,
}

/// Where a futex lies that someone slept on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockPlace {
    /// In shared memory, with a process-shared futex operation.
    Shared {
        /// Number of the mapping.
        mapping: u32,
        /// Offset within it, in bytes.
        offset: u64,
        /// True if it was mapped before the first fork.
        before_fork: bool,
    },
    /// In shared memory, but with FUTEX_PRIVATE_FLAG: other processes cannot
    /// wake the sleeper (futex(2)).
    SharedButPrivate {
        /// Number of the mapping.
        mapping: u32,
    },
    /// In memory of one process.
    Private,
}

/// A lock that was seen destroyed in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockDestroyed {
    /// The step after which it was first seen.
    pub step: usize,
    /// Whose step that was.
    pub task: TaskName,
    /// Number of the mapping.
    pub mapping: u32,
    /// Offset within it, in bytes.
    pub offset: u64,
}

/// What was looked at around one step, where that was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sight {
    /// Where in the program the step was made.
    pub place: Option<CodePlace>,
    /// What the file that the step is about held after it.
    pub file: Option<Vec<u8>>,
    /// Which mutexes were held after it.
    pub held: Vec<HeldMutex>,
}

/// A mutex of the C library's in shared memory, and who holds it by its own
/// record. Of other kinds of lock nothing is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldMutex {
    /// Number of the mapping.
    pub mapping: u32,
    /// Offset within it, in bytes.
    pub offset: u64,
    /// Who holds it.
    pub holder: TaskName,
}

/// Where in its program a tracee was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodePlace {
    /// Address of the next instruction.
    pub instruction: u64,
    /// The stack pointer.
    pub stack_pointer: u64,
    /// The frame pointer.
    pub frame_pointer: u64,
    /// The memory from the stack pointer on.
    pub stack: Vec<u8>,
    /// The executable mappings of files, in order of their addresses.
    pub mapped: Vec<MappedFile>,
}

/// A file that is mapped, as in proc_pid_maps(5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappedFile {
    /// Address of its first byte: that of the lowest of its mappings.
    pub start: u64,
    /// Address after its last byte.
    pub end: u64,
    /// The file.
    pub path: std::path::PathBuf,
}

/// Everything that is judged about one execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    /// The steps in the order in which they happened.
    pub steps: Vec<Step>,
    /// How often a tracee that could go on had to let another go first.
    pub preemptions: u32,
    /// One for each step if the set-up says that steps are looked at.
    pub sights: Vec<Sight>,
    /// The tracees in order of birth; the first is P0.
    pub tasks: Vec<Task>,
    /// Why it ended.
    pub ending: Ending,
    /// FILE's content at the end; `None` if there is no such file or it is
    /// not a regular one.
    pub file: Option<Vec<u8>>,
    /// What was written to standard output.
    pub stdout: Vec<u8>,
    /// What was written to standard error.
    pub stderr: Vec<u8>,
    /// Dead processes that had not been waited for when P0 exited.
    pub unreaped: Vec<TaskName>,
    /// Processes that were alive when P0 exited.
    pub left_behind: Vec<TaskName>,
    /// Who slept on which lock.
    pub lock_sleeps: Vec<LockSleep>,
    /// Which locks were destroyed, and when.
    pub locks_destroyed: Vec<LockDestroyed>,
}

impl Execution {
    /// How the program's first process ended.
    #[must_use]
    pub fn exit(&self) -> Option<ExitStatus> {
        self.tasks.first().and_then(|task| task.status)
    }

    /// How many processes there were.
    #[must_use]
    pub fn processes(&self) -> usize {
        let firsts = self.tasks.iter().filter(|task| task.name.thread == 0);
        firsts.count()
    }

    /// How many faults were injected.
    #[must_use]
    pub fn faults(&self) -> usize {
        self.steps
            .iter()
            .filter(|step| step.fault.is_some())
            .count()
    }
}
