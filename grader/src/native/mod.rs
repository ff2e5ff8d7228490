//! A program on the real kernel's schedule: no tracing, real signals.

mod leftovers;
mod pace;
mod round;
mod session;
mod storm;
mod turns;

pub use round::{Round, run};
