//! Choosing schedules: one strategy a file, and the loop that runs them.
//! Nothing here knows how a tracee is controlled.

mod dependence;
mod dpor;
mod exhaustive;
mod exploration;
mod nearest;
mod overlap;
mod pct;
mod race;
mod replay;
mod search;
mod shrink;

pub use dpor::Dpor;
pub use exhaustive::{Bounds, Exhaustive};
pub use exploration::{Explored, Hit, Progress, explore};
pub use nearest::{Difference, Nearest, nearest};
pub use pct::Pct;
pub use replay::{Replay, ScheduledStep};
pub use search::{Lots, search};
pub use shrink::{Shrunk, shrink};
