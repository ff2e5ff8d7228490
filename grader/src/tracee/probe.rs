//! What this machine lets the grader do, each tried for real in a child that
//! ends right after.

use std::ffi::CStr;
use std::io;

use libc::{c_int, c_ulong};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{ForkResult, Pid, fork, getppid, pipe, read, write};

use super::confinement::Confinement;
use super::filter::{self, Signals};
use super::identity::Identity;
use super::proc;
use super::stop::Stopped;
use super::sys;

/// A word that a tracer has to find in its tracee.
static MARK: u64 = 0x6d61_726b_206f_6620;

/// Runs `attempt` in a child; true if it says so. The attempt may not
/// allocate: other threads of the grader may have held a lock at the fork.
fn in_child(attempt: impl FnOnce() -> bool) -> bool {
    // SAFETY: the attempts of this file make nothing but system calls on
    // numbers and on memory that was there before.
    match unsafe { fork() } {
        Ok(ForkResult::Child) => end(attempt()),
        Ok(ForkResult::Parent { child }) => {
            matches!(sys::wait(child.as_raw(), 0), Ok(Some(0)))
        }
        Err(_) => false,
    }
}

fn end(well: bool) -> ! {
    // SAFETY: ends this process without running anything of the parent's.
    unsafe { libc::_exit(c_int::from(!well)) }
}

/// The version of Landlock that the kernel has (landlock_create_ruleset(2));
/// `None` for none.
#[must_use]
pub fn landlock_version() -> Option<u32> {
    let flag = 1; // LANDLOCK_CREATE_RULESET_VERSION
    let none = std::ptr::null::<u8>();
    // SAFETY: with this flag the kernel reads no memory.
    let version = unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, none, 0, flag) };
    u32::try_from(version).ok().filter(|&version| version > 0)
}

/// True if a program behind these walls cannot list the root folder.
#[must_use]
pub fn walls_hold(walls: &Confinement) -> bool {
    in_child(|| {
        behind(walls) && {
            let flags = libc::O_RDONLY | libc::O_DIRECTORY;
            // SAFETY: a constant string and numbers.
            unsafe { libc::open(c"/".as_ptr(), flags) == -1 }
        }
    })
}

/// True if a program behind these walls cannot signal the grader.
#[must_use]
pub fn walls_hold_signals(walls: &Confinement) -> bool {
    // Signal 0 is only looked at, not sent (kill(2)).
    in_child(|| behind(walls) && kill(getppid(), None) == Err(nix::Error::EPERM))
}

fn behind(walls: &Confinement) -> bool {
    sys::give_up_privileges() && walls.restrict()
}

/// True if filters on system calls can be loaded and are kept to.
#[must_use]
pub fn filters_hold() -> bool {
    let Ok(filters) = filter::native(Signals::Refused) else {
        return false;
    };
    in_child(|| {
        sys::give_up_privileges()
            && filter::load(&filters)
            && kill(getppid(), None) == Err(nix::Error::EPERM)
    })
}

/// True if all descriptors can be closed in one call (close_range(2)).
#[must_use]
pub fn closes_descriptors() -> bool {
    let flags = libc::CLOSE_RANGE_CLOEXEC as c_int;
    in_child(|| {
        // SAFETY: plain numbers.
        unsafe { libc::syscall(libc::SYS_close_range, 3, c_int::MAX, flags) == 0 }
    })
}

/// True if a process can leave for these namespaces (unshare(2)).
#[must_use]
pub fn leaves_for(namespaces: c_int) -> bool {
    in_child(|| {
        // SAFETY: plain numbers.
        unsafe { libc::unshare(namespaces) == 0 }
    })
}

/// True if `identity` could execute and read the program.
#[must_use]
pub fn can_execute(identity: Identity, program: &CStr) -> bool {
    let may = libc::R_OK | libc::X_OK;
    in_child(|| {
        // SAFETY: a string that outlives the call, and numbers.
        identity.assume() && unsafe { libc::access(program.as_ptr(), may) == 0 }
    })
}

/// Traces a child that becomes `identity` once it is traced, as submissions
/// are, and looks at all that the engine looks at.
///
/// # Errors
/// What the kernel refuses.
pub fn traces(identity: Option<Identity>) -> io::Result<()> {
    let (go_read, go_write) = pipe()?;
    let (ready_read, ready_write) = pipe()?;
    // SAFETY: as for `in_child`.
    let child = match unsafe { fork() }? {
        ForkResult::Parent { child } => child,
        ForkResult::Child => {
            let mut byte = [0];
            drop(go_write);
            if read(&go_read, &mut byte) != Ok(1) || identity.is_some_and(|id| !id.assume()) {
                end(false);
            }
            // As execve(2) leaves a program that can be read.
            // SAFETY: plain numbers.
            unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 1 as c_ulong, 0, 0, 0) };
            let _ = write(&ready_write, b"r");
            loop {
                nix::unistd::pause();
            }
        }
    };
    drop(ready_write);
    let seen = Stopped::seize(child).and_then(|running| {
        write(&go_write, b"g")?;
        if read(&ready_read, &mut [0])? != 1 {
            return Err(io::Error::other("it could not change its user"));
        }
        running.interrupt()?;
        look_at(child)
    });
    let _ = kill(child, Signal::SIGKILL);
    let _ = sys::wait(child.as_raw(), 0);
    seen
}

fn look_at(child: Pid) -> io::Result<()> {
    sys::wait(child.as_raw(), 0)?;
    let address = (&raw const MARK) as u64;
    let refused = |what: &str| io::Error::other(format!("no access to {what} of a tracee"));
    if sys::peek(child.as_raw(), address)? != MARK {
        return Err(refused("the memory"));
    }
    if proc::mapped_files(child).is_empty() {
        return Err(refused("the mappings"));
    }
    if proc::descriptor(child, 0).is_none() && proc::descriptor(Pid::this(), 0).is_some() {
        return Err(refused("the descriptors"));
    }
    proc::readable_call(child).map_err(|_| refused("the system call"))?;
    sys::robust_list(child.as_raw()).map(drop)
}
