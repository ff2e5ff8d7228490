//! The processes of this machine, as others see them.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// A process. Of one that is gone, or a zombie, nothing is known but its number.
pub struct Process {
    pub pid: i32,
}

impl Process {
    /// What it runs.
    pub fn program(&self) -> PathBuf {
        self.link("exe")
    }

    /// The folder that it works in.
    pub fn folder(&self) -> PathBuf {
        self.link("cwd")
    }

    /// The words that it was started with.
    pub fn arguments(&self) -> Vec<String> {
        self.strings("cmdline")
    }

    pub fn environment(&self) -> Vec<String> {
        self.strings("environ")
    }

    /// The name of its program, or what it calls itself.
    pub fn name(&self) -> String {
        let name = fs::read_to_string(self.entry("comm")).unwrap_or_default();
        name.trim().to_owned()
    }

    /// The files that it has open.
    pub fn files(&self) -> Vec<PathBuf> {
        let descriptors = fs::read_dir(self.entry("fd"));
        let descriptors = descriptors.into_iter().flatten().flatten();
        let link = |descriptor: fs::DirEntry| fs::read_link(descriptor.path()).ok();
        descriptors.filter_map(link).collect()
    }

    fn entry(&self, name: &str) -> PathBuf {
        Path::new("/proc").join(self.pid.to_string()).join(name)
    }

    fn link(&self, name: &str) -> PathBuf {
        fs::read_link(self.entry(name)).unwrap_or_default()
    }

    /// Those of a file in which each ends with a zero byte.
    fn strings(&self, name: &str) -> Vec<String> {
        let bytes = fs::read(self.entry(name)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        text.split_terminator('\0').map(str::to_owned).collect()
    }
}

impl fmt::Debug for Process {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stat = fs::read_to_string(self.entry("stat")).unwrap_or_default();
        let stat = stat.trim();
        write!(formatter, "{} {:?} {stat}", self.pid, self.arguments())
    }
}

/// All processes but this one.
pub fn processes() -> impl Iterator<Item = Process> {
    let entries = fs::read_dir("/proc").expect("this is Linux");
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let others = pids.filter(|pid| *pid != std::process::id().cast_signed());
    others.map(|pid| Process { pid })
}
