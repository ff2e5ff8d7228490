//! The rules that a file keeps beyond the shape of its fields. Each stops at
//! the first problem and says in which field it is.

mod arguments;
mod faults;
mod field;
mod file;
mod oracles;
mod rubric;
mod scenario;
mod strategy;

pub use arguments::{MAX_ARGUMENT_BYTES, MAX_ARGUMENTS_BYTES};
pub use rubric::rubric;
pub use scenario::scenario;
