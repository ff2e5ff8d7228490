//! What an exploration has shown about the lock, for the sentence that says
//! why it is not the one that was asked for.

use crate::operation::{Call, TaskName};
use crate::trace::{Execution, LockPlace, Outcome};

use super::text::count;
use super::writes::{FileWrite, late_comers, transfers, writing_processes};

/// Two futexes closer than this belong to one lock: no pthread type is
/// larger (pthreadtypes.h).
const LOCK_BYTES: u64 = 64;

/// A place in a shared mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Number of the mapping.
    pub mapping: u32,
    /// Offset within it, in bytes.
    pub offset: u64,
}

impl Place {
    /// True if both places are in the same lock.
    pub(super) const fn same_lock(self, other: Self) -> bool {
        self.mapping == other.mapping && self.offset.abs_diff(other.offset) < LOCK_BYTES
    }
}

/// What has been seen so far.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    /// A writer slept on a lock as asked for, and wrote afterwards.
    pub proven: bool,
    /// Every lock in shared memory that somebody slept on.
    pub locks: Vec<Place>,
    private_flag: Option<TaskName>,
    mapped_late: Option<TaskName>,
    private: Option<TaskName>,
    other_lock: Option<(TaskName, &'static str)>,
    spun: Option<(TaskName, &'static str, usize)>,
    not_to_write: Option<TaskName>,
    together: bool,
}

impl Evidence {
    /// Takes note of one execution.
    pub(super) fn see(&mut self, execution: &Execution) {
        let transfers = transfers(execution);
        self.see_sleeps(execution, &transfers);
        self.see_steps(execution, &transfers);
        let processes = writing_processes(&transfers);
        self.together |=
            processes.len() > 1 && late_comers(execution, &transfers, &processes).is_empty();
    }

    fn see_sleeps(&mut self, execution: &Execution, transfers: &[FileWrite]) {
        for sleep in &execution.lock_sleeps {
            let who = sleep.task;
            match sleep.place {
                LockPlace::Shared {
                    mapping,
                    offset,
                    before_fork,
                } => {
                    let place = Place { mapping, offset };
                    if !self.locks.iter().any(|known| known.same_lock(place)) {
                        self.locks.push(place);
                    }
                    if !before_fork {
                        self.mapped_late.get_or_insert(who);
                    } else if writes_after(transfers, who, sleep.step) {
                        self.proven = true;
                    } else {
                        self.not_to_write.get_or_insert(who);
                    }
                }
                LockPlace::SharedButPrivate { .. } => {
                    self.private_flag.get_or_insert(who);
                }
                // Joining a thread sleeps like this as well; a process with
                // one thread has nobody to join.
                LockPlace::Private if threads(execution, who.process) == 1 => {
                    self.private.get_or_insert(who);
                }
                LockPlace::Private => {}
            }
        }
    }

    /// Other ways to wait for one's turn, before a write of one's own.
    fn see_steps(&mut self, execution: &Execution, transfers: &[FileWrite]) {
        for (index, step) in execution.steps.iter().enumerate() {
            let blocked = step.outcome == Outcome::Blocked;
            let spins = match step.operation.call {
                Call::Yield => Some("sched_yield"),
                Call::Sleep => Some("nanosleep or its kin"),
                Call::RunOn => Some("a loop without a system call"),
                _ => None,
            };
            let locks = match step.operation.call {
                Call::FileLock if blocked => Some("a file lock"),
                Call::Semaphore if blocked => Some("a System V semaphore"),
                _ => None,
            };
            if (spins.is_none() && locks.is_none()) || !writes_after(transfers, step.task, index) {
                continue;
            }
            if let Some(lock) = locks {
                self.other_lock.get_or_insert((step.task, lock));
            }
            if let Some(how) = spins {
                let (_, kind, times) = self.spun.get_or_insert((step.task, how, 0));
                *times += usize::from(*kind == how);
            }
        }
    }

    /// Why no execution showed the lock that was asked for: the most specific
    /// thing that is known.
    pub(super) fn why_not(&self) -> String {
        if let Some(who) = self.private_flag {
            return format!(
                "{who} slept on a lock in shared memory that was not made process-shared: \
                 no other process can wake it"
            );
        }
        if let Some(who) = self.mapped_late {
            return format!(
                "{who} slept on a lock in memory that was mapped after the first fork: \
                 the processes forked before do not have it"
            );
        }
        if let Some(who) = self.private {
            return format!(
                "{who} slept on a lock in its own memory: after fork every process has a copy of it"
            );
        }
        if let Some((who, what)) = self.other_lock {
            return format!("{who} waited for {what}, not for a lock in shared memory");
        }
        if let Some((who, how, times)) = self.spun {
            return format!(
                "nobody ever slept on a lock; {who} spins instead of sleeping ({how}, {})",
                count(times, "time")
            );
        }
        if let Some(who) = self.not_to_write {
            return format!("{who} slept on a lock in shared memory, but never wrote after it");
        }
        if self.together {
            return "nobody ever slept on a lock, although the writers ran at the same time: \
                    there is no lock that keeps one out while another is inside"
                .to_owned();
        }
        "nobody ever slept on a lock, and no two writers were ever there at the same time"
            .to_owned()
    }
}

/// True if this task's process wrote to FILE after that step.
fn writes_after(transfers: &[FileWrite], task: TaskName, step: usize) -> bool {
    let mut later = transfers.iter().filter(|write| write.step > step);
    later.any(|write| write.task.process == task.process)
}

fn threads(execution: &Execution, process: u32) -> usize {
    let tasks = execution.tasks.iter();
    tasks.filter(|task| task.name.process == process).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::Object;
    use crate::oracle::testing::{Run, operation};

    fn shared(before_fork: bool) -> LockPlace {
        LockPlace::Shared {
            mapping: 0,
            offset: 8,
            before_fork,
        }
    }

    fn seen(run: Run) -> Evidence {
        let mut evidence = Evidence::default();
        evidence.see(&run.done());
        evidence
    }

    fn why(run: Run) -> String {
        let evidence = seen(run);
        assert!(!evidence.proven);
        evidence.why_not()
    }

    fn does(run: Run, call: Call, outcome: Outcome) -> Run {
        run.step(1, operation(call, Object::Nothing, None), outcome)
    }

    fn both_write(run: Run) -> Run {
        run.write(0, 2, 2).write(1, 2, 2)
    }

    #[test]
    fn a_writer_that_slept_on_the_shared_lock_proves_it() {
        let run = Run::new().fork(1).write(0, 2, 2).sleep(1, shared(true));
        let evidence = seen(run.write(1, 2, 2));
        assert!(evidence.proven);
        assert_eq!(evidence.locks.len(), 1);
    }

    #[test]
    fn who_sleeps_but_never_writes_proves_nothing() {
        let run = both_write(Run::new().fork(1)).sleep(0, shared(true));
        assert!(why(run).contains("never wrote after it"));
    }

    #[test]
    fn a_lock_that_is_not_process_shared_is_told_first() {
        let run = Run::new().fork(1).sleep(1, LockPlace::Private);
        let run = run.sleep(1, LockPlace::SharedButPrivate { mapping: 0 });
        assert!(why(run).contains("not made process-shared"));
    }

    #[test]
    fn a_late_mapping_is_told() {
        let run = both_write(Run::new().fork(1).sleep(1, shared(false)));
        assert!(why(run).contains("after the first fork"));
    }

    #[test]
    fn a_lock_in_its_own_memory_is_told() {
        let run = both_write(Run::new().fork(1).sleep(1, LockPlace::Private));
        assert!(why(run).contains("in its own memory"));
    }

    #[test]
    fn joining_a_thread_is_no_lock() {
        let run = Run::new().fork(1).thread(1, 0).sleep(1, LockPlace::Private);
        assert!(why(both_write(run)).contains("there is no lock"));
    }

    #[test]
    fn spinning_is_told_with_its_means() {
        let mut run = Run::new().fork(1);
        for _ in 0..3 {
            run = does(run, Call::Yield, Outcome::Returned(0));
        }
        assert!(
            why(both_write(run)).contains("P1 spins instead of sleeping (sched_yield, 3 times)")
        );
    }

    #[test]
    fn a_file_lock_is_told() {
        let run = does(Run::new().fork(1), Call::FileLock, Outcome::Blocked);
        assert!(why(both_write(run)).contains("P1 waited for a file lock"));
    }

    #[test]
    fn no_lock_is_told_from_no_concurrency() {
        assert!(why(both_write(Run::new().fork(1))).contains("there is no lock"));
        let turns = Run::new().write(0, 2, 2).fork(1).write(1, 2, 2);
        assert!(why(turns).contains("no two writers were ever there"));
    }

    #[test]
    fn futexes_of_one_lock_are_one_place() {
        let place = |mapping, offset| Place { mapping, offset };
        assert!(place(0, 128).same_lock(place(0, 168)));
        assert!(!place(0, 128).same_lock(place(0, 64)));
        assert!(!place(0, 128).same_lock(place(1, 128)));
    }
}
