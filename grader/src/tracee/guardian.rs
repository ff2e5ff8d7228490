//! A program with a guardian: a process between it and the grader that all of
//! its descendants go to, however they try to get away (setsid(2), a double
//! fork), and that ends them all when it is told to, or when the grader is gone.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use libc::{c_int, pid_t};
use nix::fcntl::OFlag;
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, pipe2};

use super::confinement::Confinement;
use super::proc::{self, ProcState};
use super::sys;

/// Processes that a build may have at a time: a compiler for each processor, and
/// what those start.
pub const PROCESSES_MAX: usize = 512;
/// How often they are counted.
const COUNTED_EVERY: libc::timespec = libc::timespec {
    tv_sec: 0,
    tv_nsec: 20_000_000,
};
/// Told in place of a status (wait(2)), which is never negative.
const TOO_MANY: c_int = -1;

/// Limits of each process of a build (setrlimit(2)).
const LIMITS: [(u32, u64); 4] = [
    (libc::RLIMIT_CPU, 600),
    (libc::RLIMIT_AS, 8 << 30),
    (libc::RLIMIT_FSIZE, 1 << 30),
    (libc::RLIMIT_CORE, 0),
];
/// How long processes may take to die: even a fork bomb is gone by then.
const DEATHS: Duration = Duration::from_secs(60);
/// How often it is looked whether they have.
const LOOK: Duration = Duration::from_millis(1);
/// Passes in which what is left is only stopped. Whoever cannot be, as it waits
/// for a child of its own (vfork(2)), is killed all the same.
const STOPPING_PASSES: u32 = 50;

/// The guardian of a program that has been started. Whoever drops it has all
/// of the program's processes killed.
#[derive(Debug)]
pub struct Guardian {
    pid: Pid,
    told: File,
    ended: bool,
}

/// How a program with a guardian ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// By itself, or by a signal.
    Exited(ExitStatus),
    /// It had more than [`PROCESSES_MAX`] processes, and they are being killed.
    TooMany,
}

/// Whether a guardian counts the processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counting {
    /// Up to [`PROCESSES_MAX`].
    Yes,
    /// Somebody else does.
    No,
}

/// The two ends of what a guardian tells the grader.
#[derive(Debug)]
pub(super) struct Line {
    told: OwnedFd,
    tell: OwnedFd,
    grader: Pid,
}

impl Line {
    /// To be made before the fork.
    pub(super) fn new() -> io::Result<Self> {
        let (told, tell) = pipe2(OFlag::O_CLOEXEC | OFlag::O_NONBLOCK)?;
        Ok(Self {
            told,
            tell,
            grader: Pid::this(),
        })
    }

    /// The grader's end, once the guardian has been forked.
    pub(super) fn guardian(self, pid: Pid) -> Guardian {
        Guardian {
            pid,
            told: File::from(self.told),
            ended: false,
        }
    }

    /// In a forked child, which stays as the guardian: only a child of its own
    /// returns, to become the program.
    ///
    /// # Errors
    /// The kernel's refusal.
    pub(super) fn divide(&self) -> io::Result<()> {
        divide(self.grader.as_raw(), self.tell.as_raw_fd(), Counting::No)
    }
}

/// Starts `command`, confined, with a guardian; the child has its pipes.
///
/// # Errors
/// If it cannot be started.
pub fn spawn(command: &mut Command, confinement: Confinement) -> io::Result<(Guardian, Child)> {
    let line = Line::new()?;
    let (grader, tell) = (line.grader.as_raw(), line.tell.as_raw_fd());
    // Threads count too; twice as many, so that it is the guardian who says so.
    let processes = proc::own_threads() + 2 * PROCESSES_MAX as u64;
    // SAFETY: the closure makes nothing but async-signal-safe calls, on numbers
    // and on descriptors that are open until the command has been started.
    unsafe {
        command.pre_exec(move || {
            divide(grader, tell, Counting::Yes)?;
            confine(&confinement, processes)
        });
    }
    let child = command.spawn()?;
    let guardian = Pid::from_raw(child.id().cast_signed());
    Ok((line.guardian(guardian), child))
}

impl Guardian {
    /// Its process id: all of the program's processes are below it.
    #[must_use]
    pub const fn pid(&self) -> Pid {
        self.pid
    }

    /// How the program's first process has ended; `None` if it has not.
    ///
    /// # Errors
    /// If the guardian is gone without having said so.
    pub fn ended(&mut self) -> io::Result<Option<Ended>> {
        let mut status = [0; size_of::<c_int>()];
        match self.told.read(&mut status) {
            Ok(length) if length == status.len() => Ok(Some(match c_int::from_ne_bytes(status) {
                TOO_MANY => Ended::TooMany,
                status => Ended::Exited(ExitStatus::from_raw(status)),
            })),
            Ok(_) => Err(io::Error::other("the program's guardian was killed")),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Has all of the program's processes killed, and waits until they are gone.
    ///
    /// # Errors
    /// If they cannot be killed.
    pub fn end(&mut self) -> io::Result<()> {
        if std::mem::replace(&mut self.ended, true) {
            return Ok(());
        }
        let _ = kill(self.pid, Signal::SIGTERM);
        let end = Instant::now() + DEATHS;
        while sys::wait(self.pid.as_raw(), libc::WNOHANG)?.is_none() {
            if Instant::now() >= end {
                return Err(io::Error::other("its processes cannot be killed"));
            }
            std::thread::sleep(LOOK);
        }
        Ok(())
    }
}

impl Drop for Guardian {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

/// Between fork and exec: the process stays as the guardian, and a child of it
/// goes on.
fn divide(grader: pid_t, tell: RawFd, counting: Counting) -> io::Result<()> {
    // SAFETY: numbers and memory of this function's own; the child goes on with
    // async-signal-safe calls.
    unsafe {
        if libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == -1
            || libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGTERM, 0, 0, 0) == -1
        {
            return Err(io::Error::last_os_error());
        }
        // Neither a terminal's signals nor anybody else's end it; the two that
        // it waits for it takes when it gets to it.
        let mut every: libc::sigset_t = std::mem::zeroed();
        let mut before: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&raw mut every);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const every, &raw mut before);
        match libc::fork() {
            -1 => Err(io::Error::last_os_error()),
            0 => {
                libc::sigprocmask(libc::SIG_SETMASK, &raw const before, std::ptr::null_mut());
                Ok(())
            }
            program => guard(grader, program, tell, counting),
        }
    }
}

fn confine(confinement: &Confinement, processes: u64) -> io::Result<()> {
    let processes = (libc::RLIMIT_NPROC, processes);
    for (resource, value) in LIMITS.into_iter().chain([processes]) {
        let limit = libc::rlimit {
            rlim_cur: value,
            rlim_max: value,
        };
        // SAFETY: the kernel reads one rlimit from the pointer.
        if unsafe { libc::setrlimit(resource, &raw const limit) } == -1 {
            return Err(io::Error::last_os_error());
        }
    }
    // In a group of its own: what it sends to its group (kill(0)) does not reach
    // the guardian.
    // SAFETY: plain numbers.
    let alone = unsafe {
        libc::setpgid(0, 0) == 0 && libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    };
    match confinement.drop_capabilities() && alone && confinement.restrict() {
        true => Ok(()),
        false => Err(io::Error::last_os_error()),
    }
}

/// Reaps, tells how the program ended, and ends with the last of its processes.
fn guard(grader: pid_t, program: pid_t, tell: RawFd, counting: Counting) -> ! {
    // SAFETY: numbers, and memory of this function's own. All descriptors but
    // the one go: nobody may wait for the guardian at the end of a file.
    unsafe {
        close(0, tell - 1);
        close(tell + 1, c_int::MAX);
        if counting == Counting::Yes {
            // Of a thousand processes that want the processor, the guardian has
            // to get it. Who may not have this has a limit on its processes
            // (setrlimit(2)), which does not hold for root.
            let first = libc::sched_param { sched_priority: 1 };
            libc::syscall(
                libc::SYS_sched_setscheduler,
                0,
                libc::SCHED_RR,
                &raw const first,
            );
        }
        let mut awaited: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut awaited);
        libc::sigaddset(&raw mut awaited, libc::SIGCHLD);
        libc::sigaddset(&raw mut awaited, libc::SIGTERM);
        // The grader may have ended before it was asked for its death.
        let mut ending = libc::getppid() != grader;
        let none = std::ptr::null_mut();
        loop {
            reap(program, tell);
            if ending {
                end_all();
            }
            let signal = match counting {
                Counting::No => libc::sigwaitinfo(&raw const awaited, none),
                Counting::Yes => libc::sigtimedwait(&raw const awaited, none, &COUNTED_EVERY),
            };
            ending = signal == libc::SIGTERM;
            if counting == Counting::Yes && proc::descendants(Pid::this()).len() > PROCESSES_MAX {
                let status = TOO_MANY;
                libc::write(tell, (&raw const status).cast(), size_of::<c_int>());
                ending = true;
            }
        }
    }
}

/// Reaps the dead; ends the guardian if there is nobody left.
fn reap(program: pid_t, tell: RawFd) {
    loop {
        let mut status: c_int = 0;
        // SAFETY: the kernel writes a status, and reads it again, on this stack.
        unsafe {
            match libc::waitpid(-1, &raw mut status, libc::WNOHANG) {
                0 => return,
                -1 => libc::_exit(0),
                dead if dead == program => {
                    libc::write(tell, (&raw const status).cast(), size_of::<c_int>());
                }
                _ => {}
            }
        }
    }
}

/// Kills everybody below the guardian, and ends it. They are stopped first: of
/// processes that fork without end, each one killed makes room for another.
/// Their nice value stays: with processes of weight 15 beside others that give up
/// the processor again and again, Linux 6.18 was seen to run neither for minutes.
///
/// It allocates, in the child of a process with threads: both C libraries keep
/// their allocators in order over fork(2).
fn end_all() -> ! {
    for pass in 0.. {
        let left = proc::descendants(Pid::this());
        let moving = |pid: &&Pid| {
            !matches!(
                proc::state(**pid),
                ProcState::Stopped | ProcState::Zombie | ProcState::Gone
            )
        };
        let stopping = pass < STOPPING_PASSES && left.iter().any(|pid| moving(&pid));
        for &pid in left.iter().filter(|pid| !stopping || moving(pid)) {
            let signal = match stopping {
                true => Signal::SIGSTOP,
                false => Signal::SIGKILL,
            };
            let _ = kill(pid, signal);
        }
        // Whoever has been told already need not be told again.
        reap(0, -1);
        std::thread::sleep(LOOK);
    }
    unreachable!("passes do not end");
}

fn close(first: c_int, last: c_int) {
    // SAFETY: this process has no further use for them.
    unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) };
}
