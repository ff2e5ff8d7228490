//! Scenarios and rubrics: the YAML in `specs/`, read and checked.

pub mod case;
pub mod error;
pub mod excerpt;
pub mod load;
pub mod locate;
pub mod nearest;
pub mod parse;
pub mod path;
pub mod problem;
pub mod schema;
pub mod shape;
pub mod types;
pub mod validate;
pub mod words;

pub use error::SpecError;
pub use load::{Exercise, exercises, find_specs, program};
pub use nearest::nearest;
pub use types::{Case, FORMAT, Rubric, Scenario};
