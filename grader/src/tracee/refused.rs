//! Calls that depend on their arguments.

use libc::c_long;
use seccompiler::{SeccompCmpOp, SeccompRule};

use super::filter::{Rules, argument};

/// From sched.h; not in the libc crate's stable part.
const CLONE_UNTRACED: u64 = 0x0080_0000;

/// What a child may not be made with (clone(2)): out of our sight, or in
/// namespaces of its own.
const CLONE_FLAGS: [u64; 8] = [
    CLONE_UNTRACED,
    libc::CLONE_NEWNS as u64,
    libc::CLONE_NEWCGROUP as u64,
    libc::CLONE_NEWUTS as u64,
    libc::CLONE_NEWIPC as u64,
    libc::CLONE_NEWUSER as u64,
    libc::CLONE_NEWPID as u64,
    libc::CLONE_NEWNET as u64,
];

/// What prctl(2) may be asked for. Not among them: to be undumpable, which
/// blinds a tracer, and to have system calls answered by the program itself
/// (PR_SET_SYSCALL_USER_DISPATCH).
const OPTIONS: [c_long; 15] = [
    libc::PR_SET_PDEATHSIG as c_long,
    libc::PR_GET_PDEATHSIG as c_long,
    libc::PR_GET_DUMPABLE as c_long,
    libc::PR_SET_NAME as c_long,
    libc::PR_GET_NAME as c_long,
    libc::PR_GET_SECCOMP as c_long,
    libc::PR_CAPBSET_READ as c_long,
    libc::PR_SET_TIMERSLACK as c_long,
    libc::PR_GET_TIMERSLACK as c_long,
    libc::PR_GET_CHILD_SUBREAPER as c_long,
    libc::PR_SET_NO_NEW_PRIVS as c_long,
    libc::PR_GET_NO_NEW_PRIVS as c_long,
    libc::PR_SET_THP_DISABLE as c_long,
    libc::PR_GET_THP_DISABLE as c_long,
    libc::PR_SET_VMA as c_long,
];

/// From fcntl.h: have signals sent, to whom, and which.
const F_SETOWN: u64 = 8;
const F_SETSIG: u64 = 10;
const F_SETOWN_EX: u64 = 15;
const F_SETLEASE: u64 = 1024;
const F_NOTIFY: u64 = 1026;
/// From asm-generic/sockios.h: the same by ioctl(2).
const FIOSETOWN: u64 = 0x8901;
const SIOCSPGRP: u64 = 0x8902;
/// From asm-generic/ioctls.h: input for a terminal.
const TIOCSTI: u64 = 0x5412;
const TIOCLINUX: u64 = 0x541c;
/// The bit that SOCK_DGRAM and SOCK_RAW have, and no other type that AF_UNIX
/// knows (linux/net.h).
const DATAGRAM: u64 = 2;

/// Calls that send a signal.
pub(super) const SIGNALLING: [c_long; 5] = [
    libc::SYS_kill,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
    libc::SYS_tgkill,
    libc::SYS_tkill,
];

/// The options of prctl(2) that are passed on; and the one by which the
/// filters after this one are loaded, until the last of them refuses it.
pub(super) fn permitted_options() -> Result<Vec<SeccompRule>, String> {
    let loading = [libc::PR_SET_SECCOMP as c_long];
    let options = OPTIONS.iter().chain(&loading);
    options.map(|&option| equal(0, option as u64)).collect()
}

/// Calls that are refused with these arguments.
pub(super) fn refused_arguments() -> Result<Rules, String> {
    let any = |index: u8, values: &[u64]| -> Result<Vec<SeccompRule>, String> {
        values.iter().map(|&value| equal(index, value)).collect()
    };
    let clone_flags = CLONE_FLAGS
        .iter()
        .map(|&flag| argument(0, SeccompCmpOp::MaskedEq(flag), flag));
    let options = [libc::PR_SET_DUMPABLE, libc::PR_SET_SECCOMP].map(|option| option as u64);
    let owners = [F_SETOWN, F_SETSIG, F_SETOWN_EX, F_SETLEASE, F_NOTIFY];
    // A datagram can be sent to any socket that has a name.
    let datagram = argument(1, SeccompCmpOp::MaskedEq(DATAGRAM), DATAGRAM)?;
    Ok(Rules::from([
        (libc::SYS_clone, clone_flags.collect::<Result<_, _>>()?),
        (libc::SYS_prctl, any(0, &options)?),
        (libc::SYS_fcntl, any(1, &owners)?),
        (
            libc::SYS_ioctl,
            any(1, &[FIOSETOWN, SIOCSPGRP, TIOCSTI, TIOCLINUX])?,
        ),
        (libc::SYS_socketpair, vec![datagram]),
        // Those of other processes, the grader among them.
        (libc::SYS_prlimit64, vec![other_than_self()?]),
        (libc::SYS_sched_setaffinity, vec![other_than_self()?]),
    ]))
}

fn other_than_self() -> Result<SeccompRule, String> {
    argument(0, SeccompCmpOp::Ne, 0)
}

fn equal(index: u8, value: u64) -> Result<SeccompRule, String> {
    argument(index, SeccompCmpOp::Eq, value)
}
