//! Which arguments of a call are pointers, to how many bytes, and what the call
//! does to those.

use libc::c_long;

use super::mappings::Mappings;
use crate::operation::Use;
use crate::tracee::stop::Stopped;

/// Offsets in a `struct msghdr` (recvmsg(2)): the address, the vector, its
/// length, the control data.
const MESSAGE_OFFSETS_BYTES: [u64; 4] = [0, 16, 24, 32];
const IOVEC_BYTES: u64 = 16;
/// Calls whose arguments lead to further pointers.
pub(super) const UNKNOWN: [c_long; 6] = [
    libc::SYS_ioctl,
    libc::SYS_prctl,
    libc::SYS_recvmmsg,
    libc::SYS_semctl,
    libc::SYS_sendmmsg,
    libc::SYS_io_submit,
];

/// Calls that move so many bytes from or to their second argument.
pub(super) const fn is_transfer(number: c_long) -> bool {
    matches!(
        number,
        libc::SYS_read
            | libc::SYS_pread64
            | libc::SYS_recvfrom
            | libc::SYS_write
            | libc::SYS_pwrite64
            | libc::SYS_sendto
    )
}

pub(super) const fn is_vector(number: c_long) -> bool {
    matches!(
        number,
        libc::SYS_readv
            | libc::SYS_preadv
            | libc::SYS_preadv2
            | libc::SYS_writev
            | libc::SYS_pwritev
            | libc::SYS_pwritev2
            | libc::SYS_vmsplice
    )
}

/// True if the call takes a pointer to a buffer there. What it does not take
/// may hold anything, a pointer that was left in the register too. An address
/// that is only a place (mmap(2), set_tid_address(2)) is no pointer here.
pub(super) const fn is_pointer(number: c_long, argument: usize, a: &[u64; 6]) -> bool {
    (match number {
        libc::SYS_futex => futex_pointers(a[1]),
        libc::SYS_fcntl => match a[1] {
            F_SETLK | F_SETLKW | F_OFD_SETLK | F_OFD_SETLKW => C,
            _ => 0,
        },
        _ => pointers(number),
    }) & (1 << argument)
        != 0
}

/// From fcntl(2).
const F_SETLK: u64 = 6;
const F_SETLKW: u64 = 7;
const F_OFD_SETLK: u64 = 37;
const F_OFD_SETLKW: u64 = 38;

/// From linux/futex.h: FUTEX_PRIVATE_FLAG and FUTEX_CLOCK_REALTIME.
const FUTEX_FLAGS: u64 = 128 | 256;

/// The arguments, by their bits.
const A: u8 = 1;
const B: u8 = 2;
const C: u8 = 4;
const D: u8 = 8;
const E: u8 = 16;
const F: u8 = 32;

/// A word, for what waits a time as well, and for what is between two words
/// another one (futex(2)).
const fn futex_pointers(operation: u64) -> u8 {
    match operation & !FUTEX_FLAGS {
        0 | 6 | 9 | 13 => A | D,
        3..=5 | 12 => A | E,
        11 => A | D | E,
        _ => A,
    }
}

/// Which arguments of a call are pointers to buffers; all, if it is not known
/// here.
const fn pointers(number: c_long) -> u8 {
    use libc as l;
    match number {
        l::SYS_alarm | l::SYS_arch_prctl | l::SYS_brk | l::SYS_close | l::SYS_close_range => 0,
        l::SYS_dup | l::SYS_dup2 | l::SYS_dup3 | l::SYS_epoll_create | l::SYS_epoll_create1 => 0,
        l::SYS_eventfd | l::SYS_eventfd2 | l::SYS_exit | l::SYS_exit_group | l::SYS_fallocate => 0,
        l::SYS_fchdir | l::SYS_fchmod | l::SYS_fchown | l::SYS_flock | l::SYS_fork => 0,
        l::SYS_ftruncate | l::SYS_kill | l::SYS_listen | l::SYS_lseek | l::SYS_madvise => 0,
        l::SYS_mmap | l::SYS_mprotect | l::SYS_mremap | l::SYS_msync | l::SYS_munmap => 0,
        l::SYS_pause | l::SYS_pidfd_open | l::SYS_pkey_mprotect | l::SYS_rseq => 0,
        l::SYS_sched_yield | l::SYS_semget | l::SYS_shutdown => 0,
        l::SYS_set_tid_address | l::SYS_shmat | l::SYS_shmdt | l::SYS_shmget | l::SYS_socket => 0,
        l::SYS_tgkill | l::SYS_tkill | l::SYS_vfork => 0,

        l::SYS_access | l::SYS_chdir | l::SYS_chmod | l::SYS_creat | l::SYS_getcwd => A,
        l::SYS_getrandom | l::SYS_memfd_create | l::SYS_mkdir | l::SYS_mknod | l::SYS_mlock => A,
        l::SYS_open | l::SYS_pipe | l::SYS_pipe2 | l::SYS_poll | l::SYS_rmdir => A,
        l::SYS_rt_sigpending | l::SYS_rt_sigsuspend | l::SYS_sysinfo | l::SYS_time => A,
        l::SYS_times | l::SYS_truncate | l::SYS_uname | l::SYS_unlink => A,

        l::SYS_bind | l::SYS_clock_getres | l::SYS_clock_gettime | l::SYS_connect => B,
        l::SYS_epoll_wait | l::SYS_faccessat | l::SYS_faccessat2 | l::SYS_fchmodat => B,
        l::SYS_fstat | l::SYS_fstatfs | l::SYS_getdents64 | l::SYS_getgroups => B,
        l::SYS_getitimer | l::SYS_getrlimit | l::SYS_getrusage | l::SYS_mkdirat => B,
        l::SYS_mknodat | l::SYS_openat | l::SYS_pread64 | l::SYS_preadv | l::SYS_preadv2 => B,
        l::SYS_pwrite64 | l::SYS_pwritev | l::SYS_pwritev2 | l::SYS_read | l::SYS_readv => B,
        l::SYS_recvmsg | l::SYS_semop | l::SYS_sendmsg | l::SYS_setrlimit => B,
        l::SYS_unlinkat | l::SYS_vmsplice | l::SYS_write | l::SYS_writev => B,

        l::SYS_gettimeofday | l::SYS_link | l::SYS_lstat | l::SYS_nanosleep => A | B,
        l::SYS_readlink | l::SYS_rename | l::SYS_sigaltstack | l::SYS_stat => A | B,
        l::SYS_statfs | l::SYS_symlink => A | B,

        l::SYS_accept | l::SYS_accept4 | l::SYS_newfstatat | l::SYS_readlinkat => B | C,
        l::SYS_rt_sigaction | l::SYS_rt_sigprocmask | l::SYS_setitimer => B | C,
        l::SYS_copy_file_range | l::SYS_linkat | l::SYS_renameat | l::SYS_renameat2 => B | D,
        l::SYS_semtimedop | l::SYS_splice | l::SYS_wait4 => B | D,
        l::SYS_epoll_pwait | l::SYS_sendto | l::SYS_statx => B | E,
        l::SYS_ioctl | l::SYS_sched_getaffinity | l::SYS_sched_setaffinity | l::SYS_sendfile => C,
        l::SYS_clock_nanosleep | l::SYS_clone | l::SYS_prlimit64 => C | D,
        l::SYS_epoll_ctl | l::SYS_socketpair => D,
        l::SYS_waitid => C | E,
        l::SYS_execve | l::SYS_getcpu | l::SYS_rt_sigtimedwait => A | B | C,
        l::SYS_execveat => B | C | D,
        l::SYS_ppoll => A | C | D,
        l::SYS_recvfrom => B | E | F,
        l::SYS_select => B | C | D | E,
        l::SYS_pselect6 => B | C | D | E | F,
        _ => A | B | C | D | E | F,
    }
}

/// The length of the buffer that an argument points at and what is done to
/// it, where that is known.
pub(super) const fn buffer(
    number: c_long,
    argument: usize,
    a: &[u64; 6],
) -> (Option<u64>, Option<Use>) {
    let (bytes, used) = match (number, argument) {
        (libc::SYS_write | libc::SYS_pwrite64 | libc::SYS_sendto, 1) => (a[2], Use::Read),
        (libc::SYS_read | libc::SYS_pread64 | libc::SYS_recvfrom | libc::SYS_readlink, 1) => {
            (a[2], Use::Written)
        }
        (libc::SYS_getrandom | libc::SYS_getcwd, 0) => (a[1], Use::Written),
        (libc::SYS_fstat | libc::SYS_stat | libc::SYS_lstat, 1) | (libc::SYS_newfstatat, 2) => {
            (size_of::<libc::stat>() as u64, Use::Written)
        }
        (libc::SYS_clock_gettime, 1) | (libc::SYS_gettimeofday, 0) => (16, Use::Written),
        (libc::SYS_pipe | libc::SYS_pipe2, 0) | (libc::SYS_time, 0) => (8, Use::Written),
        (libc::SYS_wait4, 1) => (4, Use::Written),
        (libc::SYS_nanosleep, 0) | (libc::SYS_clock_nanosleep, 2) | (libc::SYS_futex, 3) => {
            (16, Use::Read)
        }
        (libc::SYS_rt_sigprocmask, 1) => (8, Use::Read),
        (libc::SYS_rt_sigprocmask, 2) => (8, Use::Written),
        (libc::SYS_rt_sigaction, 1) => (32, Use::Read),
        (libc::SYS_rt_sigaction, 2) => (32, Use::Written),
        // The word itself is the call's object.
        (libc::SYS_futex, 0) => (0, Use::Read),
        _ => return (None, None),
    };
    (Some(bytes), Some(used))
}

/// True if what a call's arguments point at points into shared memory itself,
/// where the kernel would find it closed.
pub(super) fn points_further(
    number: c_long,
    stopped: &Stopped,
    a: &[u64; 6],
    mappings: &Mappings,
) -> bool {
    let closed = |address: u64| {
        let pointer = stopped.read_u64(address);
        pointer.is_ok_and(|pointer| mappings.alias(pointer).is_some())
    };
    match number {
        libc::SYS_sendmsg | libc::SYS_recvmsg => {
            let [address, vector, length, control] =
                MESSAGE_OFFSETS_BYTES.map(|offset| a[1] + offset);
            let start = stopped.read_u64(vector).unwrap_or(0);
            let count = stopped.read_u64(length).unwrap_or(0).min(1024);
            closed(address)
                || closed(vector)
                || closed(control)
                || (0..count).any(|n| closed(start + n * IOVEC_BYTES))
        }
        libc::SYS_pselect6 => closed(a[5]),
        libc::SYS_sigaltstack => closed(a[0]),
        libc::SYS_clone => mappings.alias(a[1]).is_some(),
        libc::SYS_set_tid_address => mappings.alias(a[0]).is_some(),
        _ => false,
    }
}

/// The name of a call.
pub(super) fn name(number: c_long) -> &'static str {
    usize::try_from(number)
        .ok()
        .and_then(syscalls::Sysno::new)
        .map_or("unknown-call", |call| call.name())
}
