//! Whether the submission starts at all, asked once before it is graded.

use std::io;
use std::path::Path;

use super::grading::fatal;
use crate::engine::{Scratch, Setup, execute};
use crate::error::{Error, Result};
use crate::explore::{Bounds, Exhaustive};
use crate::fault::FaultPlan;
use crate::jail::Program;
use crate::spec::types::File;
use crate::trace::ExitStatus;

/// The status that a shell and the dynamic loader give for "cannot execute".
const CANNOT_EXECUTE: i32 = 127;
/// The dynamic loader's own words (elf/dl-load.c and elf/dl-lookup.c in
/// glibc; ldso/dynlink.c in musl).
const LOADER_COMPLAINTS: [&str; 4] = [
    "error while loading shared libraries",
    "Error loading shared library",
    "Error relocating",
    "symbol lookup error",
];

/// Starts the program once, without arguments.
///
/// # Errors
/// [`Error::Submission`] if it does not get as far as its own code.
pub(super) fn check(submission: &Path, program: Program<'_>) -> Result<()> {
    let set_up = |cause| Error::grader("set the program up", cause);
    let scratch = Scratch::with_file(&File::MISSING).map_err(set_up)?;
    let setup = Setup::of_program(program, &[], scratch).map_err(set_up)?;
    let bounds = Bounds {
        preemptions: None,
        executions: 1,
        faults: FaultPlan::default(),
    };
    let execution = match execute(&setup, &mut Exhaustive::new(bounds)) {
        Ok(execution) => execution,
        Err(error) => {
            fatal(submission, &error)?;
            return Err(Error::grader("start the program", error));
        }
    };
    let Some(execution) = execution else {
        return Ok(());
    };
    let stderr = String::from_utf8_lossy(&execution.stderr).into_owned();
    let complaint = LOADER_COMPLAINTS
        .iter()
        .any(|complaint| stderr.contains(complaint));
    if complaint && execution.exit() == Some(ExitStatus::Exited(CANNOT_EXECUTE)) {
        return Err(Error::Submission {
            path: submission.to_owned(),
            what: "start",
            cause: stderr.trim().escape_debug().to_string(),
            help: "install the library on the machine that grades, or link it statically"
                .to_owned(),
        });
    }
    Ok(())
}

/// The error for a program that the kernel refuses to execute.
pub(super) fn refused(submission: &Path, cause: &io::Error) -> Error {
    let help = match cause.raw_os_error() {
        Some(libc::ENOENT) => {
            "the file is there, but not the interpreter that it names: install that, or link \
             statically"
        }
        Some(libc::ENOEXEC) => {
            "it is no program of this machine: build it for x86-64 Linux, or begin a script with \
             `#!`"
        }
        Some(libc::EACCES) => {
            "make it executable: chmod +x; a script's interpreter has to be installed with the \
             system or stand in a folder of the grader's PATH, as nothing else can be read"
        }
        _ => "run it by hand to see what is wrong",
    };
    Error::Submission {
        path: submission.to_owned(),
        what: "start",
        cause: cause.to_string(),
        help: help.to_owned(),
    }
}
