//! Where a report goes. A reader that has gone away is no reason to panic,
//! and no fault of the student's.

use std::io::{ErrorKind, Write};

use crate::error::{Error, Result};

/// A stream that remembers its first error instead of returning it with
/// every write: a sink of events has nobody to return it to.
#[derive(Debug)]
pub struct Output<W> {
    stream: W,
    state: State,
}

#[derive(Debug)]
enum State {
    Open,
    /// Nobody reads any more (EPIPE); the rest is dropped in silence.
    Closed,
    Failed(std::io::Error),
}

impl Output<anstream::AutoStream<std::io::Stdout>> {
    /// Standard output; colours are taken out where they do not belong
    /// (`NO_COLOR`, `TERM=dumb`, not a terminal).
    #[must_use]
    pub fn stdout() -> Self {
        Self::new(anstream::AutoStream::auto(std::io::stdout()))
    }
}

impl Output<std::io::Stderr> {
    /// Standard error, without colours.
    #[must_use]
    pub fn stderr() -> Self {
        Self::new(std::io::stderr())
    }
}

impl<W: Write> Output<W> {
    /// Writes to `stream`.
    pub const fn new(stream: W) -> Self {
        Self {
            stream,
            state: State::Open,
        }
    }

    /// Writes `text`, unless an earlier write has failed.
    pub fn print(&mut self, text: &str) {
        if !matches!(self.state, State::Open) {
            return;
        }
        let written = self
            .stream
            .write_all(text.as_bytes())
            .and_then(|()| self.stream.flush());
        if let Err(error) = written {
            self.state = match error.kind() {
                ErrorKind::BrokenPipe => State::Closed,
                _ => State::Failed(error),
            };
        }
    }

    /// The stream itself.
    #[cfg(test)]
    pub fn into_inner(self) -> W {
        self.stream
    }

    /// Says whether all went well. A closed pipe counts as well: whoever
    /// reads decides how much.
    ///
    /// # Errors
    /// The first error, such as a full disk.
    pub fn finish(self) -> Result<()> {
        match self.state {
            State::Open | State::Closed => Ok(()),
            State::Failed(error) => Err(Error::grader("write the report", error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Failing(ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_closed_pipe_is_no_error() {
        let mut output = Output::new(Failing(ErrorKind::BrokenPipe));
        output.print("a");
        output.print("b");
        assert!(output.finish().is_ok());
    }

    #[test]
    fn a_full_disk_is_an_error() {
        let mut output = Output::new(Failing(ErrorKind::StorageFull));
        output.print("a");
        let error = output.finish().expect_err("the write failed");
        assert!(
            error
                .to_string()
                .starts_with("grader error: write the report: ")
        );
    }
}
