//! What the programs of this assignment have in common.
//!
//! | module       | what is in it                                | to do        |
//! |--------------|----------------------------------------------|--------------|
//! | [`args`]     | the command lines                            | given        |
//! | [`failure`]  | what went wrong, as a message on stderr      | given        |
//! | [`signals`]  | the SIGUSR1 handler that does nothing        | given        |
//! | [`record`]   | opening FILE, writing a record               | TODO 1, 2, 5 |
//! | [`shared`]   | memory and a lock that all processes share   | TODO 3, 4    |
//! | [`children`] | starting a process, and waiting for it       | TODO 6       |
//!
//! The program itself, with TODO 7 and the other half of 3 and 4, is in
//! `src/bin/forkwrite.rs`. Begin reading there. `gate`, `rendezvous` and
//! `relay`, beside it, come afterwards and have TODOs of their own.

pub mod args;
pub mod children;
pub mod failure;
pub mod record;
pub mod shared;
pub mod signals;
