//! The walls around a compiler and all that it starts.

use std::io;
use std::path::PathBuf;

use super::rules::{Reach, ruleset};
use super::toolchain;
use crate::tracee::confinement::{Calls, Confinement};
use crate::tracee::filter::Signals;

/// What holds a build to the system's files, the toolchain's and those of
/// `reach`. It is the grader's own user: what it makes belongs to the
/// submission's owner.
///
/// # Errors
/// If the kernel has Landlock and refuses it.
pub fn confine_build(mut reach: Reach) -> io::Result<Confinement> {
    reach.read.extend(toolchain::folders());
    reach.read.extend(rust());
    Ok(Confinement {
        ruleset: ruleset(&reach).map_err(io::Error::other)?,
        identity: None,
        signals: Signals::Allowed,
        calls: Calls::Known,
    })
}

/// Rust's toolchains and what cargo has downloaded. Cargo's credentials are
/// not among it.
fn rust() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = toolchain::rustup_home().into_iter().collect();
    if let Some(home) = toolchain::cargo_home() {
        let parts = ["bin", "registry", "git", "config", "config.toml"];
        found.extend(parts.map(|part| home.join(part)));
    }
    // A cargo that was not installed by rustup.
    let cargo = std::env::var_os("CARGO").map(PathBuf::from);
    let prefix = cargo.and_then(|cargo| Some(cargo.parent()?.parent()?.to_owned()));
    found.extend(prefix.filter(|prefix| prefix.join("lib/rustlib").is_dir()));
    found
}
