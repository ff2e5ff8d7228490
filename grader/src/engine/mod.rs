//! One execution of one schedule: mechanism, no policy.

mod arrive;
mod buffers;
mod call;
mod closing;
mod death;
mod decode;
mod descriptions;
mod error;
mod execution;
mod extent;
mod folder;
mod hidden;
mod locks;
mod made;
mod mappings;
mod naming;
mod opened;
mod pointers;
mod process;
mod remap;
mod scratch;
mod setup;
mod shared;
mod sight;
mod start;
mod step;
mod strategy;
mod tracees;
pub mod usage;

pub use error::EngineError;
pub use execution::execute;
pub use folder::{Folder, FolderError};
pub use scratch::{FILE_NAME, Scratch};
pub use setup::{Points, Setup};
pub use start::Checkpoint;
pub use strategy::{Choice, Decision, Point, Strategy};
