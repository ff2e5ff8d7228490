//! Real processes under control: starting, stopping, reading and resuming
//! them. The only place of the crate that holds `unsafe`.

pub mod access;
pub mod ahead;
pub mod alarm;
mod arithmetic;
pub mod calls;
pub mod checkpoint;
pub mod code;
mod condition;
pub mod confinement;
pub mod displaced;
pub mod emulate;
mod encode;
pub mod filter;
pub mod guardian;
mod held;
pub mod identity;
pub mod inject;
mod interpret;
pub mod ipc;
pub mod known;
pub mod memory;
pub mod probe;
pub mod proc;
mod refused;
pub mod shared_names;
pub mod spawn;
mod stack;
pub mod stop;
mod strings;
pub mod stub;
mod sys;
pub mod vectors;

pub mod wait;
