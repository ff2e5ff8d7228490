//! What an execution makes outside its scratch folder and what would outlive
//! it there: files, those of shm_open(3) and sem_open(3) among them, and System
//! V semaphores. It is removed when the execution ends, so that the next one
//! starts without it. All else that could outlive it is refused
//! (`tracee/calls.rs`).
//!
//! Only what a tracee made itself is ever removed: what was not there when its
//! call began, and was there when the call returned.

use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::unistd::Pid;

use super::call::{self, Call};
use crate::operation::Object;
use crate::tracee::ipc::{Family, Object as SystemV};
use crate::tracee::proc;
use crate::tracee::shared_names::{SHM, SharedNames};
use crate::tracee::stop::{Registers, Stopped};

/// Device and inode.
type Identity = (u64, u64);

/// The record of one execution.
#[derive(Debug)]
pub(super) struct Made {
    scratch: PathBuf,
    /// Held from the first use of a name that the machine shares to the end.
    shared: Option<SharedNames>,
    pending: Option<Making>,
    /// In the order in which they were made.
    names: Vec<(PathBuf, Identity)>,
    objects: Vec<SystemV>,
}

/// What a call under way makes, if it succeeds.
#[derive(Debug)]
enum Making {
    /// An open makes a file, which the descriptor tells.
    Opened,
    /// A name, which the call refuses to make if it is there.
    Name(PathBuf),
    /// Another name for what one stands for.
    Renamed { ours: bool, to: PathBuf },
    /// A System V object.
    Object(Family),
}

impl Made {
    pub fn new(scratch: &Path) -> Self {
        Self {
            scratch: scratch.to_owned(),
            shared: None,
            pending: None,
            names: Vec::new(),
            objects: Vec::new(),
        }
    }

    /// A tracee is about to make this call; true if other graders had to be
    /// waited for.
    ///
    /// # Errors
    /// If the names that the machine shares cannot be had for this execution.
    pub fn entering(&mut self, stopped: &Stopped, call: &Call) -> io::Result<bool> {
        let takes = self.shared.is_none() && uses_shared_names(call);
        if takes {
            self.shared = Some(SharedNames::take()?);
        }
        self.pending = self.making(stopped, &call.registers);
        Ok(takes)
    }

    /// The call has returned.
    pub fn returned(&mut self, tid: Pid, result: i64) {
        let Some(making) = self.pending.take() else {
            return;
        };
        if result < 0 {
            return;
        }
        match making {
            Making::Opened => {
                if let Some(path) = proc::descriptor(tid, result) {
                    self.keep(path);
                }
            }
            Making::Name(path)
            | Making::Renamed {
                ours: true,
                to: path,
            } => self.keep(path),
            Making::Renamed { ours: false, .. } => {}
            Making::Object(family) => self.objects.push(SystemV {
                family,
                id: result as i32,
            }),
        }
    }

    fn keep(&mut self, path: PathBuf) {
        if self.is_inside(&path) {
            return;
        }
        if let Ok(made) = fs::symlink_metadata(&path) {
            self.names.push((path, (made.dev(), made.ino())));
        }
    }

    /// True for what the scratch folder is reset to be without.
    fn is_inside(&self, path: &Path) -> bool {
        path.starts_with(&self.scratch)
    }

    /// Removes all that was made. To be called when nobody is left who could
    /// make more.
    pub fn remove(&mut self) {
        for (path, was) in self.names.drain(..).rev() {
            let Ok(now) = fs::symlink_metadata(&path) else {
                continue;
            };
            if was == (now.dev(), now.ino()) {
                let _ = match now.is_dir() {
                    true => fs::remove_dir(&path),
                    false => fs::remove_file(&path),
                };
            }
        }
        self.objects.drain(..).for_each(SystemV::remove);
        self.shared = None;
    }

    fn making(&self, stopped: &Stopped, registers: &Registers) -> Option<Making> {
        let a = call::arguments(registers);
        let here = libc::AT_FDCWD as u64;
        let path = |folder: u64, path: u64| real_path(stopped, folder, path);
        let name = |folder, at| path(folder, at).map(Making::Name);
        let renamed = |folder, from, to_folder, to| {
            let from = path(folder, from)?;
            let ours = self.is_inside(&from) || self.names.iter().any(|(known, _)| *known == from);
            let to = path(to_folder, to)?;
            Some(Making::Renamed { ours, to })
        };
        match call::number(registers) {
            libc::SYS_open => opened(stopped, here, a[0], a[1]),
            libc::SYS_creat => opened(stopped, here, a[0], libc::O_CREAT as u64),
            libc::SYS_openat => opened(stopped, a[0], a[1], a[2]),
            // The flags are the first word of struct open_how (openat2(2)).
            libc::SYS_openat2 => opened(stopped, a[0], a[1], stopped.read_u64(a[2]).ok()?),
            libc::SYS_mkdir | libc::SYS_mknod => name(here, a[0]),
            libc::SYS_mkdirat | libc::SYS_mknodat => name(a[0], a[1]),
            libc::SYS_symlink | libc::SYS_link => name(here, a[1]),
            libc::SYS_symlinkat => name(a[1], a[2]),
            libc::SYS_linkat => name(a[2], a[3]),
            libc::SYS_rename => renamed(here, a[0], here, a[1]),
            libc::SYS_renameat | libc::SYS_renameat2 => renamed(a[0], a[1], a[2], a[3]),
            libc::SYS_semget => object(Family::Semaphores, a[0], a[2]),
            _ => None,
        }
    }
}

/// True for a call by a name that is the same for every process of the machine.
fn uses_shared_names(call: &Call) -> bool {
    let in_shm = |path: &String| path.starts_with(SHM);
    call::number(&call.registers) == libc::SYS_semget
        || matches!(&call.operation.object, Object::Path(path) if in_shm(path))
}

/// An open that makes a file: one that may, and where there is none.
fn opened(stopped: &Stopped, folder: u64, path: u64, flags: u64) -> Option<Making> {
    if flags & libc::O_CREAT as u64 == 0 {
        return None;
    }
    // Followed to its end, as open(2) follows it.
    let exists = named(stopped, folder, path)?.try_exists();
    // What cannot be seen may be there.
    matches!(exists, Ok(false)).then_some(Making::Opened)
}

fn object(family: Family, key: u64, flags: u64) -> Option<Making> {
    let key = key as libc::key_t;
    let makes =
        key == libc::IPC_PRIVATE || flags & libc::IPC_CREAT as u64 != 0 && !family.holds(key);
    makes.then_some(Making::Object(family))
}

/// A path that a tracee names, as it can be had from here.
fn named(stopped: &Stopped, folder: u64, path: u64) -> Option<PathBuf> {
    let tid = stopped.tid();
    let folder = match folder as i32 {
        libc::AT_FDCWD => PathBuf::from(format!("/proc/{tid}/cwd")),
        fd => PathBuf::from(format!("/proc/{tid}/fd/{fd}")),
    };
    Some(folder.join(text(stopped, path)?))
}

/// A path that a tracee names, from the root on and without links above its
/// last part.
fn real_path(stopped: &Stopped, folder: u64, path: u64) -> Option<PathBuf> {
    let path = named(stopped, folder, path)?;
    // The kernel goes down once and says where it is; `fs::canonicalize` goes
    // down again for each part.
    let flags = libc::O_PATH | libc::O_DIRECTORY;
    let above = OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(path.parent()?)
        .ok()?;
    let above = fs::read_link(format!("/proc/self/fd/{}", above.as_raw_fd())).ok()?;
    Some(above.join(path.file_name()?))
}

fn text(stopped: &Stopped, address: u64) -> Option<PathBuf> {
    let bytes = stopped.read_string(address).ok()?;
    Some(PathBuf::from(OsStr::from_bytes(&bytes)))
}
