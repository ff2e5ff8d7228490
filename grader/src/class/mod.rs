//! A class: a folder of submissions, each graded by a grader of its own.

mod entries;
mod grader;
mod record;
mod run;
mod shard;
mod table;
mod unpack;

pub use record::{Change, Record};
pub use run::{Progress, Request, Summary, grade};
pub use shard::Shard;
pub use table::{Gradebook, gradebook};
