//! A program on the real kernel's schedule: no tracing, real signals.

mod round;
mod session;
mod storm;

pub use round::{Round, run};
