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

/// Arguments that name a place for later, or a stretch of memory as such, and
/// no buffer.
pub(super) const fn is_place(number: c_long, argument: usize) -> bool {
    match number {
        libc::SYS_madvise
        | libc::SYS_mmap
        | libc::SYS_mprotect
        | libc::SYS_mremap
        | libc::SYS_msync
        | libc::SYS_munmap
        | libc::SYS_pkey_mprotect
        | libc::SYS_arch_prctl
        | libc::SYS_brk
        | libc::SYS_rseq
        | libc::SYS_set_robust_list
        | libc::SYS_set_tid_address
        | libc::SYS_shmdt => true,
        // The stack; the rest are thread ids that are written and cleared.
        libc::SYS_clone => argument == 1,
        _ => false,
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
        libc::SYS_set_robust_list | libc::SYS_set_tid_address => mappings.alias(a[0]).is_some(),
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
