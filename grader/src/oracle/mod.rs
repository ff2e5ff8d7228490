//! The oracles: predicates over finished executions, one file an oracle.
//!
//! They do no I/O: what they judge is in [`crate::trace::Execution`] and
//! [`Facts`], and what they say is a [`crate::finding::Failure`].

mod builtin;
mod damage;
mod damage_text;
mod deadlock;
mod exit_status;
mod judge;
pub mod limits;
mod lock_evidence;
mod order;
mod reaped;
mod records;
mod records_until_full;
mod shared_lock;
mod shared_wait;
mod survivors;
#[cfg(test)]
mod testing;
mod text;
mod writers;
mod writes;

pub use judge::{Facts, Judge, Oracle};
pub use records::check_records;
pub use text::rule_name;
