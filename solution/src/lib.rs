//! A model answer to the assignment.
//!
//! | module       | what is in it                            | repairs                    |
//! |--------------|------------------------------------------|----------------------------|
//! | [`args`]     | the command line                         |                            |
//! | [`failure`]  | what went wrong, as a message on stderr  |                            |
//! | [`signals`]  | SIGUSR1 and SIGXFSZ                      | death by the size limit    |
//! | [`record`]   | opening FILE, the write loop             | TODO 1, 2                  |
//! | [`shared`]   | memory that all processes share          | TODO 3                     |
//! | [`mutex`]    | a robust mutex for that memory           | TODO 4                     |
//! | [`ledger`]   | one writer at a time, half lines cut off | TODO 5, and the bonus      |
//! | [`children`] | starting processes, waiting for them all | TODO 6                     |
//!
//! Each repair has a comment that begins `REPAIR`: which loss it prevents, and
//! the rule it rests on. TODO 7, tearing down, is in `src/bin/forkwrite.rs`.

pub mod args;
pub mod children;
pub mod failure;
pub mod ledger;
pub mod mutex;
pub mod record;
pub mod shared;
pub mod signals;
