//! Reports: they consume events and results, and never change a score.

pub mod course;
mod describe;
pub mod doctor;
mod doing;
pub mod escape;
pub mod explain;
pub mod exploration;
pub mod file;
pub mod interleaving;
pub mod jail;
pub mod json;
pub mod lost_mark;
pub mod output;
pub mod paint;
pub mod replay;
pub mod stream;
pub mod terminal;
#[cfg(test)]
mod test_data;
