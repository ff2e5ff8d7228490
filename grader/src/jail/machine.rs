//! What this machine gives, tier by tier, each part tried for real.

use std::fs;
use std::path::PathBuf;

use serde::Serialize;

use super::held::landlock;
use super::job;
use crate::tracee::probe;

/// Whether a part of a tier is there.
#[derive(Debug, Clone, Serialize)]
pub struct Part {
    /// What it is.
    pub what: &'static str,
    /// True if it works here.
    pub works: bool,
    /// More about it: a version, or why not.
    pub detail: String,
    /// True if nothing can be graded without it.
    pub needed: bool,
}

/// A tier of what can hold a program.
#[derive(Debug, Clone, Serialize)]
pub struct Tier {
    /// `T0` to `T3`.
    pub tier: &'static str,
    /// What it is, in a few words.
    pub title: &'static str,
    /// True if the grader makes use of it where it is there.
    pub used: bool,
    /// Its parts.
    pub parts: Vec<Part>,
}

impl Tier {
    /// True if all of it is there.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.parts.iter().all(|part| part.works)
    }
}

/// Looks at everything.
#[must_use]
pub fn tiers() -> Vec<Tier> {
    vec![
        Tier {
            tier: "T0",
            title: "without any privilege",
            used: true,
            parts: unprivileged(),
        },
        Tier {
            tier: "T1",
            title: "a user of its own for each grading",
            used: true,
            parts: vec![tried(
                "another user's processes can be traced",
                job::available(),
            )],
        },
        Tier {
            tier: "T2",
            title: "namespaces of its own",
            used: false,
            parts: namespaces(),
        },
        Tier {
            tier: "T3",
            title: "limits on all of its processes together",
            used: false,
            parts: vec![tried("a control group can be made (cgroup v2)", cgroup())],
        },
    ]
}

fn unprivileged() -> Vec<Part> {
    let landlock = landlock();
    let newer = |since: &str| format!("since Linux {since}");
    let version = landlock.files.unwrap_or(0);
    vec![
        needed(tried(
            "processes can be traced, and are read by their tracer",
            probe::traces(None).map_err(|cause| cause.to_string()),
        )),
        needed(part(
            "system calls can be filtered (seccomp)",
            probe::filters_hold(),
            String::new(),
        )),
        needed(part(
            "descriptors can be closed together (close_range)",
            probe::closes_descriptors(),
            newer("5.11"),
        )),
        part(
            "files are held by Landlock",
            landlock.files.is_some(),
            match landlock.files {
                Some(version) => format!("version {version}"),
                None => newer("5.13, where it is switched on"),
            },
        ),
        part("Landlock refuses TCP as well", version >= 4, newer("6.7")),
        part("Landlock keeps signals in", landlock.signals, newer("6.12")),
    ]
}

fn namespaces() -> Vec<Part> {
    // Whoever is not root has to have a user namespace first.
    let user = libc::CLONE_NEWUSER;
    let with = |kind| probe::leaves_for(kind) || probe::leaves_for(user | kind);
    vec![
        part("user", probe::leaves_for(user), String::new()),
        part("mount", with(libc::CLONE_NEWNS), String::new()),
        part("process ids", with(libc::CLONE_NEWPID), String::new()),
        part("network", with(libc::CLONE_NEWNET), String::new()),
        part("System V objects", with(libc::CLONE_NEWIPC), String::new()),
    ]
}

/// Makes a group below this process's own and removes it again.
fn cgroup() -> Result<(), String> {
    let own = fs::read_to_string("/proc/self/cgroup").map_err(|cause| cause.to_string())?;
    let own = own.lines().find_map(|line| line.strip_prefix("0::/"));
    let folder = PathBuf::from("/sys/fs/cgroup").join(own.ok_or("only version 1 is mounted")?);
    // Version 1 has a folder there too, of no use.
    if !folder.join("cgroup.controllers").exists() {
        return Err("only version 1 is mounted".to_owned());
    }
    let group = folder.join(format!("grader-{}", std::process::id()));
    fs::create_dir(&group).map_err(|cause| cause.to_string())?;
    let whole = group.join("cgroup.kill").exists();
    fs::remove_dir(&group).map_err(|cause| cause.to_string())?;
    match whole {
        true => Ok(()),
        false => Err("it has no cgroup.kill".to_owned()),
    }
}

fn part(what: &'static str, works: bool, detail: String) -> Part {
    Part {
        what,
        works,
        detail,
        needed: false,
    }
}

fn tried(what: &'static str, result: Result<(), String>) -> Part {
    part(what, result.is_ok(), result.err().unwrap_or_default())
}

fn needed(part: Part) -> Part {
    Part {
        needed: true,
        ..part
    }
}
