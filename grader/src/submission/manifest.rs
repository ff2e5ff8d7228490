//! What a student's Cargo package may not ask for: anything that runs, or is
//! fetched from elsewhere, while it is built.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::report::escape;

/// A package, as `cargo metadata` tells of it; a workspace has several.
#[derive(Debug, Deserialize)]
pub struct Package {
    /// Its Cargo.toml.
    pub manifest_path: PathBuf,
    /// What it builds.
    pub targets: Vec<PackageTarget>,
    dependencies: Vec<Dependency>,
}

/// A program, library or build script.
#[derive(Debug, Deserialize)]
pub struct PackageTarget {
    /// Its name.
    pub name: String,
    /// `bin`, `lib`, `custom-build` and others.
    pub kind: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
    /// `None` for a folder.
    source: Option<String>,
}

/// Files that cargo or rustup would take orders from, were it started there.
const CONFIGURATION: [&str; 4] = [
    ".cargo/config.toml",
    ".cargo/config",
    "rust-toolchain.toml",
    "rust-toolchain",
];

/// Checks a package of the submission that the user calls `path`.
///
/// # Errors
/// [`Error::Submission`] for a build script, a procedural macro, or a
/// dependency that is no crate of a registry.
pub fn check(path: &Path, package: &Package) -> Result<()> {
    let refused = |cause: String, help: &str| {
        Err(Error::Submission {
            path: path.to_owned(),
            what: "build",
            cause,
            help: help.to_owned(),
        })
    };
    let has = |kind: &str| {
        let mut kinds = package.targets.iter().flat_map(|target| &target.kind);
        kinds.any(|found| found == kind)
    };
    if has("custom-build") {
        let cause = "it has a build script (build.rs), which is not run here".to_owned();
        return refused(cause, "remove build.rs and `build = ...` in Cargo.toml");
    }
    if has("proc-macro") {
        let cause = "it has a procedural macro, which is not run here".to_owned();
        return refused(cause, "remove `proc-macro = true` from Cargo.toml");
    }
    let from_registry = |source: &String| source.starts_with("registry+");
    let mut dependencies = package.dependencies.iter();
    match dependencies.find(|dependency| !dependency.source.as_ref().is_some_and(from_registry)) {
        Some(Dependency { name, .. }) => refused(
            format!(
                "its dependency `{}` is a folder or a repository",
                escape::lines(name)
            ),
            "use the dependencies that the starter's Cargo.toml has",
        ),
        None => Ok(()),
    }
}

/// A line for each file of `folder` that would give orders to cargo or rustup,
/// and does not here.
pub fn ignored(folder: &Path) -> String {
    let there = CONFIGURATION
        .iter()
        .filter(|name| folder.join(name).exists());
    there
        .map(|name| format!("note: {name} of the submission is not used\n"))
        .collect()
}
