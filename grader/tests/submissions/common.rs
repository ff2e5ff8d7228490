//! What the Rust programs of the corpus share, all of it right, so that a
//! wrong program shows its one mistake and little else. Standard library
//! only; the C library's calls are declared here.
#![allow(dead_code)]

use std::ffi::{OsStr, OsString, c_int, c_long, c_void};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::process::ExitCode;

mod sys {
    use super::{c_int, c_long, c_void};

    unsafe extern "C" {
        pub fn fork() -> c_int;
        pub fn wait(status: *mut c_int) -> c_int;
        pub fn _exit(status: c_int) -> !;
        pub fn mmap(
            address: *mut c_void,
            length: usize,
            protection: c_int,
            flags: c_int,
            fd: c_int,
            offset: i64,
        ) -> *mut c_void;
        pub fn sigaction(number: c_int, new: *const Action, old: *mut Action) -> c_int;
        pub fn pthread_mutexattr_init(attributes: *mut Block) -> c_int;
        pub fn pthread_mutexattr_setpshared(attributes: *mut Block, shared: c_int) -> c_int;
        pub fn pthread_mutex_init(mutex: *mut Block, attributes: *const Block) -> c_int;
        pub fn pthread_mutex_lock(mutex: *mut Block) -> c_int;
        pub fn pthread_mutex_unlock(mutex: *mut Block) -> c_int;
        pub fn pthread_mutex_destroy(mutex: *mut Block) -> c_int;
        pub fn syscall(number: c_long, ...) -> c_long;
    }

    /// Room for any of the C library's opaque types that are used here: the
    /// largest is a mutex of 48 bytes.
    #[repr(C, align(16))]
    pub struct Block(pub [u8; 64]);

    /// `struct sigaction` of the GNU C library.
    #[repr(C)]
    pub struct Action {
        pub handler: extern "C" fn(c_int),
        pub mask: [u64; 16],
        pub flags: c_int,
        pub restorer: usize,
    }

    pub const SIGUSR1: c_int = 10;
    pub const PROT_READ_WRITE: c_int = 1 | 2;
    pub const MAP_SHARED_ANONYMOUS: c_int = 0x01 | 0x20;
    pub const PTHREAD_PROCESS_SHARED: c_int = 1;
    #[cfg(target_arch = "x86_64")]
    pub const FUTEX: c_long = 202;
    #[cfg(target_arch = "aarch64")]
    pub const FUTEX: c_long = 98;
    pub const FUTEX_WAIT: c_int = 0;
    pub const FUTEX_WAKE: c_int = 1;
}

/// The arguments: FILE and at least one RECORD.
pub struct Arguments {
    pub path: OsString,
    pub records: Vec<OsString>,
}

/// What main begins with: arguments and signal handler.
pub fn start() -> Arguments {
    let mut arguments = std::env::args_os().skip(1);
    let path = arguments.next();
    let records: Vec<_> = arguments.collect();
    let Some(path) = path.filter(|_| !records.is_empty()) else {
        eprintln!("usage: forkwrite FILE RECORD...");
        std::process::exit(2);
    };
    install_handler();
    Arguments { path, records }
}

extern "C" fn on_sigusr1(_: c_int) {}

/// SIGUSR1 does nothing, but it interrupts: no SA_RESTART.
fn install_handler() {
    let action = sys::Action {
        handler: on_sigusr1,
        mask: [0; 16],
        flags: 0,
        restorer: 0,
    };
    // SAFETY: the structure has the C library's layout, the handler does nothing.
    if unsafe { sys::sigaction(sys::SIGUSR1, &action, std::ptr::null_mut()) } != 0 {
        fail("sigaction", &io::Error::last_os_error());
    }
}

/// Says on standard error what failed. Unlike `eprintln!` it does not panic
/// where standard error is as full as FILE.
pub fn complain(what: &str, error: &io::Error) {
    let _ = writeln!(io::stderr(), "forkwrite: {what}: {error}");
}

/// Ends the program with status 1 and a message.
pub fn fail(what: &str, error: &io::Error) -> ! {
    complain(what, error);
    std::process::exit(1);
}

/// Memory that all processes forked from now on share.
///
/// # Safety
/// All bytes zero must be a value of `T`, and `T` must bear access by several
/// processes at once.
pub unsafe fn share<T>() -> &'static T {
    // SAFETY: a new anonymous mapping touches nothing that exists.
    let memory = unsafe {
        sys::mmap(
            std::ptr::null_mut(),
            size_of::<T>(),
            sys::PROT_READ_WRITE,
            sys::MAP_SHARED_ANONYMOUS,
            -1,
            0,
        )
    };
    if memory.addr() == usize::MAX {
        fail("mmap", &io::Error::last_os_error());
    }
    // SAFETY: mapped for ever, page aligned, zeroed; the caller vouches for T.
    unsafe { &*memory.cast::<T>() }
}

/// A mutex between processes, in shared memory.
pub struct Mutex(std::cell::UnsafeCell<sys::Block>);

// SAFETY: only the C library touches its bytes, and it expects many callers.
unsafe impl Sync for Mutex {}

/// Holds a [`Mutex`] until dropped.
pub struct Guard(&'static Mutex);

impl Mutex {
    /// Maps and makes one; to be called before the first fork.
    pub fn shared() -> &'static Self {
        let mut attributes = sys::Block([0; 64]);
        // SAFETY: zeroed bytes are as good as any before pthread_mutex_init.
        let mutex = unsafe { share::<Self>() };
        // SAFETY: both point to enough memory, and nobody else has it yet.
        let error = unsafe {
            sys::pthread_mutexattr_init(&mut attributes);
            sys::pthread_mutexattr_setpshared(&mut attributes, sys::PTHREAD_PROCESS_SHARED);
            sys::pthread_mutex_init(mutex.0.get(), &attributes)
        };
        if error != 0 {
            fail("pthread_mutex_init", &io::Error::from_raw_os_error(error));
        }
        mutex
    }

    /// Locks it.
    pub fn lock(&'static self) -> io::Result<Guard> {
        // SAFETY: the mutex has been made and is never moved.
        match unsafe { sys::pthread_mutex_lock(self.0.get()) } {
            0 => Ok(Guard(self)),
            error => Err(io::Error::from_raw_os_error(error)),
        }
    }

    /// Ends it; nobody may use it any more.
    pub fn destroy(&'static self) {
        // SAFETY: the mutex has been made and is never moved.
        unsafe { sys::pthread_mutex_destroy(self.0.get()) };
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // SAFETY: this process holds the mutex.
        unsafe { sys::pthread_mutex_unlock(self.0.0.get()) };
    }
}

/// Sleeps while the word in shared memory holds `expected`; may wake early.
pub fn futex_wait(word: &std::sync::atomic::AtomicU32, expected: u32) {
    // SAFETY: the word is valid; a null timeout means for ever.
    unsafe {
        sys::syscall(
            sys::FUTEX,
            word.as_ptr(),
            sys::FUTEX_WAIT,
            expected,
            std::ptr::null::<c_void>(),
        )
    };
}

/// Wakes one process that sleeps on the word.
pub fn futex_wake(word: &std::sync::atomic::AtomicU32) {
    // SAFETY: the word is valid.
    unsafe { sys::syscall(sys::FUTEX, word.as_ptr(), sys::FUTEX_WAKE, 1_u32) };
}

/// FILE, for appending. The standard library tries again after EINTR.
pub fn open(path: &OsStr) -> io::Result<File> {
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o644)
        .open(path)
}

/// The record and its newline.
pub fn line(record: &OsStr) -> Vec<u8> {
    [record.as_bytes(), b"\n"].concat()
}

/// Opens FILE and writes the record's line there, holding the mutex.
pub fn write_record(mutex: &'static Mutex, path: &OsStr, record: &OsStr) -> io::Result<()> {
    let mut file = open(path)?;
    let _guard = mutex.lock()?;
    file.write_all(&line(record))
}

/// Forks; true in the child.
pub fn fork() -> io::Result<bool> {
    // SAFETY: no other thread exists, so the child may go on as it likes.
    match unsafe { sys::fork() } {
        -1 => Err(io::Error::last_os_error()),
        pid => Ok(pid == 0),
    }
}

/// Ends a child.
pub fn exit_child(result: io::Result<()>) -> ! {
    if let Err(error) = &result {
        complain("writer", error);
    }
    // SAFETY: always allowed.
    unsafe { sys::_exit(c_int::from(result.is_err())) }
}

/// Waits for every child; an error if one of them failed.
pub fn reap_all() -> io::Result<()> {
    let mut result = Ok(());
    loop {
        let mut status = 0;
        // SAFETY: the status is ours.
        if unsafe { sys::wait(&mut status) } >= 0 {
            // An exit status of 0 and no signal make a wait status of 0.
            if status != 0 {
                result = Err(io::Error::other("a writer failed"));
            }
            continue;
        }
        let error = io::Error::last_os_error();
        match error.raw_os_error() {
            Some(4) => {}
            Some(10) => return result,
            _ => return Err(error),
        }
    }
}

/// A process for each record but the last, which this process writes itself.
/// Does not wait.
pub fn fork_writers(
    arguments: &Arguments,
    writer: impl Fn(&OsStr, &OsStr) -> io::Result<()>,
) -> io::Result<()> {
    let Some((last, others)) = arguments.records.split_last() else {
        return Ok(());
    };
    for record in others {
        if fork()? {
            exit_child(writer(&arguments.path, record));
        }
    }
    writer(&arguments.path, last)
}

/// What main ends with: writers, then waiting.
pub fn run(arguments: &Arguments, writer: impl Fn(&OsStr, &OsStr) -> io::Result<()>) -> ExitCode {
    finish(fork_writers(arguments, writer))
}

/// Waits for every child and turns it all into an exit status.
pub fn finish(written: io::Result<()>) -> ExitCode {
    let reaped = reap_all();
    for error in [&written, &reaped]
        .into_iter()
        .filter_map(|result| result.as_ref().err())
    {
        complain("failed", error);
    }
    ExitCode::from(u8::from(written.is_err() || reaped.is_err()))
}
