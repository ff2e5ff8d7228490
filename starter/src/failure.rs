//! What went wrong, in words. Given: nothing to repair here.

use std::fmt;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use nix::errno::Errno;

/// Why the job could not be done.
#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    /// The system said `errno` when we tried `action` ("cannot fork").
    pub fn new(action: &str, errno: Errno) -> Self {
        Self(format!("{action}: {errno}"))
    }

    /// The system said `errno` when we tried `action` ("cannot open") on
    /// `file`.
    pub fn on_file(action: &str, file: &Path, errno: Errno) -> Self {
        Self(format!("{action} {}: {errno}", file.display()))
    }

    /// Says so on stderr, as `PROGRAM: WHAT HAPPENED`, in a single write, so
    /// that the messages of two processes do not mix.
    pub fn report(&self) {
        let name = std::env::args_os().next().unwrap_or_default();
        let name = Path::new(&name).file_name().unwrap_or_default();
        let message = format!("{}: {self}\n", name.display());
        // Should stderr be closed, there is nobody left to tell.
        let _ = std::io::stderr().write_all(message.as_bytes());
    }
}

/// The exit status that tells how it went; a failure is reported as well.
pub fn exit_code(result: Result<(), Failure>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.report();
            ExitCode::FAILURE
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
