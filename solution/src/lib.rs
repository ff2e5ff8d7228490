//! A model answer to the assignment.
//!
//! | module        | what is in it                              | repairs                 |
//! |---------------|--------------------------------------------|-------------------------|
//! | [`args`]      | the command lines                          |                         |
//! | [`failure`]   | what went wrong, as a message on stderr    |                         |
//! | [`signals`]   | SIGUSR1, SIGXFSZ; SIGTERM from the parent  | death by the size limit |
//! | [`record`]    | opening FILE, the write loop               | TODO 1, 2               |
//! | [`shared`]    | memory that all processes share            | TODO 3                  |
//! | [`slot`]      | room in it for an object of the C library  |                         |
//! | [`mutex`]     | a robust mutex                             | TODO 4                  |
//! | [`ledger`]    | one writer at a time, half lines cut off   | TODO 5, and the bonus   |
//! | [`children`]  | starting processes, waiting for them all   | TODO 6                  |
//! | [`semaphore`] | so many at once                            | `gate`                  |
//! | [`barrier`]   | all wait for all                           | `rendezvous`            |
//! | [`condition`] | waiting until something has changed        | `relay`                 |
//! | [`team`]      | processes that wait for each other         | all of these three      |
//!
//! Each repair has a comment that begins `REPAIR`: which loss it prevents, and
//! the rule it rests on. TODO 7, tearing down, is in `src/bin/forkwrite.rs`, and
//! how each of the other programs uses its primitive in its own `src/bin` file.

pub mod args;
pub mod barrier;
pub mod children;
pub mod condition;
pub mod failure;
pub mod ledger;
pub mod mutex;
pub mod record;
pub mod semaphore;
pub mod shared;
pub mod signals;
pub mod slot;
pub mod team;
