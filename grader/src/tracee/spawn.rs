//! Starting a program in a session of its own, limited, filtered and, if
//! asked for, traced from its first instruction.

use std::ffi::{CString, OsStr};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use libc::c_int;
use nix::fcntl::OFlag;
use nix::unistd::{ForkResult, Pid, fork, pipe2, read, write};
use seccompiler::BpfProgram;

use super::confinement::{Calls, Confinement};
use super::filter;
use super::guardian::{Guardian, Line};
use super::identity::Identity;
use super::proc;
use super::stop::{Look, Running, Stop, Stopped, Until};
use super::sys;

/// What one process may ask for in one piece.
pub const ADDRESS_SPACE_BYTES: u64 = 4 << 30;

/// By how much the kernel may prolong a sleep, as every process begins
/// (PR_SET_TIMERSLACK(2const)).
const TIMER_SLACK_NS: libc::c_ulong = 50_000;

/// Limits of every process of a submission (setrlimit(2)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// No file may grow beyond this, in bytes; EFBIG comes as an error, as
    /// SIGXFSZ is ignored.
    pub file_bytes: u64,
    /// Address space of one process, in bytes: a last guard, as the memory
    /// that is in use is watched.
    pub memory_bytes: u64,
    /// Processor time of one process, in seconds.
    pub cpu_seconds: u64,
    /// Open descriptors of one process.
    pub descriptors: u64,
    /// Where it is not traced, processes and threads of its user, beside those
    /// that were there before.
    pub processes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 64 << 20,
            memory_bytes: ADDRESS_SPACE_BYTES,
            cpu_seconds: 60,
            descriptors: 256,
            processes: 128,
        }
    }
}

/// Everything that is needed to start a program, made ready beforehand: the
/// child between fork and exec may not allocate.
#[derive(Debug)]
pub struct Plan {
    program: CString,
    argv: Vec<CString>,
    folder: CString,
    limits: Limits,
    control: Control,
    /// Threads of the grader's own user when the plan was made.
    others: u64,
    confinement: Confinement,
    filters: Vec<BpfProgram>,
    stdin: OwnedFd,
    stdout: OwnedFd,
    stderr: OwnedFd,
}

/// Under what control a program is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// Traced, stopped at every scheduling point.
    Traced,
    /// Not traced.
    Native,
}

/// Why a program could not be started.
#[derive(Debug, thiserror::Error)]
pub enum SpawnError {
    /// The program itself cannot be executed.
    #[error("cannot execute it: {0}")]
    Exec(io::Error),
    /// This machine refuses what tracing needs.
    #[error("{what}: {cause}")]
    Refused {
        /// The operation refused.
        what: &'static str,
        /// The kernel's answer.
        cause: io::Error,
    },
    /// Anything else.
    #[error("{what}: {cause}")]
    Other {
        /// The operation that failed.
        what: &'static str,
        /// The kernel's answer.
        cause: io::Error,
    },
}

/// The environment of every submission: nothing of the grader's own.
const ENVIRONMENT: [&std::ffi::CStr; 3] = [c"PATH=/usr/bin:/bin", c"LC_ALL=C", c"HOME=."];

/// Stages of the child, told to the parent if one fails.
const STAGES: [&str; 12] = [
    "start a session",
    "set up descriptors",
    "enter the scratch folder",
    "set limits",
    "turn off address randomisation",
    "close descriptors",
    "give up capabilities",
    "change its user",
    "set no_new_privs",
    "put the Landlock rules in force",
    "load the seccomp filters",
    "execute the program",
];
const STAGE_LANDLOCK: usize = 9;
const STAGE_FILTERS: usize = 10;
const STAGE_EXEC: usize = 11;

impl Plan {
    /// Prepares to start `program` with `args` in `folder`, confined.
    ///
    /// # Errors
    /// If an argument holds a NUL byte or a filter cannot be built.
    pub fn new<S: AsRef<OsStr>>(
        program: &Path,
        args: &[S],
        folder: &Path,
        limits: Limits,
        control: Control,
        confinement: Confinement,
        [stdin, stdout, stderr]: [OwnedFd; 3],
    ) -> io::Result<Self> {
        let text = |bytes: &[u8]| CString::new(bytes).map_err(io::Error::other);
        let program = text(program.as_os_str().as_bytes())?;
        let mut argv = vec![program.clone()];
        for arg in args {
            argv.push(text(arg.as_ref().as_bytes())?);
        }
        let filters = match control {
            Control::Traced if confinement.calls == Calls::All => filter::tracing(),
            Control::Traced => filter::traced(),
            Control::Native => filter::native(confinement.signals),
        };
        Ok(Self {
            program,
            argv,
            folder: text(folder.as_os_str().as_bytes())?,
            limits,
            control,
            others: match control {
                Control::Native => proc::own_threads(),
                Control::Traced => 0,
            },
            confinement,
            filters: filters.map_err(io::Error::other)?,
            stdin,
            stdout,
            stderr,
        })
    }

    /// The user that its processes are, if not the grader's own.
    #[must_use]
    pub const fn identity(&self) -> Option<Identity> {
        self.confinement.identity
    }

    /// Starts the program, traced, and brings it to the first instruction of
    /// its own image.
    ///
    /// # Errors
    /// [`SpawnError`] tells the program's fault from the machine's.
    pub fn start_traced(&self) -> Result<Stopped, SpawnError> {
        let mut child = self.fork(None)?;
        let running = match Stopped::seize(child.pid) {
            Ok(running) => running,
            Err(cause) => {
                let _ = nix::sys::signal::kill(child.pid, nix::sys::signal::Signal::SIGKILL);
                let _ = sys::wait(child.pid.as_raw(), 0);
                return Err(SpawnError::Refused {
                    what: "attach to the program",
                    cause,
                });
            }
        };
        child.go()?;
        self.run_to_exec(running)
            .map_err(|cause| child.failure(cause))
    }

    fn run_to_exec(&self, mut running: Running) -> io::Result<Stopped> {
        loop {
            running = match running.wait()? {
                Look::Stopped(stopped, Stop::Exec) => return Ok(stopped),
                Look::Stopped(stopped, Stop::Signal(signal)) => {
                    stopped.resume(Until::NextStop, signal)?
                }
                Look::Stopped(stopped, _) => stopped.resume(Until::NextStop, 0)?,
                Look::Ended(_) => return Err(io::Error::other("it ended before it started")),
                Look::Running(running) => running,
            };
        }
    }

    /// Starts the program without tracing, with a guardian.
    ///
    /// # Errors
    /// [`SpawnError`] tells the program's fault from the machine's.
    pub fn start_native(&self) -> Result<Guardian, SpawnError> {
        let line = Line::new().map_err(|cause| SpawnError::Other {
            what: "make a pipe",
            cause,
        })?;
        let mut child = self.fork(Some(&line))?;
        let guardian = line.guardian(child.pid);
        child.go()?;
        match child.stage() {
            None => Ok(guardian),
            Some(_) => Err(child.failure(io::Error::other("it did not start"))),
        }
    }

    /// A child that waits to become the program; with a line, a guardian with
    /// such a child.
    fn fork(&self, line: Option<&Line>) -> Result<Child, SpawnError> {
        let other = |what| {
            move |cause: nix::Error| SpawnError::Other {
                what,
                cause: cause.into(),
            }
        };
        let (go_read, go_write) = pipe2(OFlag::O_CLOEXEC).map_err(other("make a pipe"))?;
        let (fail_read, fail_write) = pipe2(OFlag::O_CLOEXEC).map_err(other("make a pipe"))?;
        let argv = pointers(&self.argv);
        let envp: Vec<*const libc::c_char> = ENVIRONMENT
            .iter()
            .map(|text| text.as_ptr())
            .chain([std::ptr::null()])
            .collect();
        // SAFETY: the child calls only async-signal-safe functions (see
        // `become_program`) and then executes or exits.
        match unsafe { fork() }.map_err(other("fork"))? {
            ForkResult::Parent { child } => Ok(Child {
                pid: child,
                go: Some(go_write),
                fail: fail_read,
                told: None,
            }),
            ForkResult::Child => {
                drop(go_write);
                let mut byte = [0];
                // No guardian, or no byte: the grader is gone.
                if line.is_some_and(|line| line.divide().is_err())
                    || read(&go_read, &mut byte) != Ok(1)
                {
                    exit_now();
                }
                let stage = self.become_program(&argv, &envp);
                let errno = io::Error::last_os_error().raw_os_error().unwrap_or(0);
                let _ = write(&fail_write, &[stage as u8, errno as u8]);
                exit_now();
            }
        }
    }

    /// The child's way to its new image; returns the stage that failed.
    fn become_program(&self, argv: &[*const libc::c_char], envp: &[*const libc::c_char]) -> usize {
        // SAFETY: every call here is an async-signal-safe system call wrapper
        // on plain numbers or on memory that was made before the fork and
        // outlives the call.
        unsafe {
            if libc::setsid() == -1 {
                return 0;
            }
            let fds = [&self.stdin, &self.stdout, &self.stderr];
            for (target, fd) in fds.iter().enumerate() {
                if libc::dup2(fd.as_raw_fd(), target as RawFd) == -1 {
                    return 1;
                }
            }
            if libc::chdir(self.folder.as_ptr()) == -1 {
                return 2;
            }
            libc::umask(0o022);
            // The default, whatever the grader's own thread has.
            libc::prctl(libc::PR_SET_TIMERSLACK, TIMER_SLACK_NS, 0, 0, 0);
            if !self.limit() {
                return 3;
            }
            reset_signals();
            if libc::personality(libc::ADDR_NO_RANDOMIZE as libc::c_ulong) == -1 {
                return 4;
            }
            let cloexec = libc::CLOSE_RANGE_CLOEXEC as c_int;
            if libc::syscall(libc::SYS_close_range, 3, c_int::MAX, cloexec) == -1 {
                return 5;
            }
            if !self.confinement.drop_capabilities() {
                return 6;
            }
            if !self.confinement.change_user() {
                return 7;
            }
            if !sys::give_up_privileges() {
                return 8;
            }
            if !self.confinement.restrict() {
                return STAGE_LANDLOCK;
            }
            if !filter::load(&self.filters) {
                return STAGE_FILTERS;
            }
            libc::execve(self.program.as_ptr(), argv.as_ptr(), envp.as_ptr());
        }
        STAGE_EXEC
    }

    fn limit(&self) -> bool {
        // What is traced is counted exactly, without this one, which is on all
        // processes of a user.
        let processes = match (self.confinement.identity, self.control) {
            (_, Control::Traced) => libc::RLIM_INFINITY,
            (Some(_), Control::Native) => self.limits.processes,
            (None, Control::Native) => self.limits.processes + self.others,
        };
        [
            (libc::RLIMIT_FSIZE, self.limits.file_bytes),
            (libc::RLIMIT_AS, self.limits.memory_bytes),
            (libc::RLIMIT_CPU, self.limits.cpu_seconds),
            (libc::RLIMIT_NOFILE, self.limits.descriptors),
            (libc::RLIMIT_CORE, 0),
            (libc::RLIMIT_NPROC, processes),
        ]
        .iter()
        .filter(|(_, value)| *value != libc::RLIM_INFINITY)
        .all(|&(resource, value)| {
            let limit = libc::rlimit {
                rlim_cur: value,
                rlim_max: value,
            };
            // SAFETY: the kernel reads one rlimit from the pointer.
            unsafe { libc::setrlimit(resource, &raw const limit) == 0 }
        })
    }
}

/// Every signal to its default and none blocked, as after a login; SIGXFSZ
/// ignored, so that RLIMIT_FSIZE gives EFBIG (setrlimit(2)).
fn reset_signals() {
    // SAFETY: signal and sigprocmask are async-signal-safe; the set is valid
    // memory of ours.
    unsafe {
        for signal in 1..=libc::SIGRTMAX() {
            libc::signal(signal, libc::SIG_DFL);
        }
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
        let mut none: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut());
    }
}

fn exit_now() -> ! {
    // SAFETY: ends this process without running anything of the parent's.
    unsafe { libc::_exit(127) }
}

fn pointers(texts: &[CString]) -> Vec<*const libc::c_char> {
    texts
        .iter()
        .map(|text| text.as_ptr())
        .chain([std::ptr::null()])
        .collect()
}

/// A forked child that waits to be let go.
struct Child {
    pid: Pid,
    go: Option<OwnedFd>,
    fail: OwnedFd,
    told: Option<(usize, i32)>,
}

impl Child {
    fn go(&mut self) -> Result<(), SpawnError> {
        let Some(go) = self.go.take() else {
            return Ok(());
        };
        write(&go, b"g")
            .map(drop)
            .map_err(|cause| SpawnError::Other {
                what: "let the child go",
                cause: cause.into(),
            })
    }

    /// The stage that failed, or `None` once the program has been executed:
    /// the child's end of the pipe is then closed.
    fn stage(&mut self) -> Option<(usize, i32)> {
        let mut answer = [0; 2];
        let fail: BorrowedFd<'_> = std::os::fd::AsFd::as_fd(&self.fail);
        if self.told.is_none() && read(fail, &mut answer) == Ok(2) {
            self.told = Some((usize::from(answer[0]), i32::from(answer[1])));
        }
        self.told
    }

    fn failure(&mut self, otherwise: io::Error) -> SpawnError {
        match self.stage() {
            Some((STAGE_EXEC, errno)) => SpawnError::Exec(io::Error::from_raw_os_error(errno)),
            Some((stage @ (STAGE_LANDLOCK | STAGE_FILTERS), errno)) => SpawnError::Refused {
                what: STAGES[stage],
                cause: io::Error::from_raw_os_error(errno),
            },
            Some((stage, errno)) => SpawnError::Other {
                what: STAGES.get(stage).copied().unwrap_or("start"),
                cause: io::Error::from_raw_os_error(errno),
            },
            None => SpawnError::Other {
                what: "start the program",
                cause: otherwise,
            },
        }
    }
}

/// Makes this process the one that orphans of its descendants go to.
///
/// # Errors
/// The kernel's refusal.
pub fn become_subreaper() -> io::Result<()> {
    sys::become_subreaper()
}
