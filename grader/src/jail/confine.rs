//! The walls around one program.

use std::io;
use std::path::Path;

use super::held::{SignalGuard, guard};
use super::job;
use super::rules::{Reach, ruleset};
use super::toolchain;
use crate::tracee::confinement::{Calls, Confinement};
use crate::tracee::filter::Signals;
use crate::tracee::spawn::Control;

/// A program, and what it may read.
#[derive(Debug, Clone, Copy)]
pub struct Program<'a> {
    /// The file that is executed.
    pub path: &'a Path,
    /// The folder that was handed in with it, if one was.
    pub folder: Option<&'a Path>,
}

impl<'a, P: AsRef<Path> + ?Sized> From<&'a P> for Program<'a> {
    fn from(path: &'a P) -> Self {
        Self {
            path: path.as_ref(),
            folder: None,
        }
    }
}

/// Whether a program is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Walls {
    /// As every submission is.
    Up,
    /// Not at all, to measure what that costs.
    Down,
}

/// What holds `program` to the system's files, its own and those in `scratch`,
/// which alone it may change.
///
/// # Errors
/// If the kernel has Landlock and refuses it.
pub fn confine(
    program: Program<'_>,
    scratch: &Path,
    control: Control,
    walls: Walls,
) -> io::Result<Confinement> {
    if walls == Walls::Down {
        return Ok(Confinement::none());
    }
    let mut reach = Reach {
        read: toolchain::folders(),
        change: vec![scratch.to_owned()],
        ..Reach::default()
    };
    reach.read.push(program.path.to_owned());
    reach.read.extend(program.folder.map(Path::to_owned));
    let identity = job::identity(program.path, control).ok();
    let signals = match guard(identity.is_some()) {
        SignalGuard::Landlock | SignalGuard::OwnUser => Signals::Allowed,
        SignalGuard::Filter => Signals::Refused,
    };
    Ok(Confinement {
        ruleset: ruleset(&reach).map_err(io::Error::other)?,
        identity,
        signals,
        calls: Calls::Known,
    })
}
