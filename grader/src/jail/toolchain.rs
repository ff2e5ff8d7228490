//! Interpreters and their libraries that are not installed with the system.

use std::env;
use std::path::{Path, PathBuf};

/// The folders of the grader's own PATH, and the libraries beside each, as an
/// interpreter in `/opt/python/bin` has its own in `/opt/python/lib`. It is
/// the grader's PATH that counts: what a program says that it needs, in its
/// first line or its header, could be anything that it would like to read.
pub fn folders() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).filter(|folder| folder.is_absolute());
    folders
        .flat_map(|folder| {
            let libraries = folder.parent().map(libraries);
            [Some(folder), libraries.flatten()]
        })
        .flatten()
        .collect()
}

/// The libraries below `prefix`; those of the root are the system's.
fn libraries(prefix: &Path) -> Option<PathBuf> {
    prefix.parent().map(|_| prefix.join("lib"))
}

/// Where rustup keeps its toolchains (The rustup book, "Environment variables").
pub fn rustup_home() -> Option<PathBuf> {
    home_of("RUSTUP_HOME", ".rustup")
}

/// Where cargo keeps what it downloads (The Cargo Book, "Cargo Home").
pub fn cargo_home() -> Option<PathBuf> {
    home_of("CARGO_HOME", ".cargo")
}

fn home_of(variable: &str, name: &str) -> Option<PathBuf> {
    let set = env::var_os(variable).map(PathBuf::from);
    set.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(name)))
}
