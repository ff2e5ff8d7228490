//! What a round leaves behind that would outlive its processes, in `/dev/shm`
//! and of System V. Calls are not seen here, so it is told by what the kernel
//! knows: a file that was not there before and that belongs to the round's own
//! user, if it has one, or else that one of its processes has had mapped or that
//! nobody has; an object that was not there before and that one of them has made
//! or used last. Others may make more of either meanwhile, and theirs stay.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::unistd::{Pid, geteuid};

use super::session::Member;
use crate::removal;
use crate::tracee::identity::Identity;
use crate::tracee::ipc::{FAMILIES, Family, Object};
use crate::tracee::proc;
use crate::tracee::shared_names::SHM;

/// The record of one round.
#[derive(Debug)]
pub(super) struct Leftovers {
    identity: Option<Identity>,
    files_before: BTreeSet<(u64, u64)>,
    objects_before: BTreeSet<Object>,
    pids: BTreeSet<Pid>,
    /// Those whose mappings have been looked at.
    looked_at: BTreeSet<Pid>,
    /// The files that they share, by device and inode: a semaphore's is mapped
    /// before it gets its name.
    mapped: BTreeSet<(u64, u64)>,
}

impl Leftovers {
    /// Begins the record of a round whose first process is about to start.
    pub fn before(identity: Option<Identity>) -> Self {
        Self {
            identity,
            files_before: files().into_iter().map(|(identity, _)| identity).collect(),
            objects_before: objects().collect(),
            pids: BTreeSet::new(),
            looked_at: BTreeSet::new(),
            mapped: BTreeSet::new(),
        }
    }

    /// A process of the round.
    pub fn saw(&mut self, pid: Pid) {
        self.pids.insert(pid);
    }

    /// Everybody has gone as far as it can: what they have mapped by now.
    pub fn look(&mut self, members: &[Member]) {
        for member in members {
            if self.looked_at.insert(member.pid) {
                self.mapped.extend(proc::shared_files(member.pid));
            }
        }
    }

    /// Removes what the round has left; none of its processes is alive.
    pub fn remove(self) {
        for (identity, path) in files() {
            if self.files_before.contains(&identity) {
                continue;
            }
            let own = match self.identity {
                Some(user) => user.owns(&path),
                None => path.is_file() && is_abandoned(identity, &path),
            };
            if own || self.mapped.contains(&identity) {
                let _ = match path.is_dir() {
                    true => removal::remove(&path),
                    false => fs::remove_file(path),
                };
            }
        }
        for object in objects().filter(|object| !self.objects_before.contains(object)) {
            if object.processes().iter().any(|pid| self.pids.contains(pid)) {
                object.remove();
            }
        }
    }
}

/// True for a file of the grader's own user that no process has open or mapped.
fn is_abandoned(identity: (u64, u64), path: &Path) -> bool {
    let ours = fs::metadata(path).is_ok_and(|meta| meta.uid() == geteuid().as_raw());
    ours && !proc::all().any(|pid| {
        proc::shared_files(pid).contains(&identity) || proc::open_files(pid).contains(&identity)
    })
}

/// What there is in `/dev/shm`, with its device and inode.
fn files() -> Vec<((u64, u64), PathBuf)> {
    let entries = fs::read_dir(SHM).into_iter().flatten();
    entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            Some((proc::path_identity(&path)?, path))
        })
        .collect()
}

fn objects() -> impl Iterator<Item = Object> {
    FAMILIES.into_iter().flat_map(Family::objects)
}
