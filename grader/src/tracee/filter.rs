//! The seccomp filters of a tracee: which system calls stop it, which run at
//! full speed, which are refused.
//!
//! Three filters are stacked; the kernel takes the strictest answer
//! (seccomp(2): ERRNO before TRACE before ALLOW).

use std::collections::BTreeMap;

use libc::c_long;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch,
};

use super::spawn::ADDRESS_SPACE_BYTES;

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Calls that no other process can notice, that do not block and that take no
/// pointer: not traced.
const LOCAL: &[c_long] = &[
    libc::SYS_arch_prctl,
    libc::SYS_brk,
    libc::SYS_dup,
    libc::SYS_dup2,
    libc::SYS_dup3,
    libc::SYS_fadvise64,
    libc::SYS_fdatasync,
    libc::SYS_fsync,
    libc::SYS_getegid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getpgid,
    libc::SYS_getpgrp,
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_getpriority,
    libc::SYS_getsid,
    libc::SYS_gettid,
    libc::SYS_getuid,
    libc::SYS_membarrier,
    libc::SYS_msync,
    libc::SYS_rseq,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_getscheduler,
    libc::SYS_setpgid,
    libc::SYS_setsid,
    libc::SYS_sync_file_range,
    libc::SYS_umask,
];

/// Calls that nobody can notice either, unless a pointer of theirs leads to
/// shared memory.
pub const LOCAL_WITH_POINTERS: &[c_long] = &[
    libc::SYS_access,
    libc::SYS_capget,
    libc::SYS_chdir,
    libc::SYS_clock_getres,
    libc::SYS_clock_gettime,
    libc::SYS_epoll_ctl,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_fstat,
    libc::SYS_fstatfs,
    libc::SYS_get_robust_list,
    libc::SYS_getcpu,
    libc::SYS_getcwd,
    libc::SYS_getdents64,
    libc::SYS_getgroups,
    libc::SYS_getrandom,
    libc::SYS_getresgid,
    libc::SYS_getresuid,
    libc::SYS_getrlimit,
    libc::SYS_getrusage,
    libc::SYS_gettimeofday,
    libc::SYS_ioctl,
    libc::SYS_lstat,
    libc::SYS_madvise,
    libc::SYS_mincore,
    libc::SYS_mlock,
    libc::SYS_newfstatat,
    libc::SYS_prctl,
    libc::SYS_prlimit64,
    libc::SYS_readlink,
    libc::SYS_readlinkat,
    libc::SYS_rt_sigpending,
    libc::SYS_rt_sigprocmask,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_getparam,
    libc::SYS_set_robust_list,
    libc::SYS_set_tid_address,
    libc::SYS_setrlimit,
    libc::SYS_sigaltstack,
    libc::SYS_stat,
    libc::SYS_statfs,
    libc::SYS_statx,
    libc::SYS_sysinfo,
    libc::SYS_time,
    libc::SYS_times,
    libc::SYS_uname,
    libc::SYS_getitimer,
];

/// Calls that would get out of our control or reach the rest of the machine.
const FORBIDDEN: &[c_long] = &[
    libc::SYS_acct,
    libc::SYS_add_key,
    libc::SYS_bpf,
    libc::SYS_chroot,
    libc::SYS_clock_settime,
    libc::SYS_delete_module,
    libc::SYS_finit_module,
    libc::SYS_init_module,
    libc::SYS_ioprio_set,
    libc::SYS_kexec_load,
    libc::SYS_keyctl,
    libc::SYS_mount,
    libc::SYS_open_by_handle_at,
    libc::SYS_perf_event_open,
    libc::SYS_pivot_root,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_ptrace,
    libc::SYS_quotactl,
    libc::SYS_reboot,
    libc::SYS_request_key,
    libc::SYS_sethostname,
    libc::SYS_setns,
    libc::SYS_setpriority,
    libc::SYS_settimeofday,
    libc::SYS_swapoff,
    libc::SYS_swapon,
    libc::SYS_umount2,
    libc::SYS_unshare,
    libc::SYS_userfaultfd,
];

/// Calls that the C libraries and runtimes do without if the kernel is old.
const ABSENT: &[c_long] = &[
    libc::SYS_clone3,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_io_uring_setup,
];

/// From sched.h; not in the libc crate's stable part.
const CLONE_UNTRACED: u64 = 0x0080_0000;

/// The filters in the order in which they are to be loaded.
///
/// # Errors
/// A text if a filter cannot be built; a mistake of this file.
pub fn traced() -> Result<Vec<BpfProgram>, String> {
    let mut filters = native()?;
    filters.push(trace_all_but_local()?);
    Ok(filters)
}

/// The filters of a program that runs without tracing.
///
/// # Errors
/// As [`traced`].
pub fn native() -> Result<Vec<BpfProgram>, String> {
    Ok(vec![refuse_forbidden()?, refuse_absent()?])
}

fn trace_all_but_local() -> Result<BpfProgram, String> {
    let mut rules: Rules = LOCAL.iter().map(|&call| (call, Vec::new())).collect();
    // A private mapping is the process's own business, unless it takes the
    // place of another.
    let flags = (libc::MAP_SHARED | libc::MAP_FIXED) as u64;
    // What is too large to be had at all is asked for under our eyes.
    let length = SeccompCondition::new(
        1,
        SeccompCmpArgLen::Qword,
        SeccompCmpOp::Le,
        ADDRESS_SPACE_BYTES,
    )
    .map_err(|error| error.to_string())?;
    let flags = SeccompCondition::new(3, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(flags), 0)
        .map_err(|error| error.to_string())?;
    let private = SeccompRule::new(vec![length, flags]).map_err(|error| error.to_string())?;
    rules.insert(libc::SYS_mmap, vec![private]);
    compile(rules, SeccompAction::Trace(0), SeccompAction::Allow)
}

fn refuse_forbidden() -> Result<BpfProgram, String> {
    let mut rules: Rules = FORBIDDEN.iter().map(|&call| (call, Vec::new())).collect();
    let untraced = argument(0, SeccompCmpOp::MaskedEq(CLONE_UNTRACED), CLONE_UNTRACED)?;
    rules.insert(libc::SYS_clone, vec![untraced]);
    // Undumpable processes cannot be read by their tracer (prctl(2)).
    let dumpable = argument(0, SeccompCmpOp::Eq, libc::PR_SET_DUMPABLE as u64)?;
    rules.insert(libc::SYS_prctl, vec![dumpable]);
    // Limits of other processes, the grader among them.
    let other = argument(0, SeccompCmpOp::Ne, 0)?;
    rules.insert(libc::SYS_prlimit64, vec![other]);
    compile(
        rules,
        SeccompAction::Allow,
        SeccompAction::Errno(libc::EPERM as u32),
    )
}

fn refuse_absent() -> Result<BpfProgram, String> {
    let rules: Rules = ABSENT.iter().map(|&call| (call, Vec::new())).collect();
    compile(
        rules,
        SeccompAction::Allow,
        SeccompAction::Errno(libc::ENOSYS as u32),
    )
}

fn argument(index: u8, op: SeccompCmpOp, value: u64) -> Result<SeccompRule, String> {
    let condition = SeccompCondition::new(index, SeccompCmpArgLen::Dword, op, value)
        .map_err(|error| error.to_string())?;
    SeccompRule::new(vec![condition]).map_err(|error| error.to_string())
}

fn compile(
    rules: Rules,
    otherwise: SeccompAction,
    on_match: SeccompAction,
) -> Result<BpfProgram, String> {
    // On another architecture's calls the filter kills the process.
    SeccompFilter::new(rules, otherwise, on_match, TargetArch::x86_64)
        .and_then(BpfProgram::try_from)
        .map_err(|error| error.to_string())
}
