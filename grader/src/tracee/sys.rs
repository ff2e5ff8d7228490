//! The raw calls that no library wraps the way they are needed here.

use std::io;

use libc::{c_int, c_long, pid_t, user_fpregs_struct, user_regs_struct};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};

/// Turns a -1 into the error it stands for.
fn check(result: c_long) -> io::Result<c_long> {
    if result == -1 {
        Err(io::Error::last_os_error())
    } else {
        Ok(result)
    }
}

/// A ptrace(2) request whose `addr` and `data` are plain numbers.
fn request(kind: libc::c_uint, tid: pid_t, addr: usize, data: usize) -> io::Result<()> {
    // SAFETY: the requests used in this file with numbers only read or write
    // kernel state of a tracee; no memory of ours is passed.
    check(unsafe { libc::ptrace(kind, tid, addr, data) }).map(drop)
}

pub fn seize(tid: pid_t, options: c_int) -> io::Result<()> {
    request(libc::PTRACE_SEIZE, tid, 0, options as usize)
}

pub fn cont(tid: pid_t, signal: c_int) -> io::Result<()> {
    request(libc::PTRACE_CONT, tid, 0, signal as usize)
}

pub fn cont_to_syscall(tid: pid_t, signal: c_int) -> io::Result<()> {
    request(libc::PTRACE_SYSCALL, tid, 0, signal as usize)
}

pub fn listen(tid: pid_t) -> io::Result<()> {
    request(libc::PTRACE_LISTEN, tid, 0, 0)
}

pub fn interrupt(tid: pid_t) -> io::Result<()> {
    request(libc::PTRACE_INTERRUPT, tid, 0, 0)
}

pub fn registers(tid: pid_t) -> io::Result<user_regs_struct> {
    // SAFETY: all-zero bytes are a valid value of this plain struct.
    let mut regs: user_regs_struct = unsafe { std::mem::zeroed() };
    // SAFETY: the kernel writes one user_regs_struct to the pointer, which
    // is valid for that.
    check(unsafe { libc::ptrace(libc::PTRACE_GETREGS, tid, 0, &raw mut regs) })?;
    Ok(regs)
}

pub fn set_registers(tid: pid_t, regs: &user_regs_struct) -> io::Result<()> {
    // SAFETY: the kernel reads one user_regs_struct from the pointer.
    check(unsafe { libc::ptrace(libc::PTRACE_SETREGS, tid, 0, std::ptr::from_ref(regs)) }).map(drop)
}

pub fn vectors(tid: pid_t) -> io::Result<user_fpregs_struct> {
    // SAFETY: all-zero bytes are a valid value of this plain struct.
    let mut vectors: user_fpregs_struct = unsafe { std::mem::zeroed() };
    // SAFETY: the kernel writes one user_fpregs_struct to the pointer, which is
    // valid for that.
    check(unsafe { libc::ptrace(libc::PTRACE_GETFPREGS, tid, 0, &raw mut vectors) })?;
    Ok(vectors)
}

pub fn set_vectors(tid: pid_t, vectors: &user_fpregs_struct) -> io::Result<()> {
    // SAFETY: the kernel reads one user_fpregs_struct from the pointer.
    check(unsafe { libc::ptrace(libc::PTRACE_SETFPREGS, tid, 0, std::ptr::from_ref(vectors)) })
        .map(drop)
}

/// The blocked signals as the kernel keeps them: bit n-1 is signal n.
pub fn signal_mask(tid: pid_t) -> io::Result<u64> {
    let mut mask = 0u64;
    // SAFETY: addr is the size of the mask, and the kernel writes that many
    // bytes to the pointer.
    check(unsafe {
        libc::ptrace(
            libc::PTRACE_GETSIGMASK,
            tid,
            size_of::<u64>(),
            &raw mut mask,
        )
    })?;
    Ok(mask)
}

pub fn set_signal_mask(tid: pid_t, mask: u64) -> io::Result<()> {
    // SAFETY: addr is the size of the mask, and the kernel reads that many
    // bytes from the pointer.
    check(unsafe {
        libc::ptrace(
            libc::PTRACE_SETSIGMASK,
            tid,
            size_of::<u64>(),
            &raw const mask,
        )
    })
    .map(drop)
}

/// True if a signal waits for a tracee or for its process, blocked or not
/// (PTRACE_PEEKSIGINFO).
pub fn has_signals(tid: pid_t) -> io::Result<bool> {
    for flags in [0, libc::PTRACE_PEEKSIGINFO_SHARED] {
        let wanted = libc::ptrace_peeksiginfo_args {
            off: 0,
            flags,
            nr: 1,
        };
        // SAFETY: all-zero bytes are a valid value of this plain struct.
        let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
        // SAFETY: the kernel reads what is wanted from the one pointer and
        // writes at most that many siginfo_t, one, to the other.
        let got = check(unsafe {
            libc::ptrace(
                libc::PTRACE_PEEKSIGINFO,
                tid,
                &raw const wanted,
                &raw mut info,
            )
        })?;
        if got > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The number that goes with the last event stop, such as a new tracee's id.
pub fn event_message(tid: pid_t) -> io::Result<u64> {
    let mut message: libc::c_ulong = 0;
    // SAFETY: the kernel writes one unsigned long to the pointer.
    check(unsafe { libc::ptrace(libc::PTRACE_GETEVENTMSG, tid, 0, &raw mut message) })?;
    Ok(message)
}

/// One word of a tracee's memory.
pub fn peek(tid: pid_t, address: u64) -> io::Result<u64> {
    let mut word: c_long = 0;
    // SAFETY: the raw system call writes one word to the pointer (the C
    // library's wrapper returns it instead, which hides errors).
    check(unsafe {
        libc::syscall(
            libc::SYS_ptrace,
            libc::PTRACE_PEEKDATA,
            tid,
            address,
            &raw mut word,
        )
    })?;
    Ok(word.cast_unsigned())
}

/// Writes one word of a tracee's memory.
pub fn poke(tid: pid_t, address: u64, word: u64) -> io::Result<()> {
    request(libc::PTRACE_POKEDATA, tid, address as usize, word as usize)
}

/// waitpid(2): the raw status of `tid`, or `None` if nothing has happened.
pub fn wait(tid: pid_t, flags: c_int) -> io::Result<Option<c_int>> {
    loop {
        match wait_once(tid, flags) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// The same without flags; `None` too if a signal's handler has run.
pub fn wait_for_alarm(tid: pid_t) -> io::Result<Option<c_int>> {
    match wait_once(tid, 0) {
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(None),
        other => other,
    }
}

fn wait_once(tid: pid_t, flags: c_int) -> io::Result<Option<c_int>> {
    let mut status: c_int = 0;
    // SAFETY: the kernel writes one int to the pointer.
    let got = unsafe { libc::waitpid(tid, &raw mut status, flags | libc::__WALL) };
    match got {
        0 => Ok(None),
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(Some(status)),
    }
}

extern "C" fn nothing(_signal: c_int) {}

/// Has SIGALRM end system calls that block, without SA_RESTART, and do
/// nothing else.
pub fn notice_alarms() {
    let action = SigAction::new(
        SigHandler::Handler(nothing),
        SaFlags::empty(),
        SigSet::empty(),
    );
    // SAFETY: the handler does nothing. Setting one fails only for signals
    // that cannot be caught.
    let _ = unsafe { sigaction(Signal::SIGALRM, &action) };
}

/// A thread's list of robust mutexes, as it has told the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RobustList {
    /// Address of the list's head in the thread's memory; 0 for none.
    pub head: u64,
    /// Length of the head, in bytes.
    pub length: u64,
}

/// get_robust_list(2) of another thread.
pub fn robust_list(tid: pid_t) -> io::Result<RobustList> {
    let (mut head, mut length) = (0u64, 0u64);
    // SAFETY: the kernel writes a pointer and a size to the two addresses.
    check(unsafe {
        libc::syscall(
            libc::SYS_get_robust_list,
            tid,
            &raw mut head,
            &raw mut length,
        )
    })?;
    Ok(RobustList { head, length })
}

/// What is known of the signal that a tracee is about to get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    pub signal: c_int,
    pub code: c_int,
    /// For a memory fault: the address.
    pub address: u64,
}

/// PTRACE_GETSIGINFO.
fn signal_info(tid: pid_t) -> io::Result<libc::siginfo_t> {
    // SAFETY: all-zero bytes are a valid value of this plain struct.
    let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
    // SAFETY: the kernel writes one siginfo_t to the pointer.
    check(unsafe { libc::ptrace(libc::PTRACE_GETSIGINFO, tid, 0, &raw mut info) })?;
    Ok(info)
}

/// Changes the address of the memory fault that a tracee is about to be told
/// of.
pub fn set_fault_address(tid: pid_t, address: u64) -> io::Result<()> {
    /// Where `si_addr` is in a siginfo_t (asm-generic/siginfo.h).
    const ADDRESS_OFFSET_BYTES: usize = 16;
    let mut info = signal_info(tid)?;
    let start = (&raw mut info).cast::<u8>();
    // SAFETY: the eight bytes lie within the siginfo_t, aligned, and are plain
    // data.
    unsafe {
        start
            .add(ADDRESS_OFFSET_BYTES)
            .cast::<u64>()
            .write_unaligned(address);
    }
    // SAFETY: the kernel reads one siginfo_t from the pointer.
    check(unsafe { libc::ptrace(libc::PTRACE_SETSIGINFO, tid, 0, &raw const info) }).map(drop)
}

/// What is known of the fault that a tracee is about to be told of.
pub fn fault(tid: pid_t) -> io::Result<Fault> {
    let info = signal_info(tid)?;
    Ok(Fault {
        signal: info.si_signo,
        code: info.si_code,
        // SAFETY: reads the union's first word, which is initialised memory
        // whatever the signal.
        address: unsafe { info.si_addr() } as u64,
    })
}

/// Sends a signal to one thread.
pub fn signal_thread(process: pid_t, tid: pid_t, signal: c_int) -> io::Result<()> {
    // SAFETY: plain numbers.
    check(unsafe { libc::syscall(libc::SYS_tgkill, process, tid, signal) }).map(drop)
}

/// Gives up gaining privileges by executing a file, for good (prctl(2),
/// PR_SET_NO_NEW_PRIVS); false if the kernel refuses.
pub fn give_up_privileges() -> bool {
    // SAFETY: plain numbers.
    unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 }
}

/// Whom orphans of our descendants go to: us (PR_SET_CHILD_SUBREAPER).
pub fn become_subreaper() -> io::Result<()> {
    // SAFETY: plain numbers.
    check(c_long::from(unsafe {
        libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    }))
    .map(drop)
}
