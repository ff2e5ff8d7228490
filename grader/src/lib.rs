//! Grades multi-process programs by controlling their schedule.
//!
//! `ARCHITECTURE.md` beside this crate has the map.

pub mod bundle;
pub mod check;
pub mod class;
pub mod cli;
mod copy;
mod digest;
pub mod engine;
pub mod error;
pub mod event;
pub mod evidence;
pub mod exit_code;
pub mod explore;
pub mod fault;
pub mod finding;
pub mod grade;
pub mod jail;
pub mod limit;
pub mod machine;
pub mod native;
pub mod operation;
pub mod oracle;
pub mod picture;
mod place;
pub mod program;
pub mod removal;
pub mod replay;
pub mod report;
mod save;
pub mod score;
pub mod source;
pub mod spec;
pub mod submission;
mod temporary;
pub mod trace;
pub mod tracee;
mod watch;
pub mod witness;
