//! What becomes of a team when one of it is killed. A file of its own, and so a
//! process: the team waits for any child, and would reap those of other tests.

use nix::sys::signal::{Signal, raise};
use solution::failure::Failure;
use solution::semaphore::Semaphore;
use solution::shared::{Shareable, Shared};
use solution::{signals, team};

/// A semaphore without a free place.
#[derive(Debug)]
struct Closed(Semaphore);

// SAFETY: a process-shared semaphore, no pointers.
unsafe impl Shareable for Closed {}

#[test]
fn nobody_waits_for_the_dead() {
    signals::handle_sigusr1().expect("a handler");
    let closed = Shared::new(Closed(Semaphore::uninitialised())).expect("shared memory");
    // SAFETY: it stays there, and nobody else has it yet.
    unsafe { closed.0.initialise(0) }.expect("a semaphore");

    let result = team::run(3, |number| {
        if number == 1 {
            raise(Signal::SIGKILL).expect("a signal to oneself");
        }
        let place = closed.0.take();
        place
            .map(drop)
            .map_err(|errno| Failure::new("cannot wait", errno))
    });

    let message = result.expect_err("one is killed").to_string();
    for part in [
        "process 0 ended with status 1",
        "process 1 was killed by SIGKILL",
        "process 2 ended with status 1",
    ] {
        assert!(message.contains(part), "{message}");
    }
}
