//! Starting an execution: a clone of the template, or the program afresh.

use std::cell::RefCell;
use std::rc::Rc;

use super::call;
use super::decode::{Decoded, Hidden};
use super::error::{EngineError, doing};
use super::opened::Opened;
use super::process::Process;
use super::setup::Setup;
use super::step::Run;
use crate::operation::Call;
use crate::tracee::alarm::Alarm;
use crate::tracee::checkpoint::Template;
use crate::tracee::code::Code;
use crate::tracee::displaced::Copies;
use crate::tracee::stop::{Stop, Stopped, Until};
use crate::tracee::stub::{SCRATCH_BYTES, pages_at};
use crate::tracee::wait::Waited;

/// How executions of a set-up start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checkpoint {
    /// The program is started once and cloned for each execution.
    Cloned,
    /// The program is started for each execution.
    Fresh,
}

/// The template of a set-up, made by its first execution.
#[derive(Debug)]
pub(super) struct Start(RefCell<State>);

#[derive(Debug)]
enum State {
    /// Not tried yet.
    Untried,
    /// A template, and what is known of the process.
    Ready(Box<(Template, Process)>),
    /// Every execution starts afresh.
    Fresh,
}

impl Start {
    pub fn new(checkpoint: Checkpoint) -> Self {
        Self(RefCell::new(match checkpoint {
            Checkpoint::Cloned => State::Untried,
            Checkpoint::Fresh => State::Fresh,
        }))
    }

    /// True if executions are clones of a template.
    pub fn is_cloned(&self) -> bool {
        matches!(*self.0.borrow(), State::Ready(..))
    }
}

impl<'a> Run<'a> {
    /// Starts the program and brings it to its first scheduling point.
    pub fn start(setup: &'a Setup) -> Result<Self, EngineError> {
        let mut state = setup.start.0.borrow_mut();
        if matches!(*state, State::Untried) {
            *state = match freeze(setup)? {
                Some(ready) => State::Ready(ready),
                None => State::Fresh,
            };
        }
        let alarm = alarm()?;
        let (run, waited) = match &mut *state {
            State::Ready(ready) => {
                let (template, process) = ready.as_mut();
                let stopped = template.spawn().map_err(doing("clone the template"))?;
                let process = process.forked(stopped.tid());
                (
                    Self::new(setup, alarm, process),
                    Ok(Waited::Stopped(stopped, Stop::CallEntry)),
                )
            }
            State::Untried | State::Fresh => {
                let stopped = setup.plan.start_traced()?;
                let run = Self::new(setup, alarm, Process::new(stopped.tid()));
                let running = stopped.resume(Until::NextStop, 0);
                let waited = running.and_then(|running| run.alarm.wait(running));
                (run, waited)
            }
        };
        run.come_to_first_point(waited.map_err(doing("start the program"))?)
    }

    fn come_to_first_point(mut self, waited: Waited) -> Result<Self, EngineError> {
        let arrived = self.arrived(0, waited).and_then(|further| match further {
            Some(running) => self.advance(0, running),
            None => Ok(()),
        });
        if let Err(error) = arrived {
            self.finish();
            return Err(error);
        }
        Ok(self)
    }
}

/// What came of the way to a template.
enum Frozen {
    Template(Box<(Template, Process)>),
    /// Clones would share what the open of this number gave the program.
    Shares(usize),
    /// The program does not get to a point where it can be cloned.
    Not,
}

/// Starts the program and makes a template of it, before its first call that
/// others could notice and before it has anything that a clone would share
/// with it instead of having its own; `None` if it does not get there.
fn freeze(setup: &Setup) -> Result<Option<Box<(Template, Process)>>, EngineError> {
    let mut opens = usize::MAX;
    loop {
        match freeze_before(setup, Opened::until(opens))? {
            Frozen::Template(ready) => return Ok(Some(ready)),
            // Of a lower number each time.
            Frozen::Shares(open) => opens = open,
            Frozen::Not => return Ok(None),
        }
    }
}

fn freeze_before(setup: &Setup, mut opened: Opened) -> Result<Frozen, EngineError> {
    let alarm = alarm()?;
    let stopped = setup.plan.start_traced()?;
    let mut run = Run::new(setup, alarm, Process::new(stopped.tid()));
    let running = stopped.resume(Until::NextStop, 0);
    let waited = running.and_then(|running| run.alarm.wait(running));
    let frozen = match run_to_template(&mut run, waited, &mut opened) {
        Ok(Some(stopped)) => match opened.kept(stopped.tid()) {
            Some(open) => Ok(Frozen::Shares(open)),
            None => {
                let process = &mut run.book.processes[0];
                // A clone has them from the start, and need not make them.
                let pages = pages_at(process.take_room(SCRATCH_BYTES));
                process.copies = Some(Copies::new(pages));
                process.code = Some(Rc::new(Code::of(process.pid)));
                let frozen = Template::freeze(stopped, process.site, pages);
                match frozen.map_err(doing("make a template"))? {
                    Some(template) => {
                        let process = run.book.processes.remove(0);
                        run.book.tracees.clear();
                        return Ok(Frozen::Template(Box::new((template, process))));
                    }
                    None => Ok(Frozen::Not),
                }
            }
        },
        Ok(None) => Ok(Frozen::Not),
        Err(error) => Err(error),
    };
    run.finish();
    frozen
}

/// The program where a template can be made of it, at the entry of a call.
fn run_to_template(
    run: &mut Run<'_>,
    waited: std::io::Result<Waited>,
    opened: &mut Opened,
) -> Result<Option<Stopped>, EngineError> {
    let mut waited = waited.map_err(doing("start the program"))?;
    let mut since = None;
    loop {
        let running = match waited {
            Waited::Stopped(stopped, Stop::CallEntry) => match run.decode(0, &stopped)? {
                // Its arguments name the template, not the clone.
                Decoded::Visible(call) if call.operation.call == Call::Signal => return Ok(None),
                Decoded::Visible(_) | Decoded::Hidden(Hidden::Map(..) | Hidden::Shares) => {
                    return Ok(Some(stopped));
                }
                Decoded::Hidden(Hidden::TooLarge) => return Ok(None),
                // What is printed has to be printed in every execution.
                Decoded::Hidden(Hidden::Plain) if writes(&stopped)? => return Ok(Some(stopped)),
                Decoded::Hidden(Hidden::Open) if !opened.entering(stopped.tid()) => {
                    return Ok(Some(stopped));
                }
                Decoded::Hidden(hidden) => run.let_through(0, stopped, hidden)?,
            },
            Waited::Stopped(stopped, Stop::Signal(signal)) => stopped
                .resume(Until::NextStop, signal)
                .map_err(doing("deliver a signal"))?,
            Waited::Stopped(stopped, Stop::Interrupted) => stopped
                .resume(Until::NextStop, 0)
                .map_err(doing("resume a tracee"))?,
            Waited::Stopped(..) | Waited::RanOn(_) | Waited::Asleep(_) | Waited::Ended(_) => {
                return Ok(None);
            }
        };
        if run.over_between_points(running.tid(), &mut since) {
            return Ok(None);
        }
        waited = run
            .alarm
            .wait(running)
            .map_err(doing("wait for a tracee"))?;
    }
}

fn alarm() -> Result<Alarm, EngineError> {
    Alarm::set().map_err(doing("set an alarm"))
}

fn writes(stopped: &Stopped) -> Result<bool, EngineError> {
    let registers = stopped.registers().map_err(doing("read registers"))?;
    let number = call::number(&registers);
    Ok([libc::SYS_write, libc::SYS_writev].contains(&number))
}
