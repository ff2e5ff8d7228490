//! One round: the program writes into a FIFO, a slow reader reads.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::ExitStatusExt;
use std::time::{Duration, Instant};

use nix::unistd::Pid;

use super::leftovers::Leftovers;
use super::pace::{Pace, sleeps_for_a_time};
use super::session::{self, Doing, Member};
use super::storm::Storm;
use super::turns::Turn;
use crate::engine::usage::{self, TRACEES_MAX, Watch};
use crate::engine::{EngineError, Setup};
use crate::limit::Limit;
use crate::trace::ExitStatus;
use crate::tracee::guardian::{Ended, Guardian};
use crate::tracee::shared_names::SharedNames;
use crate::tracee::{proc, wait};

/// How much the reader takes at a time: less than the kernel needs to have
/// free before it wakes a writer up would not do (a page, pipe(7)).
const BITE_BYTES: usize = 4096;

/// Between two bites the storm strikes no time, once, twice, up to this often,
/// and then again no time: several strikes in a row hit the same write before
/// and after it has transferred something, and bites in a row let blocked
/// writers take turns.
const STRIKES_MAX: u32 = 5;

/// A last guard against programs that never end; no verdict of a program
/// that makes progress depends on it.
const NO_CHANGE_MAX: Duration = Duration::from_secs(10);

/// What a program may write into the FIFO; the longest records together have
/// less than a tenth of it.
const STREAM_MAX_BYTES: usize = 4 << 20;

/// What one round gave.
#[derive(Debug)]
pub struct Round {
    /// What came out of the FIFO.
    pub stream: Vec<u8>,
    /// How the first process ended; `None` if it had to be killed.
    pub status: Option<ExitStatus>,
    /// The limit that was reached.
    pub limit: Option<Limit>,
}

/// Runs the program once.
///
/// # Errors
/// [`EngineError`] if it cannot be started or the FIFO cannot be read.
pub fn run(setup: &Setup, round: u32) -> Result<Round, EngineError> {
    let kernel = |operation| move |cause| EngineError::Kernel { operation, cause };
    // Which names it uses is not seen here.
    let _names = SharedNames::take().map_err(kernel("wait for other graders"))?;
    setup
        .scratch
        .reset()
        .map_err(kernel("reset the scratch folder"))?;
    let fifo = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK)
        .open(setup.scratch.file_path())
        .map_err(kernel("open the FIFO"))?;
    let mut leftovers = Leftovers::before(setup.plan().identity());
    let mut guardian = setup.plan().start_native()?;
    let mut reader = Reader {
        fifo,
        stream: Vec::new(),
    };
    let end = drive(setup, &mut guardian, &mut reader, round, &mut leftovers);
    let left = match &end {
        Ok(End { limit: None, .. }) => {
            usage::over_in_folder(&pids(&session::members(guardian.pid())), &setup.scratch)
        }
        _ => None,
    };
    guardian.end().map_err(kernel("end the program"))?;
    leftovers.remove();
    let end = end.map_err(kernel("watch the program"))?;
    reader.drain().map_err(kernel("read the FIFO"))?;
    Ok(Round {
        stream: reader.stream,
        status: end.status,
        limit: end.limit.or(left),
    })
}

/// How a round ended.
struct End {
    status: Option<ExitStatus>,
    limit: Option<Limit>,
}

fn drive(
    setup: &Setup,
    guardian: &mut Guardian,
    reader: &mut Reader,
    round: u32,
    leftovers: &mut Leftovers,
) -> io::Result<End> {
    let mut watch = Watch::start();
    let mut storm = Storm::new(round);
    let mut status = None;
    let mut changed = Instant::now();
    let mut pace = Pace::default();
    let (mut strikes, mut bites): (u32, u32) = (0, round);
    // Whoever blocks is struck before anything is read from it.
    loop {
        if status.is_none() {
            status = guardian.ended()?.and_then(exit_status);
        }
        let members = session::members(guardian.pid());
        if status.is_some() && members.is_empty() {
            return Ok(End {
                status,
                limit: None,
            });
        }
        let limit = over(setup, &mut watch, &members, reader);
        if limit.is_some() {
            return Ok(End { status, limit });
        }
        members.iter().for_each(|member| leftovers.saw(member.pid));
        let quiet = pace.is_quiet(&members);
        if quiet {
            leftovers.look(&members);
        }
        let moved = quiet && {
            let due = strikes > 0 || storm.owes(&members);
            if due && storm.strike(&members) {
                strikes = strikes.saturating_sub(1);
                true
            } else {
                bites += 1;
                strikes = bites % (STRIKES_MAX + 1);
                let turn = Turn::give(&members, bites);
                let bitten = reader.bite()? > 0;
                turn.play();
                bitten
            }
        };
        if moved {
            changed = Instant::now();
            pace.moved();
        } else if status.is_some() && quiet && idle(&members) {
            // What is left behind is not this scenario's to judge.
            return Ok(End {
                status,
                limit: None,
            });
        } else if changed.elapsed() > NO_CHANGE_MAX {
            let sleeps = status.is_none() && members.iter().all(sleeps_for_a_time);
            let limit = sleeps.then_some(Limit::Wall);
            return Ok(End { status, limit });
        }
        wait::rest();
    }
}

/// In the words of traces.
fn exit_status(ended: Ended) -> Option<ExitStatus> {
    match ended {
        Ended::Exited(status) => Some(match (status.signal(), status.code()) {
            (Some(signal), _) => ExitStatus::Signalled(signal),
            (None, code) => ExitStatus::Exited(code.unwrap_or_default()),
        }),
        Ended::TooMany => None,
    }
}

/// The limit that has been reached.
fn over(setup: &Setup, watch: &mut Watch, members: &[Member], reader: &Reader) -> Option<Limit> {
    let pids = pids(members);
    let threads = pids.iter().map(|&pid| proc::threads(pid));
    if members.len() > TRACEES_MAX || threads.sum::<usize>() > TRACEES_MAX {
        return Some(Limit::Processes);
    }
    if reader.stream.len() > STREAM_MAX_BYTES {
        return Some(Limit::Output);
    }
    match watch.is_due() {
        true => watch.over(&pids, &setup.scratch),
        false => None,
    }
}

fn pids(members: &[Member]) -> Vec<Pid> {
    members.iter().map(|member| member.pid).collect()
}

/// True if everybody sleeps, and not only for a time.
fn idle(members: &[Member]) -> bool {
    let idle = |member: &Member| match member.doing {
        Doing::Asleep(_) => !sleeps_for_a_time(member),
        Doing::Stopped | Doing::Dead => true,
        Doing::Running => false,
    };
    members.iter().all(idle)
}

struct Reader {
    fifo: File,
    stream: Vec<u8>,
}

impl Reader {
    fn bite(&mut self) -> io::Result<usize> {
        let mut bite = [0; BITE_BYTES];
        match self.fifo.read(&mut bite) {
            Ok(count) => {
                self.stream.extend_from_slice(&bite[..count]);
                Ok(count)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            Err(error) => Err(error),
        }
    }

    fn drain(&mut self) -> io::Result<()> {
        while self.bite()? > 0 {}
        Ok(())
    }
}
