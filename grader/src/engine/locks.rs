//! Evidence about locks: who slept on which futex, which mutex was seen
//! destroyed, and who holds which.

use super::call::Call;
use super::tracees::{State, Tracee, Tracees};
use crate::operation::{Call as Kind, Object, Operation, TaskName};
use crate::trace::{HeldMutex, LockDestroyed, LockPlace, LockSleep};
use crate::tracee::stop::Stopped;

/// Offset of `__kind` in glibc's `pthread_mutex_t` on x86-64
/// (sysdeps/nptl/bits/struct_mutex.h), behind the futex at offset 0.
const KIND_OFFSET_BYTES: u64 = 16;
/// Offset of `__owner` there: the thread id of whoever holds the mutex, or 0.
const OWNER_OFFSET_BYTES: u64 = 8;
/// In `__kind`: the mutex is process-shared (nptl/pthreadP.h).
const KIND_SHARED: u32 = 128;
/// `__kind` of a shared mutex has no bits above these.
const KIND_MAX: u32 = 0x1ff;
/// What pthread_mutex_destroy puts there (nptl/pthread_mutex_destroy.c).
const KIND_DESTROYED: u32 = u32::MAX;

/// What has been seen of locks so far.
#[derive(Debug, Default)]
pub(super) struct Locks {
    pub sleeps: Vec<LockSleep>,
    pub destroyed: Vec<LockDestroyed>,
    watched: Vec<(u32, u64)>,
    /// Every mutex that was used, where steps are looked at.
    used: Vec<(u32, u64)>,
}

/// A mutex of glibc's that somebody is about to sleep on.
pub(super) struct Watch(u32, u64);

impl Locks {
    /// Looks at the lock that a futex call may sleep on.
    #[allow(clippy::unused_self)]
    pub fn before_sleep(&self, stopped: &Stopped, call: &Call) -> Option<Watch> {
        let futex = call
            .futex
            .filter(|_| call.operation.call == Kind::FutexWait)?;
        let place = futex.place?;
        let kind = stopped.read_u32(futex.address + KIND_OFFSET_BYTES).ok()?;
        is_mutex(kind).then_some(Watch(place.mapping, place.offset))
    }

    /// Notes that `task` sleeps in `call`.
    pub fn slept(&mut self, step: usize, task: TaskName, call: &Call, watch: Option<Watch>) {
        let Some(futex) = call
            .futex
            .filter(|_| call.operation.call == Kind::FutexWait)
        else {
            return;
        };
        let place = match futex.place {
            None => LockPlace::Private,
            Some(place) if futex.private => LockPlace::SharedButPrivate {
                mapping: place.mapping,
            },
            Some(place) => LockPlace::Shared {
                mapping: place.mapping,
                offset: place.offset,
                before_fork: place.before_fork,
            },
        };
        self.sleeps.push(LockSleep { step, task, place });
        if let Some(Watch(mapping, offset)) = watch
            && !self.watched.contains(&(mapping, offset))
        {
            self.watched.push((mapping, offset));
        }
    }

    /// Looks at the watched mutexes after a step of tracee number `index`.
    pub fn look_for_destroyed(&mut self, book: &Tracees, step: usize, index: usize) {
        let destroyed = &mut self.destroyed;
        self.watched.retain(|&(mapping, offset)| {
            let kind = word(book, index, mapping, offset + KIND_OFFSET_BYTES);
            let gone = kind == Some(KIND_DESTROYED);
            if gone {
                let task = book.tracees[index].name;
                destroyed.push(LockDestroyed {
                    step,
                    task,
                    mapping,
                    offset,
                });
            }
            !gone
        });
    }

    /// Who holds which of the mutexes used so far, after `operation` of tracee
    /// number `index`.
    pub fn held(&mut self, book: &Tracees, operation: &Operation, index: usize) -> Vec<HeldMutex> {
        if let (Kind::Update | Kind::FutexWait, &Object::Shared { mapping, offset }) =
            (operation.call, &operation.object)
            && !self.used.contains(&(mapping, offset))
            && word(book, index, mapping, offset + KIND_OFFSET_BYTES).is_some_and(is_mutex)
        {
            self.used.push((mapping, offset));
        }
        let held = |&(mapping, offset): &(u32, u64)| {
            let owner = word(book, index, mapping, offset + OWNER_OFFSET_BYTES)?;
            let owns = |tracee: &&Tracee| u32::try_from(tracee.tid.as_raw()) == Ok(owner);
            let holder = book.tracees.iter().find(owns)?.name;
            Some(HeldMutex {
                mapping,
                offset,
                holder,
            })
        };
        self.used.iter().filter_map(held).collect()
    }
}

/// Whether this is the `__kind` of a process-shared mutex.
const fn is_mutex(kind: u32) -> bool {
    kind & KIND_SHARED != 0 && kind <= KIND_MAX
}

/// Reads a word of shared memory through any tracee that is stopped and has it
/// mapped, the one that moved last first.
fn word(book: &Tracees, first: usize, mapping: u32, offset: u64) -> Option<u32> {
    let order = std::iter::once(first).chain(0..book.tracees.len());
    order
        .filter_map(|index| {
            let State::Ready(stopped, _) = &book.tracees[index].state else {
                return None;
            };
            let mappings = &book.processes[book.process_of(index)].mappings;
            let address = mappings.address(mapping, offset)?;
            stopped.read_u32(address).ok()
        })
        .next()
}
