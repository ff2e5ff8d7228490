//! What a step does, in terms that do not change from run to run: which
//! call, on which object. Never a process id, an address or a descriptor's
//! number where another name is to be had.

use std::fmt;

/// A tracee's name: process in fork order, thread in creation order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaskName {
    /// 0 for the program's first process, then in fork order.
    pub process: u32,
    /// 0 for the process's first thread, then in creation order.
    pub thread: u32,
}

impl TaskName {
    /// The first thread of process number `process`.
    #[must_use]
    pub const fn process(process: u32) -> Self {
        Self { process, thread: 0 }
    }
}

impl fmt::Display for TaskName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.thread {
            0 => write!(f, "P{}", self.process),
            thread => write!(f, "P{}.{thread}", self.process),
        }
    }
}

/// A thing outside a single process that an operation touches.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Object {
    /// The case's FILE.
    File,
    /// Another file, by its path: relative to the working folder if inside it.
    Path(String),
    /// A pipe, numbered in order of first use.
    Pipe(u32),
    /// A place in a MAP_SHARED mapping: mapping in order of creation, offset
    /// in bytes.
    Shared {
        /// Number of the mapping.
        mapping: u32,
        /// Offset within it, in bytes.
        offset: u64,
    },
    /// A place in a process's own memory.
    Private {
        /// The process.
        process: u32,
        /// Places in order of first use.
        place: u32,
    },
    /// A process, as the target of a wait or a signal.
    Process(u32),
    /// Any child of the caller.
    AnyChild,
    /// Something else the kernel knows, such as a socket or an epoll set.
    Kernel(&'static str),
    /// Nothing that others could notice.
    Nothing,
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => write!(f, "FILE"),
            Self::Path(path) => write!(f, "{path:?}"),
            Self::Pipe(n) => write!(f, "pipe{n}"),
            Self::Shared { mapping, offset } => write!(f, "shared{mapping}+{offset:#x}"),
            Self::Private { process, place } => write!(f, "P{process}-memory{place}"),
            Self::Process(n) => write!(f, "P{n}"),
            Self::AnyChild => write!(f, "any-child"),
            Self::Kernel(what) => write!(f, "{what}"),
            Self::Nothing => Ok(()),
        }
    }
}

/// The kinds of operation that are scheduling points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Call {
    /// A new process or thread runs its first instructions.
    Start,
    /// A call that had blocked has been woken and returns.
    Return,
    /// A tracee that ran on without a scheduling point is let go on.
    RunOn,
    /// open(2) and kin, on something that others can see.
    Open,
    /// write(2) and kin.
    Write,
    /// read(2) and kin.
    Read,
    /// close(2) of a pipe, a socket or a file that may be locked.
    Close,
    /// stat(2), access(2) and kin, which tell whether a file is there, or its
    /// size.
    Stat,
    /// lseek(2), whose offset processes share through fork.
    Seek,
    /// ftruncate(2), unlink(2), rename(2) and kin.
    Change,
    /// fsync(2) and kin.
    Sync,
    /// futex(2), a waiting operation.
    FutexWait,
    /// futex(2), a waking operation.
    FutexWake,
    /// flock(2), fcntl(2) record locks.
    FileLock,
    /// semop(2) and kin.
    Semaphore,
    /// fork(2), clone(2), vfork(2).
    Fork,
    /// execve(2).
    Exec,
    /// wait4(2), waitid(2).
    Wait,
    /// kill(2) and kin.
    Signal,
    /// exit_group(2), exit(2).
    Exit,
    /// nanosleep(2) and kin, which return at once.
    Sleep,
    /// sched_yield(2).
    Yield,
    /// pause(2), sigsuspend(2), poll(2) and others that wait for an event.
    Pause,
    /// An instruction that reads shared memory.
    Load,
    /// An instruction that writes shared memory.
    Store,
    /// An instruction that reads and writes shared memory in one go.
    Update,
    /// Any other call that others could notice, by its name.
    Other(&'static str),
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Start => "start",
            Self::Return => "return",
            Self::RunOn => "run-on",
            Self::Open => "open",
            Self::Write => "write",
            Self::Read => "read",
            Self::Close => "close",
            Self::Stat => "stat",
            Self::Seek => "seek",
            Self::Change => "change",
            Self::Sync => "sync",
            Self::FutexWait => "futex-wait",
            Self::FutexWake => "futex-wake",
            Self::FileLock => "file-lock",
            Self::Semaphore => "semaphore",
            Self::Fork => "fork",
            Self::Exec => "exec",
            Self::Wait => "wait",
            Self::Signal => "signal",
            Self::Exit => "exit",
            Self::Sleep => "sleep",
            Self::Yield => "yield",
            Self::Pause => "pause",
            Self::Load => "load",
            Self::Store => "store",
            Self::Update => "update",
            Self::Other(name) => name,
        };
        f.write_str(name)
    }
}

/// Which part of its object an operation touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Extent {
    /// All of it, or what cannot be told.
    Whole,
    /// The bytes from `start` up to, not including, `end`.
    Bytes {
        /// The first byte.
        start: u64,
        /// The byte after the last.
        end: u64,
    },
    /// The end of a file, wherever it is (O_APPEND).
    Append,
    /// Whether it is there.
    Existence,
}

/// Shared memory that a call reads or writes beside its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Touch {
    /// Number of the mapping.
    pub mapping: u32,
    /// Offset of the first byte.
    pub start: u64,
    /// Offset of the byte after the last.
    pub end: u64,
    /// What is done to it.
    pub used: Use,
}

/// What a call does to shared memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Use {
    /// It is read.
    Read,
    /// It is written.
    Written,
}

/// A call, the object it touches and a number that tells it from others of
/// its kind: bytes asked for, the exit status, the signal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Operation {
    /// What is done.
    pub call: Call,
    /// To what.
    pub object: Object,
    /// Bytes asked for, exit status or signal number; `None` where the call
    /// has no such thing.
    pub amount: Option<u64>,
    /// Which part of the object it touches; not shown to people.
    pub extent: Extent,
    /// Shared memory that it touches besides; not shown to people.
    pub memory: Vec<Touch>,
    /// The process that may get a SIGCHLD by it, and catches that; not shown to
    /// people.
    pub tells: Option<u32>,
}

impl Operation {
    /// An operation on the whole of its object.
    #[must_use]
    pub const fn new(call: Call, object: Object, amount: Option<u64>) -> Self {
        Self {
            call,
            object,
            amount,
            extent: Extent::Whole,
            memory: Vec::new(),
            tells: None,
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.call)?;
        if self.object != Object::Nothing {
            write!(f, " {}", self.object)?;
        }
        match self.amount {
            Some(amount) => write!(f, " {amount}"),
            None => Ok(()),
        }
    }
}
