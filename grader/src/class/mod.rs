//! A class: a folder of submissions, each graded by a grader of its own.

mod entries;
mod filled;
mod grader;
mod merge;
mod place;
mod record;
mod roster;
mod run;
mod shard;
mod table;
mod target;
mod unpack;
mod witnesses;

pub use filled::{Filled, filled};
pub use merge::{Merge, Merged, merge};
pub use record::{Change, Record};
pub use roster::Roster;
pub use run::{Progress, Request, Summary, grade};
pub use shard::Shard;
pub use table::{Gradebook, gradebook};
