//! The session: what is saved, pressed and told comes in, what there is to say
//! goes out.

use std::io::Write;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::files::{Contents, Files};
use super::grading::Grading;
use super::keys::{self, Key};
use super::run::{Grader, Running};
use super::show;
use crate::error::{Error, Result};
use crate::exit_code::ExitCode;
use crate::report::escape;
use crate::report::output::Output;
use crate::report::stream::Told;

/// Nothing may have been saved for so long before it is graded: an editor or a
/// compiler writes several times.
const QUIET: Duration = Duration::from_millis(150);

/// What comes in.
#[derive(Debug)]
pub(super) enum Input {
    /// Something was saved.
    Saved,
    /// A key was pressed.
    Key(Key),
    /// The grading of this number told something.
    Told(u64, Told),
    /// The grading of this number tells nothing more.
    Ended(u64),
}

/// Whether it goes on.
#[derive(Debug, PartialEq, Eq)]
enum Then {
    GoOn,
    End,
}

/// Grades until the user ends it.
///
/// # Errors
/// What would hit every grading alike.
pub(crate) fn watch(grader: Grader, output: &mut Output<impl Write>) -> Result<()> {
    let (sender, inputs) = mpsc::channel();
    let files = Files::new(&grader.path, sender.clone())?;
    let _raw = keys::listen(&sender)?;
    let progress = ProgressBar::with_draw_target(None, ProgressDrawTarget::stdout());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
        progress.set_style(style);
    }
    let mut session = Session {
        grader,
        files,
        output,
        progress,
        sender,
        number: 0,
        contents: None,
        running: None,
        told: Grading::default(),
        last: None,
        shown: None,
    };
    let ended = session.run(&inputs);
    session.progress.finish_and_clear();
    ended
}

struct Session<'a, W> {
    grader: Grader,
    files: Files,
    output: &'a mut Output<W>,
    progress: ProgressBar,
    sender: Sender<Input>,
    /// The number of the last grading that was begun.
    number: u64,
    /// What it grades.
    contents: Option<Contents>,
    /// It, until it has ended.
    running: Option<Running>,
    /// What it has told so far.
    told: Grading,
    /// The last grading that came to a result.
    last: Option<Grading>,
    /// Which of its lost scenarios was shown last.
    shown: Option<usize>,
}

impl<W: Write> Session<'_, W> {
    fn run(&mut self, inputs: &Receiver<Input>) -> Result<()> {
        self.begin()?;
        let mut due: Option<Instant> = None;
        loop {
            let input = match due {
                Some(due) => inputs.recv_timeout(due.saturating_duration_since(Instant::now())),
                None => inputs.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match input {
                Ok(Input::Saved) => due = Some(Instant::now() + QUIET),
                Ok(input) => {
                    if self.take(input)? == Then::End {
                        return Ok(());
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    due = None;
                    if self.contents.as_ref() != Some(&self.files.look()?) {
                        self.begin()?;
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
        }
    }

    fn take(&mut self, input: Input) -> Result<Then> {
        match input {
            Input::Key(Key::Quit) => return Ok(Then::End),
            Input::Key(Key::Regrade) => self.begin()?,
            Input::Key(Key::Next) => self.show(|shown, of| shown.map_or(0, |at| (at + 1) % of)),
            Input::Key(Key::Previous) => {
                self.show(|shown, of| shown.map_or(of - 1, |at| (at + of - 1) % of));
            }
            // Of a grading that was ended, more may be on its way.
            Input::Told(number, told) if number == self.number => self.told(told),
            Input::Ended(number) if number == self.number => self.ended()?,
            Input::Told(..) | Input::Ended(_) | Input::Saved => {}
        }
        Ok(Then::GoOn)
    }

    /// Ends the grading that is under way, and begins another.
    fn begin(&mut self) -> Result<()> {
        self.running = None;
        self.number += 1;
        self.told = Grading::default();
        let contents = self.files.look()?;
        self.print(&show::beginning(self.contents.as_ref(), &contents));
        self.contents = Some(contents);
        match self.grader.begin(self.number, &self.sender) {
            Ok(running) => self.running = Some(running),
            // It may be about to be saved: there is another time.
            Err(cause) => self.print(&show::refused(&format!("cannot be graded now: {cause}"))),
        }
        Ok(())
    }

    fn told(&mut self, told: Told) {
        let told = match &self.running {
            Some(running) => running.renamed(told),
            None => told,
        };
        match &told {
            Told::Doing(what) => {
                self.progress.set_message(escape::one_line(what));
                self.progress.tick();
            }
            Told::Built(output) => {
                let output = escape::lines(output.trim_end());
                if !output.is_empty() {
                    self.print(&format!("{output}\n\n"));
                }
            }
            Told::Scenario(_) | Told::Exercise(_) => {}
        }
        self.told.take(told);
    }

    /// The grading has come to its end.
    fn ended(&mut self) -> Result<()> {
        let Some(running) = self.running.take() else {
            return Ok(());
        };
        let ended = running.end();
        let (status, said) =
            ended.map_err(|cause| Error::grader("know how a grader ended", cause))?;
        self.progress.set_message("");
        if let Some(code) = hits_all(status.code()) {
            let message = said.strip_prefix("error: ").unwrap_or(&said).to_owned();
            return Err(Error::Ended { message, code });
        }
        let grading = std::mem::take(&mut self.told);
        if grading.exercises.is_empty() {
            let said = match said.is_empty() {
                true => format!(
                    "grader error: the grader itself ended by {status}; no marks were \
                     lost\nhelp: grade again; if it happens again, report it with the submission"
                ),
                false => said,
            };
            self.print(&show::refused(&said));
            return Ok(());
        }
        if !said.is_empty() {
            self.print(&format!("{}\n\n", escape::lines(&said)));
        }
        self.print(&show::ended(self.last.as_ref(), &grading));
        self.last = Some(grading);
        self.shown = None;
        Ok(())
    }

    /// Shows a lost scenario of the last grading; `place` says which, from the
    /// one shown last and how many there are.
    fn show(&mut self, place: impl Fn(Option<usize>, usize) -> usize) {
        let lost = self.last.as_ref().map(Grading::lost).unwrap_or_default();
        let text = match (lost.len(), &self.last) {
            (_, None) => "nothing is graded yet\n".to_owned(),
            (0, Some(_)) => "no scenario is lost\n".to_owned(),
            (of, Some(_)) => {
                let place = place(self.shown, of);
                self.shown = Some(place);
                show::lost(lost[place], place, of)
            }
        };
        self.print(&text);
    }

    fn print(&mut self, text: &str) {
        let output = &mut *self.output;
        self.progress.suspend(|| output.print(text));
    }
}

/// The code of what no other save changes.
fn hits_all(code: Option<i32>) -> Option<ExitCode> {
    let all = [
        ExitCode::Usage,
        ExitCode::BadSpec,
        ExitCode::NothingSelected,
        ExitCode::NoTracing,
    ];
    all.into_iter()
        .find(|one| Some(i32::from(*one as u8)) == code)
}
