//! The loop of one execution: ask who moves, have them move, until nobody
//! can.

use super::error::{EngineError, doing};
use super::setup::Setup;
use super::step::Run;
use super::strategy::{Choice, Decision, Point, Strategy};
use super::tracees::{Pending, State, Tracee};
use super::usage::{self, TRACEES_MAX};
use super::waiting::question;
use crate::limit::Limit;
use crate::operation::{Call, Object, Operation, TaskName};
use crate::trace::{Ending, Execution};

/// How often a tracee may sleep or yield before somebody else must have done
/// something. Sleeping orders nothing, so a few are let through; without a
/// bound a spinning tracee could be scheduled for ever.
const IDLE_MAX: u32 = 2;

/// Runs the program once under `strategy`; `None` if that gave it up.
///
/// # Errors
/// [`EngineError`], none of which is the program's fault but a failure to
/// execute it.
pub fn execute(
    setup: &Setup,
    strategy: &mut dyn Strategy,
) -> Result<Option<Execution>, EngineError> {
    setup
        .scratch
        .reset()
        .map_err(doing("reset the scratch folder"))?;
    let mut run = Run::start(setup)?;
    let ending = drive(&mut run, setup.steps(), strategy);
    // What it left behind shows in every run alike, however fast it was.
    let left = usage::over_in_folder(&run.living_pids(), &setup.scratch).map(Ending::Limit);
    run.finish();
    let Some(ending) = ending? else {
        return Ok(None);
    };
    Ok(Some(run.into_execution(left.unwrap_or(ending))))
}

fn drive(
    run: &mut Run<'_>,
    steps_max: usize,
    strategy: &mut dyn Strategy,
) -> Result<Option<Ending>, EngineError> {
    loop {
        if let Some(ending) = ending(run, steps_max) {
            return Ok(Some(ending));
        }
        let choices = choices(run);
        if choices.is_empty() {
            if !run.main_ended() && run.let_time_pass()? {
                continue;
            }
            return Ok(Some(stuck(run)));
        }
        let point = Point {
            choices: &choices,
            last: run.last,
            step: run.steps.len(),
        };
        let Some(decision) = strategy.decide(&point) else {
            return Ok(None);
        };
        run.preemptions += u32::from(preempts(&point, decision));
        carry_out(run, &choices, decision)?;
        run.look_at_usage();
        if let Some(step) = run.steps.last() {
            strategy.observe(step);
        }
    }
}

fn ending(run: &Run<'_>, steps_max: usize) -> Option<Ending> {
    if let Some(limit) = run.over {
        return Some(Ending::Limit(limit));
    }
    let tracees = &run.book.tracees;
    if tracees
        .iter()
        .all(|tracee| matches!(tracee.state, State::Ended(_)))
    {
        return Some(Ending::Finished);
    }
    if tracees.len() > TRACEES_MAX {
        return Some(Ending::Limit(Limit::Processes));
    }
    if run.steps.len() < steps_max {
        return None;
    }
    // What is left behind may run for as long as it likes.
    Some(if run.main_ended() {
        Ending::LeftSleeping
    } else {
        Ending::StepLimit
    })
}

/// Nobody can move.
fn stuck(run: &Run<'_>) -> Ending {
    if run.main_ended() {
        return Ending::LeftSleeping;
    }
    let stopped = |tracee: &Tracee| matches!(&tracee.state, State::Blocked(running, _) if running.is_listening());
    if run.book.tracees.iter().any(stopped) {
        // It waits for nobody of the program's own.
        return Ending::Limit(Limit::Wall);
    }
    let running_on = run
        .book
        .tracees
        .iter()
        .find(|tracee| matches!(tracee.state, State::Ready(_, Pending::RunOn)));
    running_on.map_or(Ending::Deadlock, |tracee| Ending::EndlessLoop(tracee.name))
}

/// How long a tracee has only been waiting, if it would go on to.
fn idling(run: &Run<'_>, index: usize) -> Idling {
    let tracee = &run.book.tracees[index];
    match &tracee.state {
        State::Ready(_, Pending::RunOn) if tracee.idle > 0 => Idling::RunsOn,
        State::Ready(_, Pending::Call(call))
            if matches!(call.operation.call, Call::Sleep | Call::Yield)
                && tracee.idle >= IDLE_MAX =>
        {
            Idling::For(tracee.idle)
        }
        State::Ready(_, Pending::Call(call))
            if !tracee.asked.is_empty()
                && question(call).is_some_and(|asked| tracee.asked.contains(&asked)) =>
        {
            Idling::For(IDLE_MAX.saturating_add(tracee.idle))
        }
        State::Ready(_, Pending::Access(_)) if tracee.spinning => {
            Idling::For(IDLE_MAX.saturating_add(tracee.idle))
        }
        _ => Idling::No,
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
enum Idling {
    No,
    For(u32),
    RunsOn,
}

/// Who can move: those that do something before those that only wait.
fn choices(run: &Run<'_>) -> Vec<Choice> {
    let ready: Vec<(Idling, Choice)> = (0..run.book.tracees.len())
        .filter_map(|index| Some((idling(run, index), choice(run, index)?)))
        .collect();
    let least = ready.iter().map(|(idling, _)| *idling).min();
    match least {
        None | Some(Idling::RunsOn) => Vec::new(),
        Some(least) => {
            let mut choices: Vec<Choice> = ready
                .into_iter()
                .filter(|(idling, _)| *idling == least)
                .map(|(_, c)| c)
                .collect();
            choices.sort_by_key(|choice| choice.task);
            if least != Idling::No {
                // They take turns: any order gives the same.
                choices.truncate(1);
            }
            if choices.iter().all(|choice| choice.would_block) {
                // Then they do block, and the kernel is asked.
                choices
                    .iter_mut()
                    .for_each(|choice| choice.would_block = false);
            }
            choices
        }
    }
}

/// Whom the kernel tells of an end by SIGCHLD, if it is caught there.
fn told(run: &Run<'_>, process: u32, operation: &Operation) -> Option<u32> {
    let ends = match (operation.call, &operation.object) {
        (Call::Exit, _) => process,
        (Call::Signal, Object::Process(target)) => *target,
        _ => return None,
    };
    let parent = run.book.parent(ends)?;
    let signals = run.book.processes.get(parent as usize)?.signals;
    signals.catches(libc::SIGCHLD).then_some(parent)
}

fn choice(run: &Run<'_>, index: usize) -> Option<Choice> {
    let tracee = &run.book.tracees[index];
    let State::Ready(_, pending) = &tracee.state else {
        return None;
    };
    let plain = |call| Operation::new(call, Object::Nothing, None);
    let (mut operation, interruptible) = match pending {
        Pending::Start => (plain(Call::Start), false),
        Pending::RunOn => (plain(Call::RunOn), false),
        Pending::Return(sleep) => {
            let object = sleep.operation.object.clone();
            (Operation::new(Call::Return, object, None), false)
        }
        Pending::Call(call) => (call.operation.clone(), call.interruptible),
        Pending::Access(access) => (access.operation.clone(), false),
    };
    operation.tells = told(run, tracee.name.process, &operation);
    let would_block = run
        .book
        .would_wait(tracee.name.process, &operation, pending);
    Some(Choice {
        task: tracee.name,
        interruptible,
        handled: run.book.processes[tracee.name.process as usize]
            .signals
            .catches(libc::SIGUSR1),
        inside: tracee.name.process > 0 && (tracee.wrote || begins_to_write(&operation)),
        operation,
        would_block,
    })
}

fn begins_to_write(operation: &Operation) -> bool {
    operation.call == Call::Write && operation.object == Object::File
}

/// True if whoever moved last could go on and has to let another go first.
fn preempts(point: &Point<'_>, decision: Decision) -> bool {
    point.last.is_some_and(|last| {
        let goes_on = |choice: &Choice| choice.task == last && !choice.would_block;
        last != decision.task && point.choices.iter().any(goes_on)
    })
}

fn carry_out(run: &mut Run<'_>, choices: &[Choice], decision: Decision) -> Result<(), EngineError> {
    let step = run.steps.len();
    let Some(choice) = choices.iter().find(|choice| choice.task == decision.task) else {
        let names: Vec<String> = choices
            .iter()
            .map(|choice| choice.task.to_string())
            .collect();
        return Err(EngineError::Desync {
            step,
            expected: format!("lets {} move", decision.task),
            actual: format!("has only {} ready", names.join(", ")),
        });
    };
    let operation = choice.operation.clone();
    run.step(decision.task, operation, decision.fault)
}

impl Run<'_> {
    /// True if the program's first process has ended.
    pub(super) fn main_ended(&self) -> bool {
        !self.book.alive(TaskName::process(0).process)
    }
}
