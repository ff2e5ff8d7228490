//! Runs a build: output captured and capped, a deadline, and no process of
//! it left when it is over.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::tracee::confinement::Confinement;
use crate::tracee::guardian::{self, Ended, Guardian};

/// How often the end of the command is looked for while it is silent.
const TICK_MS: u16 = 20;
/// How long what is in the pipes is read after the command has ended, should
/// something it left behind go on writing.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// By itself.
    Exited(ExitStatus),
    /// It was killed, as the deadline had passed.
    Deadline,
    /// It was killed, as it had more than [`guardian::PROCESSES_MAX`] processes.
    Processes,
}

/// What a command said and how it ended.
#[derive(Debug)]
pub struct Captured {
    /// How it ended.
    pub end: End,
    /// The beginning of its standard output.
    pub stdout: Capped,
    /// The beginning of its standard error.
    pub stderr: Capped,
}

/// The first bytes of a stream, and how many more there were.
#[derive(Debug)]
pub struct Capped {
    /// What was kept.
    pub kept: Vec<u8>,
    /// How many bytes were dropped.
    pub dropped: usize,
    limit_bytes: usize,
}

impl Capped {
    const fn new(limit_bytes: usize) -> Self {
        Self {
            kept: Vec::new(),
            dropped: 0,
            limit_bytes,
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        let room = (self.limit_bytes - self.kept.len()).min(bytes.len());
        self.kept.extend_from_slice(&bytes[..room]);
        self.dropped += bytes.len() - room;
    }
}

/// Runs `command` behind the walls of `confinement`, without standard input,
/// and keeps at the most `limit_bytes` of each output stream. At its end or at
/// the deadline, whichever comes first, all of its descendants are killed.
pub fn run(
    command: &mut Command,
    confinement: Confinement,
    deadline: Duration,
    limit_bytes: usize,
) -> io::Result<Captured> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let (mut guardian, mut child) = guardian::spawn(command, confinement)?;
    let mut streams = [
        Stream::new(child.stdout.take().map(OwnedFd::from), limit_bytes),
        Stream::new(child.stderr.take().map(OwnedFd::from), limit_bytes),
    ];
    let ended = read_until_end(&mut guardian, &mut streams, deadline);
    guardian.end()?;
    let [stdout, stderr] = streams.map(|stream| stream.capped);
    Ok(Captured {
        end: ended?,
        stdout,
        stderr,
    })
}

/// Reads until the command has ended and the pipes are empty, or is to be ended.
/// The pipes need not be closed by then: a process that the command left behind
/// may hold them.
fn read_until_end(
    guardian: &mut Guardian,
    streams: &mut [Stream; 2],
    deadline: Duration,
) -> io::Result<End> {
    let mut end = Instant::now() + deadline;
    let mut ended = None;
    loop {
        // Looked at before the pipes are read: what the command wrote before
        // it ended is then read for sure.
        if ended.is_none() {
            ended = guardian.ended()?;
            if ended.is_some() {
                end = Instant::now() + LAST_WORDS;
            }
        }
        let patience_ms = if ended.is_some() { 0 } else { TICK_MS };
        let silent = !read_some(streams, patience_ms)?;
        if (ended.is_some() && silent) || Instant::now() >= end {
            return Ok(match ended {
                None => End::Deadline,
                Some(Ended::TooMany) => End::Processes,
                Some(Ended::Exited(status)) => End::Exited(status),
            });
        }
    }
}

/// Reads from each pipe that has something, after waiting for it; false if
/// there was nothing.
fn read_some(streams: &mut [Stream; 2], patience_ms: u16) -> io::Result<bool> {
    let pipes: Vec<&File> = streams.iter().filter_map(|s| s.pipe.as_ref()).collect();
    let mut polled: Vec<PollFd> = pipes
        .iter()
        .map(|pipe| PollFd::new(pipe.as_fd(), PollFlags::POLLIN))
        .collect();
    match poll(&mut polled, PollTimeout::from(patience_ms)) {
        Ok(0) | Err(Errno::EINTR) => return Ok(false),
        Ok(_) => {}
        Err(error) => return Err(error.into()),
    }
    let ready: Vec<bool> = polled.iter().map(|fd| fd.any().unwrap_or(true)).collect();
    let open = streams.iter_mut().filter(|stream| stream.pipe.is_some());
    for (stream, ready) in open.zip(ready) {
        if ready {
            stream.read()?;
        }
    }
    Ok(true)
}

/// One of the command's output streams.
struct Stream {
    /// `None` once it has been closed.
    pipe: Option<File>,
    capped: Capped,
}

impl Stream {
    fn new(pipe: Option<OwnedFd>, limit_bytes: usize) -> Self {
        Self {
            pipe: pipe.map(File::from),
            capped: Capped::new(limit_bytes),
        }
    }

    fn read(&mut self) -> io::Result<()> {
        let Some(pipe) = &mut self.pipe else {
            return Ok(());
        };
        let mut buffer = [0; 16 * 1024];
        match pipe.read(&mut buffer) {
            Ok(0) => self.pipe = None,
            Ok(length) => self.capped.push(&buffer[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, deadline: Duration) -> Captured {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        run(&mut command, Confinement::none(), deadline, 1000).expect("there is a shell")
    }

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn both_streams_are_kept_up_to_the_limit() {
        let captured = shell("echo out; yes | head -c 300000 >&2; exit 3", LONG);
        assert!(matches!(captured.end, End::Exited(status) if status.code() == Some(3)));
        assert_eq!(captured.stdout.kept, b"out\n");
        assert_eq!(captured.stderr.kept.len(), 1000);
        assert_eq!(captured.stderr.dropped, 299_000);
    }

    #[test]
    fn the_deadline_ends_the_whole_group() {
        let start = Instant::now();
        let captured = shell("sleep 50 & echo $!; sleep 50", Duration::from_millis(300));
        assert_eq!(captured.end, End::Deadline);
        assert!(start.elapsed() < LONG / 3);
        assert_gone(&captured);
    }

    #[test]
    fn what_is_left_behind_is_not_waited_for() {
        let captured = shell("sleep 50 & echo $!", LONG / 3);
        assert!(matches!(captured.end, End::Exited(status) if status.success()));
        assert_gone(&captured);
    }

    #[test]
    fn a_session_of_its_own_is_no_way_out() {
        let captured = shell("setsid sh -c 'echo $$; exec sleep 50' & sleep 0.5", LONG);
        assert!(matches!(captured.end, End::Exited(status) if status.success()));
        assert_gone(&captured);
    }

    #[test]
    fn a_fork_bomb_is_ended() {
        let captured = shell("bomb() { bomb & bomb & wait; }; bomb", LONG);
        assert_eq!(captured.end, End::Processes);
    }

    /// The process whose number was printed is gone, or at least dead: killed
    /// before, it may need a moment of the processor to die.
    fn assert_gone(captured: &Captured) {
        let printed = String::from_utf8_lossy(&captured.stdout.kept);
        let path = format!("/proc/{}/stat", printed.trim());
        let end = Instant::now() + LONG;
        loop {
            match std::fs::read_to_string(&path) {
                Ok(stat) if !stat.contains(" Z ") => assert!(Instant::now() < end, "{stat}"),
                Ok(_) | Err(_) => return,
            }
            std::thread::yield_now();
        }
    }
}
