//! Pages that need nothing but a browser: of a submission, its interleavings
//! as pictures to step through; of a class, its marks.

mod class;
mod inert;
mod panel;
mod pictures;
mod shell;
mod submission;
mod tally;

pub use class::page as class_page;
pub(super) use submission::page;
