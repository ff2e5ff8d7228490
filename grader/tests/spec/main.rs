//! The format of scenarios and rubrics: what is in `specs/`, what is refused,
//! and in which words.

mod base;
mod damaged;
mod exercise_refusals;
mod messages;
mod scenario_refusals;
mod shipped;
