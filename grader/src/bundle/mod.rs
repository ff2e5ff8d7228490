//! Bundles: the grader with the specs and what a platform needs to run it.

mod content;
mod make;
mod pack;
mod platform;
mod program;

pub use make::{Bundle, Dynamic, Request, make};
pub use platform::Platform;
