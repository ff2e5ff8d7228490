//! From registers at a system call's entry to the operation it is.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use libc::c_long;
use nix::unistd::Pid;

use super::call::{self, Call, Futex, Manner};
use super::extent;
use super::naming::{Named, Naming};
use super::pointers::name;
use super::process::{Process, bit};
use super::remap::Remap;
use crate::operation::{Call as Kind, Object, Operation};
use crate::tracee::calls::LOCAL_WITH_POINTERS;
use crate::tracee::proc::{self, ProcState};
use crate::tracee::spawn::ADDRESS_SPACE_BYTES;
use crate::tracee::stop::{Registers, Stopped};

/// From linux/futex.h.
const FUTEX_PRIVATE_FLAG: u64 = 128;
pub(super) const FUTEX_COMMAND_MASK: u64 = !(128 | 256);
const FUTEX_WAITING: [u64; 5] = [0, 6, 9, 11, 13];
/// REQUEUE, CMP_REQUEUE, WAKE_OP and those that inherit priority: they change
/// words, or move sleepers from one word to another.
const FUTEX_CHANGING: [u64; 9] = [3, 4, 5, 6, 7, 8, 11, 12, 13];
/// `struct flock` commands that lock or ask for locks: GETLK, SETLK, SETLKW and
/// their OFD kin.
const F_LOCKING: [u64; 6] = [5, 6, 7, 36, 37, 38];

/// What a call at whose entry a tracee is stopped means.
#[derive(Debug)]
pub(super) enum Decoded {
    /// A scheduling point.
    Visible(Box<Call>),
    /// Nothing that others can notice; the engine may have to keep track.
    Hidden(Hidden),
}

/// A call that is let through.
#[derive(Debug, Clone, Copy)]
pub(super) enum Hidden {
    /// Nothing to keep track of.
    Plain,
    /// Opens a file that no other process can notice.
    Open,
    /// Makes something that fork(2) shares instead of copying.
    Shares,
    /// Asks for more memory than there is for one process.
    TooLarge,
    /// A new shared mapping of this length, of this descriptor's file from this
    /// offset on; no descriptor if it is anonymous.
    Map(u64, Option<i64>, u64),
    /// These bytes are unmapped, or something private is mapped over them.
    Unmap(u64, u64),
    /// A mapping moves, grows or shrinks.
    Remap(Remap),
    /// These bytes get this protection.
    Protect(u64, u64),
    /// The signal gets this handler.
    Action(i32, u64),
}

/// Decodes one call.
pub(super) struct Decoder<'a> {
    pub stopped: &'a Stopped,
    pub registers: Registers,
    pub process: &'a mut Process,
    pub number: u32,
    pub naming: &'a mut Naming,
    /// The ids of all processes, by their numbers.
    pub pids: &'a [Pid],
    /// True once the program has forked.
    pub forked: bool,
}

impl Decoder<'_> {
    pub fn decode(mut self) -> io::Result<Decoded> {
        let a = call::arguments(&self.registers);
        let number = call::number(&self.registers);
        Ok(match number {
            libc::SYS_mmap if a[1] > ADDRESS_SPACE_BYTES => Decoded::Hidden(Hidden::TooLarge),
            libc::SYS_mmap if a[3] & libc::MAP_SHARED as u64 == 0 => {
                Decoded::Hidden(Hidden::Unmap(a[0], a[1]))
            }
            libc::SYS_mmap => {
                let anonymous = a[3] & libc::MAP_ANONYMOUS as u64 != 0;
                let fd = (!anonymous).then_some(i64::from(a[4] as i32));
                Decoded::Hidden(Hidden::Map(a[1], fd, a[5]))
            }
            libc::SYS_mprotect | libc::SYS_pkey_mprotect => {
                Decoded::Hidden(Hidden::Protect(a[0], a[1]))
            }
            libc::SYS_munmap => Decoded::Hidden(Hidden::Unmap(a[0], a[1])),
            libc::SYS_mremap => Decoded::Hidden(Hidden::Remap(Remap {
                start: a[0],
                old_bytes: a[1],
                new_bytes: a[2],
                flags: a[3],
            })),
            libc::SYS_rt_sigaction => self.action(a),
            libc::SYS_epoll_create
            | libc::SYS_epoll_create1
            | libc::SYS_eventfd
            | libc::SYS_eventfd2
            | libc::SYS_memfd_create
            | libc::SYS_pipe
            | libc::SYS_pipe2
            | libc::SYS_socket
            | libc::SYS_socketpair => Decoded::Hidden(Hidden::Shares),
            libc::SYS_open => self.open(a[0], a[1])?,
            libc::SYS_creat => self.open(a[0], libc::O_CREAT as u64)?,
            libc::SYS_openat => self.open(a[1], a[2])?,
            libc::SYS_write | libc::SYS_pwrite64 => {
                self.on_descriptor(Kind::Write, a[0], Some(a[2]))?
            }
            libc::SYS_writev | libc::SYS_pwritev | libc::SYS_pwritev2 => {
                self.on_descriptor(Kind::Write, a[0], Some(self.vector_bytes()))?
            }
            libc::SYS_sendfile => self.on_descriptor(Kind::Write, a[0], Some(a[3]))?,
            libc::SYS_copy_file_range => self.on_descriptor(Kind::Write, a[2], Some(a[4]))?,
            libc::SYS_read | libc::SYS_pread64 => {
                self.on_descriptor(Kind::Read, a[0], Some(a[2]))?
            }
            libc::SYS_readv | libc::SYS_preadv => {
                self.on_descriptor(Kind::Read, a[0], Some(self.vector_bytes()))?
            }
            libc::SYS_lseek => self.on_descriptor(Kind::Seek, a[0], None)?,
            libc::SYS_ftruncate => self.on_descriptor(Kind::Change, a[0], Some(a[1]))?,
            libc::SYS_fallocate => self.on_descriptor(Kind::Change, a[0], Some(a[3]))?,
            libc::SYS_close => self.close(a[0])?,
            libc::SYS_truncate
            | libc::SYS_unlink
            | libc::SYS_rmdir
            | libc::SYS_mkdir
            | libc::SYS_chmod
            | libc::SYS_mknod
            | libc::SYS_rename
            | libc::SYS_link => self.on_path(a[0])?,
            libc::SYS_unlinkat
            | libc::SYS_mkdirat
            | libc::SYS_fchmodat
            | libc::SYS_mknodat
            | libc::SYS_renameat
            | libc::SYS_renameat2
            | libc::SYS_linkat => self.on_path(a[1])?,
            libc::SYS_symlink => self.on_path(a[1])?,
            libc::SYS_access
            | libc::SYS_faccessat
            | libc::SYS_faccessat2
            | libc::SYS_fstat
            | libc::SYS_getdents64
            | libc::SYS_ioctl
            | libc::SYS_lstat
            | libc::SYS_newfstatat
            | libc::SYS_readlink
            | libc::SYS_readlinkat
            | libc::SYS_stat
            | libc::SYS_statx => self.look(number, a)?,
            libc::SYS_flock => {
                self.process.locks_files = true;
                self.on_descriptor(Kind::FileLock, a[0], Some(a[1]))?
            }
            libc::SYS_fcntl => self.fcntl(a)?,
            libc::SYS_futex => self.futex(a)?,
            libc::SYS_semop | libc::SYS_semtimedop => {
                self.visible(Kind::Semaphore, Object::Kernel("semaphore-set"), None)?
            }
            libc::SYS_fork | libc::SYS_vfork | libc::SYS_clone => {
                self.visible(Kind::Fork, Object::Nothing, None)?
            }
            libc::SYS_execve => self.path_call(Kind::Exec, a[0])?,
            libc::SYS_execveat => self.path_call(Kind::Exec, a[1])?,
            libc::SYS_wait4 => self.wait(a[0].cast_signed() as i32)?,
            // P_PID is 1 (waitid(2)).
            libc::SYS_waitid => self.wait(if a[0] == 1 {
                a[1].cast_signed() as i32
            } else {
                -1
            })?,
            libc::SYS_kill | libc::SYS_tkill | libc::SYS_rt_sigqueueinfo => {
                self.signal(a[0].cast_signed() as i32, a[1])?
            }
            libc::SYS_tgkill | libc::SYS_rt_tgsigqueueinfo => {
                self.signal(a[0].cast_signed() as i32, a[2])?
            }
            libc::SYS_exit | libc::SYS_exit_group => {
                self.visible(Kind::Exit, Object::Nothing, Some(a[0] & 0xff))?
            }
            libc::SYS_nanosleep | libc::SYS_clock_nanosleep => self.at_once(Kind::Sleep)?,
            libc::SYS_sched_yield => self.at_once(Kind::Yield)?,
            libc::SYS_pause
            | libc::SYS_rt_sigsuspend
            | libc::SYS_rt_sigtimedwait
            | libc::SYS_poll
            | libc::SYS_ppoll
            | libc::SYS_select
            | libc::SYS_pselect6
            | libc::SYS_epoll_wait
            | libc::SYS_epoll_pwait => self.event_wait(number, a)?,
            libc::SYS_madvise if self.process.mappings.touches_closed(a[0], a[1]) => {
                self.other(number)?
            }
            _ if LOCAL_WITH_POINTERS.contains(&number) => Decoded::Hidden(Hidden::Plain),
            _ => self.other(number)?,
        })
    }

    /// The bytes of all buffers of a vector.
    fn vector_bytes(&self) -> u64 {
        let vector = call::vector(self.stopped, &self.registers).unwrap_or_default();
        vector.iter().map(|(_, bytes)| bytes).sum()
    }

    fn process_number(&self, pid: i32) -> Option<u32> {
        let pid = Pid::from_raw(pid);
        self.pids
            .iter()
            .position(|&known| known == pid)
            .map(|at| at as u32)
    }

    fn visible(&self, kind: Kind, object: Object, amount: Option<u64>) -> io::Result<Decoded> {
        let operation = Operation::new(kind, object, amount);
        let manner = manner(&operation);
        self.with(operation, manner, None)
    }

    pub(super) fn with(
        &self,
        operation: Operation,
        manner: Manner,
        futex: Option<Futex>,
    ) -> io::Result<Decoded> {
        let signals = self.process.signals;
        let reachable = !is_short(operation.call)
            && !signals.ignores(libc::SIGUSR1)
            && (self.forked || signals.catches(libc::SIGUSR1))
            && self.stopped.signal_mask()? & bit(libc::SIGUSR1) == 0;
        Ok(Decoded::Visible(Box::new(Call {
            registers: self.registers,
            operation,
            manner,
            futex,
            interruptible: reachable,
        })))
    }

    fn at_once(&self, kind: Kind) -> io::Result<Decoded> {
        let operation = Operation::new(kind, Object::Nothing, None);
        self.with(operation, Manner::Instead(0), None)
    }

    fn refuse(&self, errno: i32) -> io::Result<Decoded> {
        let operation = Operation::new(Kind::Signal, Object::Nothing, None);
        self.with(operation, Manner::Instead(-i64::from(errno)), None)
    }

    fn action(&self, a: [u64; 6]) -> Decoded {
        // The handler is the first word of struct sigaction.
        match (a[1], self.stopped.read_u64(a[1])) {
            (0, _) | (_, Err(_)) => Decoded::Hidden(Hidden::Plain),
            (_, Ok(handler)) => Decoded::Hidden(Hidden::Action(a[0] as i32, handler)),
        }
    }

    pub(super) fn path_argument(&self, address: u64) -> Option<PathBuf> {
        let bytes = self.stopped.read_string(address).ok()?;
        Some(PathBuf::from(OsStr::from_bytes(&bytes)))
    }

    fn open(&mut self, path: u64, flags: u64) -> io::Result<Decoded> {
        let Some(path) = self.path_argument(path) else {
            return Ok(Decoded::Hidden(Hidden::Open));
        };
        let changing = (libc::O_CREAT | libc::O_TRUNC | libc::O_WRONLY | libc::O_RDWR) as u64;
        let object = match self.naming.noticed(&path) {
            Some(object) => object,
            None if flags & changing != 0 => self.naming.any_path(&path),
            None => return Ok(Decoded::Hidden(Hidden::Open)),
        };
        let exists = self.naming.full(&path).exists();
        let extent = extent::of_open(flags, exists);
        let operation = Operation {
            extent,
            ..Operation::new(Kind::Open, object, None)
        };
        let manner = manner(&operation);
        self.with(operation, manner, None)
    }

    fn on_path(&mut self, address: u64) -> io::Result<Decoded> {
        self.path_call(Kind::Change, address)
    }

    fn path_call(&mut self, kind: Kind, address: u64) -> io::Result<Decoded> {
        let object = match self.path_argument(address) {
            Some(path) => self.naming.any_path(&path),
            None => Object::Nothing,
        };
        self.visible(kind, object, None)
    }

    pub(super) fn link(&self, fd: u64) -> Option<PathBuf> {
        proc::descriptor(self.stopped.tid(), fd.cast_signed())
    }

    pub(super) fn on_descriptor(
        &mut self,
        kind: Kind,
        fd: u64,
        amount: Option<u64>,
    ) -> io::Result<Decoded> {
        let link = self.link(fd);
        let shares = link
            .as_ref()
            .is_some_and(|link| self.process.descriptions.share(link));
        let named = match (self.naming.descriptor(link.as_deref()), &link) {
            (Named::Unnoticed, Some(link)) if shares => Named::Visible(self.naming.any_path(link)),
            (named, _) => named,
        };
        match named {
            Named::Visible(object) => {
                let operation = Operation::new(kind, object, amount);
                let number = call::number(&self.registers);
                let operation =
                    extent::complete(operation, self.stopped, &self.registers, number, shares);
                let manner = manner(&operation);
                self.with(operation, manner, None)
            }
            Named::Unnoticed => Ok(Decoded::Hidden(Hidden::Plain)),
        }
    }

    /// Closing a pipe or a socket is noticed at its other end; closing a file
    /// gives up its locks (flock(2), fcntl_locking(2)).
    fn close(&mut self, fd: u64) -> io::Result<Decoded> {
        let link = self.link(fd);
        match self.naming.descriptor(link.as_deref()) {
            Named::Visible(object @ (Object::Pipe(_) | Object::Kernel(_))) => {
                self.visible(Kind::Close, object, None)
            }
            Named::Visible(object) if self.process.locks_files => {
                self.visible(Kind::Close, object, None)
            }
            Named::Visible(_) | Named::Unnoticed => Ok(Decoded::Hidden(Hidden::Plain)),
        }
    }

    fn fcntl(&mut self, a: [u64; 6]) -> io::Result<Decoded> {
        if F_LOCKING.contains(&a[1]) {
            self.process.locks_files = true;
            return self.on_descriptor(Kind::FileLock, a[0], Some(a[1]));
        }
        if a[1] == libc::F_SETFL as u64 {
            // O_APPEND holds for whoever shares the description.
            return self.on_descriptor(Kind::Change, a[0], None);
        }
        Ok(Decoded::Hidden(Hidden::Plain))
    }

    fn futex(&mut self, a: [u64; 6]) -> io::Result<Decoded> {
        let place = self.process.mappings.find(a[0]);
        let object = match place {
            Some(place) => Object::Shared {
                mapping: place.mapping,
                offset: place.offset,
            },
            None => Object::Private {
                process: self.number,
                place: self.process.place(a[0]),
            },
        };
        let command = a[1] & FUTEX_COMMAND_MASK;
        let (call, manner) = match FUTEX_WAITING.contains(&command) {
            true => (Kind::FutexWait, Manner::MayBlock),
            false => (Kind::FutexWake, Manner::Normal),
        };
        if FUTEX_CHANGING.contains(&command) {
            return self.other(libc::SYS_futex);
        }
        let futex = Futex {
            address: self.process.mappings.alias(a[0]).unwrap_or(a[0]),
            place,
            private: a[1] & FUTEX_PRIVATE_FLAG != 0,
        };
        self.with(Operation::new(call, object, None), manner, Some(futex))
    }

    fn wait(&self, pid: i32) -> io::Result<Decoded> {
        let object = match self.process_number(pid) {
            Some(number) => Object::Process(number),
            None => Object::AnyChild,
        };
        self.visible(Kind::Wait, object, None)
    }

    /// A signal may only reach the submission's own processes, whoever else
    /// has the same user.
    fn signal(&self, target: i32, signal: u64) -> io::Result<Decoded> {
        let object = match target {
            0 => Object::Kernel("group"),
            -1 => return self.refuse(libc::EPERM),
            _ => match self.process_number(target.wrapping_abs()) {
                Some(number) => Object::Process(number),
                None => return self.refuse(foreign(target)),
            },
        };
        self.visible(Kind::Signal, object, Some(signal))
    }

    /// Waiting for nothing but time is sleeping.
    fn event_wait(&mut self, number: c_long, a: [u64; 6]) -> io::Result<Decoded> {
        let polls = matches!(
            number,
            libc::SYS_poll | libc::SYS_epoll_wait | libc::SYS_epoll_pwait
        );
        let timeout = if number == libc::SYS_poll { a[2] } else { a[3] };
        let nothing_watched = match number {
            libc::SYS_poll | libc::SYS_ppoll => a[1] == 0,
            libc::SYS_select | libc::SYS_pselect6 => a[0] == 0,
            _ => false,
        };
        if nothing_watched && number != libc::SYS_ppoll {
            return self.at_once(Kind::Sleep);
        }
        if polls && timeout as u32 == 0 {
            if number == libc::SYS_poll && !self.polls_a_channel(a[0], a[1]) {
                return Ok(Decoded::Hidden(Hidden::Plain));
            }
            // A look, no wait.
            let operation = Operation::new(Kind::Pause, Object::Nothing, None);
            return self.with(operation, Manner::Normal, None);
        }
        self.visible(Kind::Pause, Object::Nothing, None)
    }

    pub(super) fn other(&self, number: c_long) -> io::Result<Decoded> {
        self.visible(Kind::Other(name(number)), Object::Nothing, None)
    }
}

/// What the kernel says of a process, or a group, that is another user's.
fn foreign(target: i32) -> i32 {
    match proc::state(Pid::from_raw(target.wrapping_abs())) {
        ProcState::Gone => libc::ESRCH,
        _ => libc::EPERM,
    }
}

/// Calls that neither sleep nor write, in which nothing is ever interrupted; a
/// close has always closed (close(2)).
const fn is_short(call: Kind) -> bool {
    matches!(
        call,
        Kind::Close
            | Kind::Exit
            | Kind::Fork
            | Kind::FutexWake
            | Kind::Sleep
            | Kind::Yield
            | Kind::Stat
    )
}

/// By the kernel; it may have the caller sleep until another process acts.
fn manner(operation: &Operation) -> Manner {
    let blocks = match operation.call {
        Kind::FutexWait
        | Kind::FileLock
        | Kind::Semaphore
        | Kind::Wait
        | Kind::Pause
        | Kind::Other(_) => true,
        Kind::Read | Kind::Write | Kind::Open => {
            !matches!(operation.object, Object::File | Object::Path(_))
        }
        _ => false,
    };
    if blocks {
        Manner::MayBlock
    } else {
        Manner::Normal
    }
}
