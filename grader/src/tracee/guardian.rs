//! A command with a guardian: a process between it and the grader that all of
//! its descendants go to, however they try to get away (setsid(2), a double
//! fork), and that ends when the last of them has.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus};

use libc::c_int;
use nix::fcntl::OFlag;
use nix::unistd::pipe2;

use super::confinement::Confinement;

/// Limits of each process of a build (setrlimit(2)).
const LIMITS: [(u32, u64); 3] = [
    (libc::RLIMIT_CPU, 600),
    (libc::RLIMIT_FSIZE, 1 << 30),
    (libc::RLIMIT_CORE, 0),
];

/// A command that has been started.
#[derive(Debug)]
pub struct Guarded {
    /// The guardian, as the command's process: it has its pipes.
    pub guardian: Child,
    told: File,
}

/// Starts `command`, confined, with a guardian.
///
/// # Errors
/// If it cannot be started.
pub fn spawn(command: &mut Command, confinement: Confinement) -> io::Result<Guarded> {
    let (told, tell) = pipe2(OFlag::O_CLOEXEC | OFlag::O_NONBLOCK)?;
    let telling = tell.as_raw_fd();
    // SAFETY: the closure makes nothing but async-signal-safe calls on numbers
    // and on descriptors that are open until the command has been started.
    unsafe {
        command.pre_exec(move || enter(&confinement, telling));
    }
    let guardian = command.spawn()?;
    drop::<OwnedFd>(tell);
    Ok(Guarded {
        guardian,
        told: File::from(told),
    })
}

impl Guarded {
    /// How the command itself has ended; `None` if it has not.
    ///
    /// # Errors
    /// If the guardian is gone without having said so.
    pub fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        let mut status = [0; size_of::<c_int>()];
        match self.told.read(&mut status) {
            Ok(length) if length == status.len() => {
                Ok(Some(ExitStatus::from_raw(c_int::from_ne_bytes(status))))
            }
            Ok(_) => Err(io::Error::other("the build's guardian was killed")),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Between fork and exec: the process stays as the guardian, and a child of
/// it goes on as the command, confined.
fn enter(confinement: &Confinement, tell: RawFd) -> io::Result<()> {
    // SAFETY: plain numbers; the child goes on with async-signal-safe calls.
    let command = unsafe {
        if libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == -1 {
            return Err(io::Error::last_os_error());
        }
        libc::fork()
    };
    match command {
        -1 => Err(io::Error::last_os_error()),
        0 => confine(confinement),
        command => guard(command, tell),
    }
}

fn confine(confinement: &Confinement) -> io::Result<()> {
    for (resource, value) in LIMITS {
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

/// Waits for the command, tells how it ended, and then for all others.
fn guard(command: libc::pid_t, tell: RawFd) -> ! {
    // SAFETY: plain numbers, and memory of this function's own. The pipes go,
    // the one apart: nobody may wait for the guardian at the end of a file.
    unsafe {
        close(0, tell - 1);
        close(tell + 1, c_int::MAX);
        loop {
            let mut status: c_int = 0;
            let ended = libc::waitpid(-1, &raw mut status, 0);
            if ended == command {
                libc::write(tell, (&raw const status).cast(), size_of::<c_int>());
            } else if ended == -1 && *libc::__errno_location() != libc::EINTR {
                libc::_exit(0);
            }
        }
    }
}

fn close(first: c_int, last: c_int) {
    // SAFETY: this process has no further use for them.
    unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) };
}
