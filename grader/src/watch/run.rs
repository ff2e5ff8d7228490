//! A grading under way: a grader of its own, which can be ended.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::Sender;
use std::thread::{self, JoinHandle};

use super::session::Input;
use crate::place::{Place, scratch};
use crate::report::stream::Told;

/// The most that is kept of what a grader says on standard error.
const MESSAGE_MAX_BYTES: u64 = 64 * 1024;

/// How a submission is graded, each time.
#[derive(Debug)]
pub(crate) struct Grader {
    /// The submission, as the user named it.
    pub path: PathBuf,
    /// Further arguments of `grade`.
    pub arguments: Vec<OsString>,
}

/// A grading under way. Whoever drops it ends the grader, and with it all that
/// this has started.
#[derive(Debug)]
pub(super) struct Running {
    child: Child,
    place: Place,
    said: Option<JoinHandle<String>>,
}

impl Grader {
    /// Begins a grading, which sends what it tells to `inputs` under this
    /// number.
    ///
    /// # Errors
    /// If there is no room for a copy, or no grader can be started.
    pub(super) fn begin(&self, number: u64, inputs: &Sender<Input>) -> io::Result<Running> {
        let place = place(&self.path)?;
        let mut command = Command::new(std::env::current_exe()?);
        // A lost mark names the command as the user did.
        if let Some(name) = std::env::args_os().next() {
            command.arg0(name);
        }
        command.args(["grade", "--format", "json", "--events", "--end-with-parent"]);
        command.args(&self.arguments);
        command.arg("--").arg(place.path());
        command.stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        if let Some(told) = child.stdout.take() {
            let inputs = inputs.clone();
            thread::spawn(move || {
                for line in BufReader::new(told).lines().map_while(Result::ok) {
                    if let Ok(told) = serde_json::from_str(&line) {
                        let _ = inputs.send(Input::Told(number, told));
                    }
                }
                let _ = inputs.send(Input::Ended(number));
            });
        }
        let said = child.stderr.take();
        Ok(Running {
            child,
            place,
            said: said.map(|said| thread::spawn(move || kept(said))),
        })
    }
}

impl Running {
    /// What was told, with the submission's own name in it.
    pub fn renamed(&self, told: Told) -> Told {
        match told {
            Told::Built(output) => Told::Built(self.place.forgotten_in(&output)),
            Told::Scenario(scenario) => {
                for witness in &scenario.witnesses {
                    // At worst it has to be replayed with its submission named.
                    let _ = self.place.forgotten_by(witness);
                }
                Told::Scenario(scenario)
            }
            told => told,
        }
    }

    /// How it ended, and what it said.
    ///
    /// # Errors
    /// If that cannot be known.
    pub fn end(mut self) -> io::Result<(ExitStatus, String)> {
        let status = self.child.wait()?;
        let said = self.said.take().map(JoinHandle::join);
        let said = said.and_then(Result::ok).unwrap_or_default();
        Ok((status, self.place.forgotten_in(said.trim())))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The kernel ends its tracees with it, its guardians their builds.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What is graded: a copy of what was saved, so that it can be saved again
/// meanwhile, and that what make leaves is no reason to grade again. A Cargo
/// package is graded where it stands: cargo changes nothing but its target
/// folder, which makes the next build a short one.
fn place(given: &Path) -> io::Result<Place> {
    match !given.exists() || given.join("Cargo.toml").is_file() {
        true => Ok(Place::here(given)),
        false => Place::copied(given, scratch()?),
    }
}

/// The beginning of all that is said.
fn kept(mut stream: impl Read) -> String {
    let mut bytes = Vec::new();
    let _ = stream
        .by_ref()
        .take(MESSAGE_MAX_BYTES)
        .read_to_end(&mut bytes);
    let _ = io::copy(&mut stream, &mut io::sink());
    String::from_utf8_lossy(&bytes).into_owned()
}
