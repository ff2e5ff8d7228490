//! From a submission to its marks.

mod case;
mod course;
mod grading;
pub(crate) mod native_case;
mod start;
mod workers;

pub use course::{exercises_of, list};
pub(crate) use grading::fatal;
pub use grading::{Request, grade};
