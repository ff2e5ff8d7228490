//! What `/proc` tells about a tracee.

use std::fs::{self, File};
use std::io::{self, Read};
use std::ops::Range;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::str::Split;
use std::time::Duration;

use nix::unistd::Pid;

use crate::trace::MappedFile;

/// A process's state as in proc_pid_stat(5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProcState {
    /// Running or ready to run.
    Running,
    /// Sleeping until something wakes it or a signal comes.
    Sleeping,
    /// Sleeping, but not for signals.
    Uninterruptible,
    /// Stopped, by job control or by its tracer.
    Stopped,
    /// Dead, and not waited for.
    Zombie,
    /// No such process.
    Gone,
}

/// The start of a file of `/proc`, in one read: these files are looked at
/// often.
fn start(path: String, buffer: &mut [u8]) -> io::Result<&[u8]> {
    let length = File::open(path)?.read(buffer)?;
    Ok(&buffer[..length])
}

/// What `read` makes of the fields behind the name in a process's or thread's
/// `stat`, from the third on (proc_pid_stat(5)).
fn stat<T>(tid: Pid, read: impl FnOnce(Split<'_, char>) -> Option<T>) -> Option<T> {
    let mut buffer = [0; 512];
    let stat = start(format!("/proc/{tid}/stat"), &mut buffer).ok()?;
    // The name, in parentheses, may itself hold parentheses and spaces.
    let after_name = stat.iter().rposition(|&b| b == b')')? + 2;
    read(
        std::str::from_utf8(stat.get(after_name..)?)
            .ok()?
            .split(' '),
    )
}

/// The state of a process or thread.
#[must_use]
pub fn state(tid: Pid) -> ProcState {
    match stat(tid, |mut fields| fields.next()?.bytes().next()) {
        Some(b'S' | b'I') => ProcState::Sleeping,
        Some(b'D') => ProcState::Uninterruptible,
        Some(b'T' | b't') => ProcState::Stopped,
        Some(b'Z' | b'X') => ProcState::Zombie,
        Some(_) => ProcState::Running,
        None => ProcState::Gone,
    }
}

/// The processor time that a thread has used (fields 14 and 15 of
/// proc_pid_stat(5), in clock ticks). Its own clock is not to be had: the
/// kernel refuses other processes' per-thread clocks (`pid_for_clock` in
/// kernel/time/posix-cpu-timers.c).
#[must_use]
pub fn cpu_time(tid: Pid) -> Option<Duration> {
    let ticks = stat(tid, |mut fields| {
        let user: u64 = fields.nth(11)?.parse().ok()?;
        let system: u64 = fields.next()?.parse().ok()?;
        Some(user + system)
    })?;
    let hertz = nix::unistd::sysconf(nix::unistd::SysconfVar::CLK_TCK).ok()??;
    Some(Duration::from_millis(
        ticks * 1000 / hertz.max(1).unsigned_abs(),
    ))
}

/// Memory that a process has in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// Of its own.
    pub private_bytes: u64,
    /// Of files and shared with others.
    pub shared_bytes: u64,
}

/// The memory that a process has in use (proc_pid_statm(5), in pages).
#[must_use]
pub fn memory(pid: Pid) -> Option<Memory> {
    let mut buffer = [0; 128];
    let text = start(format!("/proc/{pid}/statm"), &mut buffer).ok()?;
    let mut fields = std::str::from_utf8(text).ok()?.split(' ').skip(1);
    let resident: u64 = fields.next()?.parse().ok()?;
    let shared: u64 = fields.next()?.parse().ok()?;
    let page = nix::unistd::sysconf(nix::unistd::SysconfVar::PAGE_SIZE).ok()??;
    let page = page.max(1).unsigned_abs();
    Some(Memory {
        private_bytes: resident.saturating_sub(shared) * page,
        shared_bytes: shared * page,
    })
}

/// How many threads a process has (field 20 of proc_pid_stat(5)); 0 if it is
/// gone.
#[must_use]
pub fn threads(pid: Pid) -> usize {
    stat(pid, |mut fields| fields.nth(17)?.parse().ok()).unwrap_or(0)
}

/// How many threads the processes of this one's user have together.
#[must_use]
pub fn own_threads() -> u64 {
    let user = nix::unistd::geteuid().as_raw();
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.metadata().is_ok_and(|meta| meta.uid() == user))
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .map(|pid| threads(Pid::from_raw(pid)) as u64)
        .sum()
}

/// The parent of a process.
#[must_use]
pub fn parent(pid: Pid) -> Option<Pid> {
    stat(pid, |mut fields| fields.nth(1)?.parse().ok()).map(Pid::from_raw)
}

/// All processes that can be seen.
pub fn all() -> impl Iterator<Item = Pid> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    numbers.map(Pid::from_raw)
}

/// All processes below `ancestor`, as far as they can be seen at a time.
#[must_use]
pub fn descendants(ancestor: Pid) -> Vec<Pid> {
    let processes: Vec<(Pid, Pid)> = all().filter_map(|pid| Some((pid, parent(pid)?))).collect();
    let mut found = vec![ancestor];
    let mut next = 0;
    while let Some(&above) = found.get(next) {
        let below = processes.iter().filter(|(_, parent)| *parent == above);
        found.extend(below.map(|(pid, _)| *pid));
        next += 1;
    }
    found.split_off(1)
}

/// True if the kernel has the thread off the processor inside a system call.
///
/// Reading `syscall` makes the kernel wait until the thread is really
/// descheduled (`task_current_syscall` in lib/syscall.c), so a thread that
/// was only preempted on its way to sleep does not count.
#[must_use]
pub fn asleep_in_call(tid: Pid) -> bool {
    match start(format!("/proc/{tid}/syscall"), &mut [0; 64]) {
        Ok(text) => text.first().is_some_and(u8::is_ascii_digit),
        // Without access (another uid), the state letter has to do.
        Err(_) => true,
    }
}

/// Whether it can be read which system call a process is in.
///
/// # Errors
/// The kernel's refusal.
pub fn readable_call(tid: Pid) -> io::Result<()> {
    start(format!("/proc/{tid}/syscall"), &mut [0; 64]).map(drop)
}

/// The number of the system call that a process sleeps in; `None` if it does
/// not, or if the kernel does not tell.
#[must_use]
pub fn call(tid: Pid) -> Option<i64> {
    let mut buffer = [0; 64];
    let text = start(format!("/proc/{tid}/syscall"), &mut buffer).ok()?;
    std::str::from_utf8(text)
        .ok()?
        .split(' ')
        .next()?
        .parse()
        .ok()
}

/// An open file description (open(2)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenFile {
    /// Where the next read or write begins, in bytes.
    pub position_bytes: u64,
    /// O_APPEND is set.
    pub append: bool,
}

/// The open file description behind a descriptor (proc_pid_fdinfo(5)).
#[must_use]
pub fn open_file(tid: Pid, fd: i64) -> Option<OpenFile> {
    let mut buffer = [0; 128];
    let text = start(format!("/proc/{tid}/fdinfo/{fd}"), &mut buffer).ok()?;
    let text = std::str::from_utf8(text).ok()?;
    let field = |name| {
        text.lines()
            .find_map(|line| line.strip_prefix(name))
            .map(str::trim)
    };
    let flags = i32::from_str_radix(field("flags:")?, 8).ok()?;
    Some(OpenFile {
        position_bytes: field("pos:")?.parse().ok()?,
        append: flags & libc::O_APPEND != 0,
    })
}

/// Device and inode of each file that a process has open, as far as it may be
/// seen.
#[must_use]
pub fn open_files(pid: Pid) -> Vec<(u64, u64)> {
    let descriptors = fs::read_dir(format!("/proc/{pid}/fd"));
    let descriptors = descriptors.into_iter().flatten().flatten();
    descriptors
        .filter_map(|entry| path_identity(&entry.path()))
        .collect()
}

/// Device and inode of the file behind a descriptor.
#[must_use]
pub fn file_identity(tid: Pid, fd: i64) -> Option<(u64, u64)> {
    path_identity(Path::new(&format!("/proc/{tid}/fd/{fd}")))
}

/// Device and inode of the file at a path.
#[must_use]
pub fn path_identity(path: &Path) -> Option<(u64, u64)> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
}

/// The files that a process has mapped, each from its lowest to its highest
/// mapping (proc_pid_maps(5)).
#[must_use]
pub fn mapped_files(pid: Pid) -> Vec<MappedFile> {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap_or_default();
    let mut files: Vec<MappedFile> = Vec::new();
    for line in maps.lines() {
        let Some((range, rest)) = line.split_once(' ') else {
            continue;
        };
        let Some((_, path)) = rest.split_once('/') else {
            continue;
        };
        let address = |hex| u64::from_str_radix(hex, 16).ok();
        let (Some(start), Some(end)) = (
            range.split('-').next().and_then(address),
            range.split('-').nth(1).and_then(address),
        ) else {
            continue;
        };
        let path = PathBuf::from(format!("/{path}"));
        match files.last_mut() {
            Some(last) if last.path == path => last.end = end,
            _ => files.push(MappedFile { start, end, path }),
        }
    }
    files
}

/// Where a process has mapped files that it may execute and not write to, with
/// MAP_PRIVATE (proc_pid_maps(5)).
#[must_use]
pub fn executable_files(pid: Pid) -> Vec<Range<u64>> {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap_or_default();
    maps.lines().filter_map(executable_file).collect()
}

/// Address range, permissions, offset, device, inode, path.
fn executable_file(line: &str) -> Option<Range<u64>> {
    let mut fields = line.split_ascii_whitespace();
    let (start, end) = fields.next()?.split_once('-')?;
    let permissions = fields.next()?;
    let inode = fields.nth(2)?;
    let address = |hex| u64::from_str_radix(hex, 16).ok();
    (permissions == "r-xp" && inode != "0").then_some(address(start)?..address(end)?)
}

/// Device and inode of each file that a process has mapped with MAP_SHARED
/// (proc_pid_maps(5)).
#[must_use]
pub fn shared_files(pid: Pid) -> Vec<(u64, u64)> {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap_or_default();
    maps.lines().filter_map(shared_file).collect()
}

/// Address range, permissions, offset, device, inode, path.
fn shared_file(line: &str) -> Option<(u64, u64)> {
    let mut fields = line.split_ascii_whitespace().skip(1);
    let permissions = fields.next()?;
    let (major, minor) = fields.nth(1)?.split_once(':')?;
    let inode = fields.next()?.parse().ok()?;
    let number = |hex| libc::c_uint::from_str_radix(hex, 16).ok();
    let device = libc::makedev(number(major)?, number(minor)?);
    permissions.ends_with('s').then_some((device, inode))
}

/// The descriptors of a process with what each refers to.
///
/// # Errors
/// If they may not be seen.
pub fn descriptors(pid: Pid) -> io::Result<Vec<(i64, PathBuf)>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(format!("/proc/{pid}/fd"))? {
        let entry = entry?;
        if let Some(number) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        {
            all.push((number, fs::read_link(entry.path())?));
        }
    }
    Ok(all)
}

/// What a descriptor of a tracee refers to, as the kernel names it:
/// a path, `pipe:[INODE]`, `socket:[INODE]`, `anon_inode:...`.
#[must_use]
pub fn descriptor(tid: Pid, fd: i64) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{tid}/fd/{fd}")).ok()
}
