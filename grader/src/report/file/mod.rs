//! Reports in files, for the platforms that courses use: one file a format,
//! all from the same events.

mod autolab;
mod classroom50;
mod ctrf;
mod document;
mod format;
mod github;
mod gradescope;
mod html;
mod junit;
mod prairielearn;
mod reports;
mod tap;

pub use format::{FileReport, Format};
pub use html::class_page;
pub use reports::Reports;
