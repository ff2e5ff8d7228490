//! The rule `shared-wait`: whoever has to wait for the others sleeps in the
//! kernel, on a primitive in memory that they all share.

use crate::finding::Failure;
use crate::operation::{Call, TaskName};
use crate::spec::types::Rule;
use crate::trace::{Execution, LockPlace, Outcome};

use super::judge::{Facts, Oracle};
use super::order::Waits;
use super::text::{count, rule_name};

/// Judges how processes wait.
///
/// In at least one execution a process slept where the exercise has it wait:
/// before its `enter`, between `arrive` and `depart`, before its turn; and not
/// on the lock that only keeps lines whole. It slept on a futex in a MAP_SHARED
/// mapping made before the first fork (mmap(2)), without FUTEX_PRIVATE_FLAG
/// (futex(2)), or in a System V semaphore operation (semop(2)).
#[derive(Default)]
pub(super) struct SharedWaitOracle {
    proven: bool,
    /// The most telling other way that was seen, by how telling it is.
    other: Option<(u8, String)>,
}

impl Oracle for SharedWaitOracle {
    fn rule(&self) -> Rule {
        Rule::SharedWait
    }

    fn judge(&mut self, facts: &Facts, execution: &Execution) -> Option<Failure> {
        if !self.proven {
            self.see(facts, execution);
        }
        None
    }

    fn conclude(&self, _: &Facts) -> Option<Failure> {
        if self.proven {
            return None;
        }
        let nobody = "nobody ever slept while it had to wait for the others";
        let other = self.other.as_ref().map(|(_, words)| words.as_str());
        Some(Failure {
            rule: rule_name(Rule::SharedWait).to_owned(),
            message: "whoever has to wait must sleep in the kernel, on a primitive in memory that \
                      all processes share"
                .to_owned(),
            expected:
                "in at least one execution, a process that sleeps, while it has to wait, on a \
                       process-shared primitive in MAP_SHARED memory mapped before the first fork"
                    .to_owned(),
            actual: other.unwrap_or(nobody).to_owned(),
            step: None,
        })
    }
}

impl SharedWaitOracle {
    fn see(&mut self, facts: &Facts, execution: &Execution) {
        let waits = Waits::of(facts, execution);
        for sleep in &execution.lock_sleeps {
            let who = sleep.task;
            if !waits.may_wait(who.process, sleep.step) {
                continue;
            }
            match sleep.place {
                LockPlace::Shared {
                    mapping, offset, ..
                } if waits.is_line_lock(mapping, offset) => {}
                LockPlace::Shared {
                    before_fork: true, ..
                } => self.proven = true,
                LockPlace::Shared { .. } => self.note(
                    3,
                    format!(
                        "{who} slept on something in memory that was mapped after the first fork: \
                         the processes forked before do not have it"
                    ),
                ),
                LockPlace::SharedButPrivate { .. } => self.note(
                    4,
                    format!(
                        "{who} slept on something in shared memory that was not made \
                         process-shared: no other process can wake it"
                    ),
                ),
                LockPlace::Private => self.note(
                    2,
                    format!(
                        "{who} slept on something in its own memory: after fork every process has \
                         a copy of it"
                    ),
                ),
            }
        }
        for (index, step) in execution.steps.iter().enumerate() {
            if !waits.may_wait(step.task.process, index) {
                continue;
            }
            if step.operation.call == Call::Semaphore && step.outcome == Outcome::Blocked {
                self.proven = true;
            }
        }
        if let Some((who, how, times)) = busy(&waits, execution) {
            let times = count(times, "time");
            self.note(
                1,
                format!("{who} asks again and again instead of sleeping ({how}, {times})"),
            );
        }
    }

    fn note(&mut self, weight: u8, words: String) {
        if self.other.as_ref().is_none_or(|(known, _)| *known < weight) {
            self.other = Some((weight, words));
        }
    }
}

/// Who looks at the clock or at memory over and over while it has to wait.
fn busy(waits: &Waits, execution: &Execution) -> Option<(TaskName, &'static str, usize)> {
    /// Looks of one process that are more than any primitive needs.
    const LOOKS_MAX: usize = 20;
    let kinds = [
        (Call::Yield, "sched_yield", 1),
        (Call::Sleep, "nanosleep or its kin", 1),
        (Call::RunOn, "a loop without a system call", 1),
        (Call::Load, "looks at shared memory", LOOKS_MAX),
    ];
    for task in &execution.tasks {
        for (call, how, least) in kinds {
            let steps = execution.steps.iter().enumerate();
            let looks = steps.filter(|(index, step)| {
                step.task == task.name
                    && step.operation.call == call
                    && waits.may_wait(task.name.process, *index)
            });
            let times = looks.count();
            if times >= least {
                return Some((task.name, how, times));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::Object;
    use crate::oracle::testing::{Run, operation};

    fn facts() -> Facts {
        Facts {
            numbers: vec![2, 1],
            exercise: Some(Rule::Relay),
            ..Facts::default()
        }
    }

    fn shared(before_fork: bool) -> LockPlace {
        LockPlace::Shared {
            mapping: 0,
            offset: 8,
            before_fork,
        }
    }

    /// P2, whose turn comes second, does something before it and after.
    fn why(before: impl Fn(Run) -> Run) -> Option<String> {
        let run = before(Run::new().fork(1).fork(2)).write(1, 9, 9);
        let run = run.write(2, 9, 9).exit(1, 0).exit(2, 0);
        let execution = run.exit(0, 0).file("turn 0 0\nturn 0 1\n").done();
        let mut oracle = SharedWaitOracle::default();
        assert_eq!(oracle.judge(&facts(), &execution), None);
        oracle.conclude(&facts()).map(|failure| failure.actual)
    }

    #[test]
    fn a_sleep_before_ones_turn_proves_it() {
        assert_eq!(why(|run| run.sleep(2, shared(true))), None);
    }

    #[test]
    fn a_sleep_on_the_lock_for_whole_lines_does_not() {
        let update = |run: Run| {
            let lock = Object::Shared {
                mapping: 0,
                offset: 8,
            };
            let step = operation(Call::Update, lock, Some(4));
            run.step(2, step, Outcome::Returned(0))
        };
        let run = Run::new()
            .fork(1)
            .fork(2)
            .sleep(2, shared(true))
            .write(1, 9, 9);
        let run = update(update(run).write(2, 9, 9)).exit(1, 0).exit(2, 0);
        let execution = run.exit(0, 0).file("turn 0 0\nturn 0 1\n").done();
        let mut oracle = SharedWaitOracle::default();
        assert_eq!(oracle.judge(&facts(), &execution), None);
        let failure = oracle.conclude(&facts()).expect("no proof");
        assert!(failure.actual.contains("nobody ever slept"), "{failure:?}");
    }

    #[test]
    fn the_wrong_memory_is_told() {
        let told = |place| why(|run| run.sleep(2, place)).expect("no proof");
        assert!(told(LockPlace::SharedButPrivate { mapping: 0 }).contains("not made"));
        assert!(told(LockPlace::Private).contains("in its own memory"));
        assert!(told(shared(false)).contains("after the first fork"));
    }

    #[test]
    fn spinning_is_told() {
        let yields = |run: Run| {
            let step = operation(Call::Yield, Object::Nothing, None);
            run.step(2, step, Outcome::Returned(0))
        };
        let told = why(yields).expect("no proof");
        assert!(told.contains("P2 asks again and again") && told.contains("sched_yield"));
    }
}
