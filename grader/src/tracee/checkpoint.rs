//! A stopped process that is cloned for every execution, so that the program
//! is loaded and linked only once.

use std::io;

use nix::unistd::Pid;

use super::displaced::Pages;
use super::held::Held;
use super::inject::{At, Injection, NO_CALL, gone};
use super::stop::{Look, Registers, Running, Stop, Stopped, Until};
use super::stub::{self, Stub};
use super::sys;

/// Where the C libraries keep a thread's own id, from the thread pointer on:
/// glibc (`struct pthread` in nptl/descr.h) and musl (`struct pthread` in
/// src/internal/pthread_impl.h), both on x86-64. Robust mutexes take their
/// owner's id from there, so a clone has to have its own. The C libraries tell
/// the kernel to clear it when the thread ends (set_tid_address(2)), so a
/// clone does too.
const THREAD_ID_OFFSETS_BYTES: [u64; 2] = [0x2d0, 0x30];

/// A process stopped before a system call that it has not made yet: in its
/// stub, where it makes clone(2) again and again.
#[derive(Debug)]
pub struct Template {
    stopped: Option<Stopped>,
    tid: Pid,
    /// As at the entry of the call.
    entry: Registers,
    stub: Stub,
    robust_list: sys::RobustList,
}

impl Template {
    /// Makes a template of a tracee that is stopped at the entry of a call;
    /// `site` is the address of a `syscall` instruction in it, and `pages` are
    /// where it gets scratch pages. `None` if it cannot have those.
    ///
    /// # Errors
    /// If the tracee has been killed.
    pub fn freeze(stopped: Stopped, site: u64, pages: Pages) -> io::Result<Option<Self>> {
        let entry = stopped.registers()?;
        let tid = stopped.tid();
        let robust_list = sys::robust_list(tid.as_raw())?;
        let own = tid.as_raw().cast_unsigned();
        let thread_id = THREAD_ID_OFFSETS_BYTES
            .iter()
            .map(|offset| entry.fs_base.wrapping_add(*offset))
            .find(|&address| stopped.read_u32(address).is_ok_and(|tid| tid == own));
        let stub = Stub::behind(pages);
        let stopped = match Injection::with_pages(stopped, At::CallEntry, site, pages) {
            Ok(injection) => injection.released()?,
            Err(error) if is_refusal(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        // CLONE_PARENT: the clone is our child, as the template is.
        let mut flags = libc::CLONE_PARENT | libc::SIGCHLD;
        if thread_id.is_some() {
            flags |= libc::CLONE_CHILD_SETTID | libc::CLONE_CHILD_CLEARTID;
        }
        stopped.set_registers(&Registers {
            rip: stub.clones(),
            orig_rax: NO_CALL,
            rdi: flags as u64,
            rsi: 0,
            rdx: 0,
            r10: thread_id.unwrap_or(0),
            r8: 0,
            ..entry
        });
        Ok(Some(Self {
            stopped: Some(stopped),
            tid,
            entry,
            stub,
            robust_list,
        }))
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
        let mut running = stopped.resume(Until::NextStop, 0)?;
        let mut entries = 0;
        let child = loop {
            running = match running.wait()? {
                // The template stays there, within its call, until the next
                // clone is wanted.
                Look::Stopped(stopped, Stop::Forked { child }) => {
                    self.stopped = Some(stopped);
                    break child;
                }
                Look::Stopped(stopped, Stop::CallEntry) if entries > 0 => {
                    self.stopped = Some(stopped);
                    return Err(gone("the template cannot be cloned"));
                }
                Look::Stopped(stopped, Stop::CallEntry) => {
                    entries += 1;
                    stopped.resume(Until::NextStop, 0)?
                }
                Look::Stopped(stopped, _) => stopped.resume(Until::NextStop, 0)?,
                Look::Running(running) => running,
                Look::Ended(_) => return Err(gone("the template was killed")),
            };
        };
        match Running::born(child).wait()? {
            Look::Stopped(stopped, _) => self.settle(stopped),
            Look::Running(_) | Look::Ended(_) => Err(gone("the clone was killed")),
        }
    }

    /// Gives a clone what fork(2) does not pass on, and brings it to the call.
    fn settle(&self, stopped: Stopped) -> io::Result<Stopped> {
        let group = (libc::SYS_setpgid, [0, 0]);
        let second = match self.robust_list {
            // The same once more changes nothing.
            sys::RobustList { head: 0, .. } => group,
            sys::RobustList { head, length } => (libc::SYS_set_robust_list, [head, length]),
        };
        let mut registers = self.stub.two_calls(self.entry, group, second);
        registers.orig_rax = NO_CALL;
        stopped.set_registers(&registers);
        let mut held = Held::default();
        let mut stopped = held.go(stopped, Until::NextStop, Stop::CallEntry)?;
        if !stub::is_trap(&stopped.registers()?) {
            // The second call itself, which the filter traces.
            stopped = held.go(stopped, Until::NextStop, Stop::CallEntry)?;
        }
        let registers = stopped.registers()?;
        if !stub::is_trap(&registers)
            || stub::first_result(&registers) != 0
            || stub::last_result(&registers) != 0
        {
            return Err(gone("the clone cannot be made like the template"));
        }
        // At the entry of a call as the template was, but for which it is.
        stopped.set_registers(&self.entry);
        held.release(&stopped)?;
        Ok(stopped)
    }
}

/// True if it is mmap(2) that has no room for the pages.
fn is_refusal(error: &io::Error) -> bool {
    use io::ErrorKind::{AlreadyExists, OutOfMemory, WouldBlock};
    matches!(error.kind(), OutOfMemory | AlreadyExists | WouldBlock)
}

impl Drop for Template {
    fn drop(&mut self) {
        let _ = nix::sys::signal::kill(self.tid, nix::sys::signal::Signal::SIGKILL);
        while !matches!(Running::born(self.tid).wait(), Ok(Look::Ended(_)) | Err(_)) {}
    }
}
