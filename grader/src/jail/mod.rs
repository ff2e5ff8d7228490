//! What a submission's processes may do, and what holds them to it.
//!
//! `rules` says which files they may reach (Landlock), `toolchain` what an
//! interpreter outside of the system or a compiler wants, `building` how a build is
//! held, `job` which user they are; `held`
//! what of it is in force here; `machine` what there is, and `advice` what to do
//! about the rest. The filters on system calls are in
//! [`crate::tracee::filter`], as the engine lives by them too.

mod advice;
mod building;
mod confine;
mod held;
mod job;
mod machine;
mod rules;
mod toolchain;

pub use advice::{Place, advice};
pub use building::confine_build;
pub use confine::{Program, Walls, confine};
pub use held::{Held, SignalGuard, held};
pub use machine::{Part, Tier, tiers};
pub use rules::{Reach, ruleset};
pub use toolchain::{cargo_home, rustup_home};
