//! What a submission's processes may do, and what holds them to it.
//!
//! `rules` says which files they may reach (Landlock), `toolchain` what an interpreter
//! outside of the system wants; the filters on system calls are in
//! [`crate::tracee::filter`], as the engine lives by them too.

mod confine;
mod rules;
mod toolchain;

pub use confine::{Program, Walls, confine};
pub use rules::ruleset;
