//! A stopped process that is cloned for every execution, so that the program
//! is loaded and linked only once.

use std::io;

use nix::unistd::Pid;

use super::inject::{NO_CALL, SYSCALL_BYTES, gone, to_syscall_stop};
use super::stop::{Look, Registers, Running, Stop, Stopped, Until};
use super::sys;

/// Where the C libraries keep a thread's own id, from the thread pointer on:
/// glibc (`struct pthread` in nptl/descr.h) and musl (`struct pthread` in
/// src/internal/pthread_impl.h), both on x86-64. Robust mutexes take their
/// owner's id from there, so a clone has to have its own. The C libraries tell
/// the kernel to clear it when the thread ends (set_tid_address(2)), so a
/// clone does too.
const THREAD_ID_OFFSETS_BYTES: [u64; 2] = [0x2d0, 0x30];

/// A process stopped before a system call that it has not made yet.
#[derive(Debug)]
pub struct Template {
    stopped: Option<Stopped>,
    tid: Pid,
    /// As at the entry of the call.
    entry: Registers,
    robust_list: sys::RobustList,
    /// Address of the thread's id, if one of the known libraries keeps it.
    thread_id: Option<u64>,
}

impl Template {
    /// Makes a template of a tracee that is stopped at the entry of a call.
    ///
    /// # Errors
    /// If it cannot be brought past the call without making it.
    pub fn freeze(stopped: Stopped) -> io::Result<Self> {
        let entry = stopped.registers()?;
        let tid = stopped.tid();
        let robust_list = sys::robust_list(tid.as_raw())?;
        let own = tid.as_raw().cast_unsigned();
        let thread_id = THREAD_ID_OFFSETS_BYTES
            .iter()
            .map(|offset| entry.fs_base.wrapping_add(*offset))
            .find(|&address| stopped.read_u32(address).is_ok_and(|tid| tid == own));
        let mut skipped = entry;
        skipped.orig_rax = NO_CALL;
        stopped.set_registers(&skipped);
        let stopped = to_syscall_stop(stopped)?;
        Ok(Self {
            stopped: Some(stopped),
            tid,
            entry,
            robust_list,
            thread_id,
        })
    }

    /// A new process like the template, stopped at the entry of the call. It
    /// is a child of ours and leads a process group of its own, in the
    /// template's session: where each session is scheduled as a group
    /// (autogroup, sched(7)), one for all executions costs less than one each.
    ///
    /// # Errors
    /// If the template has been killed or no process can be made.
    pub fn spawn(&mut self) -> io::Result<Stopped> {
        let stopped = self
            .stopped
            .take()
            .ok_or_else(|| gone("the template is gone"))?;
        // CLONE_PARENT: the clone is our child, as the template is.
        let mut flags = libc::CLONE_PARENT | libc::SIGCHLD;
        if self.thread_id.is_some() {
            flags |= libc::CLONE_CHILD_SETTID | libc::CLONE_CHILD_CLEARTID;
        }
        let mut registers = self.at_syscall(libc::SYS_clone, [flags as u64, 0]);
        registers.r10 = self.thread_id.unwrap_or(0);
        stopped.set_registers(&registers);
        let mut child = None;
        // Past the entry, which the filter stops it at.
        let mut running = stopped.resume(Until::NextStop, 0)?;
        loop {
            running = match running.wait()? {
                Look::Stopped(stopped, Stop::Forked { child: pid }) => {
                    child = Some(pid);
                    stopped.resume(Until::CallExit, 0)?
                }
                Look::Stopped(stopped, Stop::CallExit) if child.is_some() => {
                    self.stopped = Some(stopped);
                    break;
                }
                Look::Stopped(stopped, Stop::CallExit) => {
                    self.stopped = Some(stopped);
                    return Err(gone("the template cannot be cloned"));
                }
                Look::Stopped(stopped, _) => stopped.resume(Until::CallExit, 0)?,
                Look::Running(running) => running,
                Look::Ended(_) => return Err(gone("the template was killed")),
            };
        }
        let Some(child) = child else {
            return Err(gone("the clone is gone"));
        };
        match Running::born(child).wait()? {
            Look::Stopped(stopped, _) => self.settle(stopped),
            Look::Running(_) | Look::Ended(_) => Err(gone("the clone was killed")),
        }
    }

    /// Gives a clone what fork(2) does not pass on, and brings it to the call.
    fn settle(&self, stopped: Stopped) -> io::Result<Stopped> {
        let mut stopped = self.inject(stopped, libc::SYS_setpgid, [0, 0])?;
        let sys::RobustList { head, length } = self.robust_list;
        if head != 0 {
            stopped = self.inject(stopped, libc::SYS_set_robust_list, [head, length])?;
        }
        let number = self.entry.orig_rax.cast_signed();
        let mut registers = self.entry;
        registers.rip -= SYSCALL_BYTES;
        registers.rax = number.cast_unsigned();
        registers.orig_rax = NO_CALL;
        stopped.set_registers(&registers);
        match stopped.resume(Until::NextStop, 0)?.wait()? {
            Look::Stopped(stopped, Stop::CallEntry) => Ok(stopped),
            _ => Err(gone("the clone did not come to its first call")),
        }
    }

    /// Has a clone make a call that the filter lets through.
    fn inject(&self, stopped: Stopped, number: i64, arguments: [u64; 2]) -> io::Result<Stopped> {
        stopped.set_registers(&self.at_syscall(number, arguments));
        // First to the entry, then to the exit.
        to_syscall_stop(to_syscall_stop(stopped)?)
    }

    /// Registers to make another call with the template's own instruction.
    fn at_syscall(&self, number: i64, arguments: [u64; 2]) -> Registers {
        let mut registers = self.entry;
        registers.rip -= SYSCALL_BYTES;
        registers.rax = number.cast_unsigned();
        registers.orig_rax = NO_CALL;
        [registers.rdi, registers.rsi] = arguments;
        [registers.rdx, registers.r10, registers.r8] = [0; 3];
        registers
    }
}

impl Drop for Template {
    fn drop(&mut self) {
        let _ = nix::sys::signal::kill(self.tid, nix::sys::signal::Signal::SIGKILL);
        while !matches!(Running::born(self.tid).wait(), Ok(Look::Ended(_)) | Err(_)) {}
    }
}
