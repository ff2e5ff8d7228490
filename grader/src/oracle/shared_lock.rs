//! The rule `shared-lock`: one lock in shared memory, held while inside, slept
//! on when held by another, destroyed after its last use.

use crate::finding::Failure;
use crate::spec::types::Rule;
use crate::trace::{Execution, LockDestroyed, LockPlace};

use super::judge::{Facts, Oracle};
use super::lock_evidence::{Evidence, Place};
use super::text::rule_name;
use super::writes::{attempts, intruder, transfers};

/// Judges the use of the lock.
///
/// In every execution: no process writes between another's first and last
/// write, and nobody writes or sleeps on a lock after another process has
/// destroyed it (pthread_mutex_destroy(3p): a destroyed mutex is
/// uninitialised, using it is undefined).
///
/// In at least one execution: a writer slept in the kernel on a lock in
/// MAP_SHARED memory (mmap(2)) that was mapped before the first fork, with a
/// process-shared futex (futex(2), pthread_mutexattr_setpshared(3)).
#[derive(Default)]
pub(super) struct SharedLockOracle {
    evidence: Evidence,
}

impl Oracle for SharedLockOracle {
    fn rule(&self) -> Rule {
        Rule::SharedLock
    }

    fn judge(&mut self, _: &Facts, execution: &Execution) -> Option<Failure> {
        self.evidence.see(execution);
        two_inside(execution).or_else(|| self.destroyed_in_use(execution))
    }

    fn conclude(&self, _: &Facts) -> Option<Failure> {
        if self.evidence.proven {
            return None;
        }
        Some(failure(
            "a writer that finds the lock held must sleep on it, and the lock must lie in memory \
             that all processes share",
            "in at least one execution, a writer that sleeps in the kernel on a process-shared lock \
             in MAP_SHARED memory mapped before the first fork",
            self.evidence.why_not(),
            None,
        ))
    }
}

impl SharedLockOracle {
    /// A lock that one process destroyed and another still needed.
    fn destroyed_in_use(&self, execution: &Execution) -> Option<Failure> {
        execution.locks_destroyed.iter().find_map(|destroyed| {
            let use_after = self.use_after(execution, destroyed)?;
            Some(failure(
                "a lock may be destroyed only after its last use",
                "the lock is destroyed when no other process needs it any more",
                format!("{} destroyed the lock, then {use_after}", destroyed.task),
                Some(destroyed.step),
            ))
        })
    }

    /// Who used the lock after it had been destroyed, and how it shows.
    fn use_after(&self, execution: &Execution, destroyed: &LockDestroyed) -> Option<String> {
        let place = Place {
            mapping: destroyed.mapping,
            offset: destroyed.offset,
        };
        let other = |process: u32| process != destroyed.task.process;
        let slept = execution.lock_sleeps.iter().find(|sleep| {
            let on_it = match sleep.place {
                LockPlace::Shared {
                    mapping, offset, ..
                } => place.same_lock(Place { mapping, offset }),
                LockPlace::SharedButPrivate { .. } | LockPlace::Private => false,
            };
            on_it && sleep.step > destroyed.step && other(sleep.task.process)
        });
        if let Some(sleep) = slept {
            return Some(format!("{} slept on it", sleep.task));
        }
        // With a second lock about, a write does not tell which one it is
        // under.
        if self
            .evidence
            .locks
            .iter()
            .any(|lock| !lock.same_lock(place))
        {
            return None;
        }
        let attempts = attempts(execution);
        let mut later = attempts.iter().filter(|write| write.step > destroyed.step);
        let write = later.find(|write| other(write.task.process))?;
        Some(format!("{} still wrote to FILE", write.task))
    }
}

/// Two processes between their first and last write at once.
fn two_inside(execution: &Execution) -> Option<Failure> {
    let (write, inside) = intruder(&transfers(execution))?;
    Some(failure(
        "only one process may be inside at a time, from its first byte to its last",
        &format!("nobody writes between {inside}'s first and last write"),
        format!("{} wrote in between, while {inside} was inside", write.task),
        Some(write.step),
    ))
}

fn failure(message: &str, expected: &str, actual: String, step: Option<usize>) -> Failure {
    Failure {
        rule: rule_name(Rule::SharedLock).to_owned(),
        message: message.to_owned(),
        expected: expected.to_owned(),
        actual,
        step,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::testing::Run;

    fn lock(offset: u64) -> LockPlace {
        LockPlace::Shared {
            mapping: 0,
            offset,
            before_fork: true,
        }
    }

    fn judge(run: Run) -> Option<Failure> {
        SharedLockOracle::default().judge(&Facts::default(), &run.done())
    }

    #[test]
    fn a_lock_that_is_slept_on_and_destroyed_last_passes() {
        let mut oracle = SharedLockOracle::default();
        let run = Run::new()
            .fork(1)
            .write(0, 4, 2)
            .sleep(1, lock(0))
            .write(0, 2, 2);
        let run = run.write(1, 4, 2).write(1, 2, 2).exit(1, 0);
        let execution = run.exit(0, 0).destroyed(0, 0, 0).done();
        assert_eq!(oracle.judge(&Facts::default(), &execution), None);
        assert_eq!(oracle.conclude(&Facts::default()), None);
    }

    #[test]
    fn two_inside_at_once_fail_where_the_second_comes_in() {
        let run = Run::new()
            .fork(1)
            .write(0, 4, 2)
            .write(1, 4, 4)
            .write(0, 2, 2);
        let failure = judge(run).expect("two inside");
        assert_eq!(failure.step, Some(2));
        assert_eq!(failure.actual, "P1 wrote in between, while P0 was inside");
    }

    #[test]
    fn a_write_that_transferred_nothing_is_not_inside() {
        let run = Run::new()
            .fork(1)
            .write(0, 4, -4)
            .write(1, 4, 4)
            .write(0, 4, 4);
        assert_eq!(judge(run), None);
    }

    #[test]
    fn a_lock_destroyed_before_another_writes_fails() {
        let run = Run::new()
            .fork(1)
            .write(1, 4, 4)
            .exit(1, 0)
            .destroyed(1, 0, 0);
        let failure = judge(run.write(0, 4, 4)).expect("destroyed in use");
        assert_eq!(failure.step, Some(2));
        assert_eq!(
            failure.actual,
            "P1 destroyed the lock, then P0 still wrote to FILE"
        );
    }

    #[test]
    fn a_lock_destroyed_before_another_sleeps_on_it_fails() {
        let run = Run::new().fork(1).write(1, 4, 4).destroyed(1, 0, 16);
        let failure = judge(run.sleep(0, lock(0))).expect("destroyed in use");
        assert_eq!(failure.actual, "P1 destroyed the lock, then P0 slept on it");
    }

    #[test]
    fn who_destroyed_it_may_write_on() {
        let run = Run::new().fork(1).write(1, 4, 4).exit(1, 0);
        assert_eq!(
            judge(run.exit(0, 0).destroyed(0, 0, 0).write(0, 4, 4)),
            None
        );
    }

    #[test]
    fn another_lock_may_be_destroyed_earlier() {
        let run = Run::new().fork(1).sleep(1, lock(128)).write(1, 4, 4);
        assert_eq!(judge(run.destroyed(1, 0, 0).write(0, 4, 4)), None);
    }

    #[test]
    fn an_exploration_without_a_sleep_fails_in_the_end() {
        let mut oracle = SharedLockOracle::default();
        let run = Run::new().fork(1).write(1, 4, 4).write(0, 4, 4);
        assert_eq!(oracle.judge(&Facts::default(), &run.done()), None);
        let failure = oracle.conclude(&Facts::default()).expect("no lock");
        assert_eq!((failure.rule.as_str(), failure.step), ("shared-lock", None));
        assert!(failure.actual.contains("there is no lock"), "{failure:?}");
    }
}
