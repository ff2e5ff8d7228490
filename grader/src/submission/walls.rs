//! Where a build runs: behind walls, with an environment that holds nothing of
//! the grader's, and with a folder for temporary files that goes with it.

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use crate::error::{Error, Result};
use crate::jail::{self, Reach};
use crate::temporary::Temporary;
use crate::tracee::confinement::Confinement;

/// What a build may know of the grader's environment: where its tools are.
const HANDED_ON: [&str; 2] = ["PATH", "RUSTUP_TOOLCHAIN"];

/// The folder that a build has to itself.
#[derive(Debug)]
pub struct Scratch(Temporary);

impl Scratch {
    /// Makes one.
    pub fn new() -> Result<Self> {
        Temporary::new(&env::temp_dir(), "process-sync-build-", 0o700)
            .map(Self)
            .map_err(|cause| Error::grader("create a folder for building", cause))
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// `program` with the environment of every build and no arguments.
    pub fn command(&self, program: OsString) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("HOME", self.path())
            .env("TMPDIR", self.path())
            .env("LC_ALL", "C")
            .env("RUSTUP_AUTO_INSTALL", "0");
        for name in HANDED_ON {
            command.envs(env::var_os(name).map(|value| (name, value)));
        }
        command.envs(jail::cargo_home().map(|home| ("CARGO_HOME", home)));
        command.envs(jail::rustup_home().map(|home| ("RUSTUP_HOME", home)));
        command
    }

    /// The walls that leave `reach`, and this folder to be changed.
    pub fn walls(&self, mut reach: Reach) -> Result<Confinement> {
        reach.change.push(self.path().to_owned());
        jail::confine_build(reach)
            .map_err(|cause| Error::grader("put up walls around the build", cause))
    }
}
