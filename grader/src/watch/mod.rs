//! `grader watch`: a submission, graded again whenever its files are saved.

mod changes;
mod files;
mod grading;
mod keys;
mod run;
mod session;
mod show;

pub(crate) use run::Grader;
pub(crate) use session::watch;
