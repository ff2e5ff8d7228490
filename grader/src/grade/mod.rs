//! From a submission to its marks.

mod case;
pub(crate) mod confirm;
mod course;
mod grading;
pub(crate) mod native_case;
mod start;

pub use course::list;
pub(crate) use grading::fatal;
pub use grading::{Request, grade};
