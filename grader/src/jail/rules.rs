//! Landlock: which files a program may reach, and no network.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, Ruleset, RulesetAttr, RulesetCreatedAttr,
    RulesetError, Scope, path_beneath_rules,
};

use crate::tracee::shared_names::SHM;

/// The newest that is asked for; the kernel's own may be older (landlock(7)).
const NEWEST: ABI = ABI::V7;

/// What every program may read and execute: the system, as it is installed.
const SYSTEM: [&str; 8] = [
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/nix/store",
];
/// What every program may read: how the system is set up, and what the C
/// libraries and interpreters look up in `/proc`. There Landlock itself keeps
/// processes from each other (landlock(7), ptrace restrictions).
const READ: [&str; 10] = [
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/nsswitch.conf",
    "/etc/passwd",
    "/etc/group",
    "/etc/alternatives",
    "/proc",
    "/sys/devices/system/cpu",
];
/// Devices that hold nothing.
const DEVICES: [&str; 5] = [
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
];
/// The files that one program may reach beyond those of the system.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// Folders to list, with what is below, but not to read files in.
    pub list: Vec<PathBuf>,
    /// To read and execute.
    pub read: Vec<PathBuf>,
    /// To read, execute and change.
    pub change: Vec<PathBuf>,
}

/// The rules for a program, ready to be put in force; `None` where the kernel
/// has no Landlock.
///
/// # Errors
/// If the kernel has Landlock and refuses a rule.
pub fn ruleset(reach: &Reach) -> Result<Option<OwnedFd>, RulesetError> {
    let execute = AccessFs::from_read(NEWEST);
    let read = execute & !AccessFs::Execute;
    let ruleset = Ruleset::default()
        .handle_access(AccessFs::from_all(NEWEST))?
        .handle_access(AccessNet::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))?
        .create()?
        .add_rules(path_beneath_rules(SYSTEM, execute))?
        .add_rules(path_beneath_rules(READ, read))?
        .add_rules(path_beneath_rules(DEVICES, device()))?
        .add_rules(path_beneath_rules([Path::new(SHM)], shm()))?
        .add_rules(path_beneath_rules(
            &reach.list,
            BitFlags::from(AccessFs::ReadDir),
        ))?
        .add_rules(path_beneath_rules(&reach.read, execute))?
        .add_rules(path_beneath_rules(&reach.change, execute | change()))?;
    Ok(ruleset.into())
}

fn device() -> BitFlags<AccessFs> {
    AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::Truncate | AccessFs::IoctlDev
}

/// It cannot be listed: the scratch folders there have names that cannot be
/// guessed.
fn shm() -> BitFlags<AccessFs> {
    AccessFs::ReadFile
        | AccessFs::WriteFile
        | AccessFs::Truncate
        | AccessFs::MakeReg
        | AccessFs::RemoveFile
}

/// Everything in a folder but devices.
fn change() -> BitFlags<AccessFs> {
    AccessFs::from_write(NEWEST) & !(AccessFs::MakeChar | AccessFs::MakeBlock | AccessFs::IoctlDev)
}
