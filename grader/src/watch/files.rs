//! The submission's files: told of when they are saved, and told apart.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;

use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{ErrorKind, Event, RecommendedWatcher, RecursiveMode, Watcher};

use super::session::Input;
use crate::digest;
use crate::error::{Error, Result};

/// What cargo writes by itself where it is missing.
const LOCK_FILE: &str = "Cargo.lock";

/// What each file holds, by its path in the submission. That of a submission
/// that is one file is empty.
pub(super) type Contents = BTreeMap<PathBuf, String>;

/// A submission's files.
pub(super) struct Files {
    path: PathBuf,
    watcher: RecommendedWatcher,
}

impl Files {
    /// Has `inputs` told whenever something in the submission is saved.
    pub fn new(given: &Path, inputs: Sender<Input>) -> Result<Self> {
        let path = given.canonicalize().map_err(|cause| Error::Submission {
            path: given.to_owned(),
            what: "start",
            cause: cause.to_string(),
            help: "check the path: a program, or a folder with a Cargo.toml or a Makefile"
                .to_owned(),
        })?;
        let root = path.clone();
        let watcher = notify::recommended_watcher(move |event| {
            if is_saving(&root, &event) {
                let _ = inputs.send(Input::Saved);
            }
        });
        let mut files = Self {
            watcher: watcher.map_err(|cause| failed(given, cause))?,
            path,
        };
        // A file that is saved is often a new one, put in place of the old.
        if let Some(around) = files.path.parent() {
            let watched = files.watcher.watch(around, RecursiveMode::NonRecursive);
            watched.map_err(|cause| failed(given, cause))?;
        }
        Ok(files)
    }

    /// What is there now; nothing if the submission is not.
    ///
    /// # Errors
    /// If the kernel watches no more files: saves would be missed.
    pub fn look(&mut self) -> Result<Contents> {
        let mut contents = Contents::new();
        let mut waiting = vec![self.path.clone()];
        while let Some(path) = waiting.pop() {
            if path.is_file() && path == self.path {
                contents.insert(PathBuf::new(), content(&path).unwrap_or_default());
                continue;
            }
            // Before it is read, so that nothing is missed. It may be gone.
            match self.watcher.watch(&path, RecursiveMode::NonRecursive) {
                Err(cause) if matches!(cause.kind, ErrorKind::MaxFilesWatch) => {
                    return Err(failed(&path, cause));
                }
                Ok(()) | Err(_) => {}
            }
            for entry in fs::read_dir(&path).into_iter().flatten().flatten() {
                let (path, name) = (entry.path(), entry.file_name());
                if is_left_out(Path::new(&name)) {
                    continue;
                }
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => waiting.push(path),
                    Ok(kind) if kind.is_file() => {
                        let within = path.strip_prefix(&self.path).unwrap_or(&path);
                        let content = content(&path).unwrap_or_default();
                        contents.insert(within.to_owned(), content);
                    }
                    // Refused by the grader, which says why.
                    _ => {
                        contents.insert(path, String::new());
                    }
                }
            }
        }
        Ok(contents)
    }
}

fn failed(path: &Path, cause: notify::Error) -> Error {
    match cause.kind {
        ErrorKind::MaxFilesWatch => Error::Usage {
            message: format!(
                "cannot watch {}: too many files are watched",
                path.display()
            ),
            help: "end other programs that watch files, or raise the limits \
                   fs.inotify.max_user_watches and max_user_instances (sysctl)"
                .to_owned(),
        },
        _ => Error::grader(format!("watch {}", path.display()), cause),
    }
}

/// What a file holds, and whether it may be executed.
fn content(path: &Path) -> io::Result<String> {
    let mode = fs::metadata(path)?.permissions().mode();
    Ok(format!("{:o} {}", mode & 0o777, digest::of_file(path)?))
}

fn is_left_out(name: &Path) -> bool {
    let mut left_out = digest::LEFT_OUT.iter().chain([&LOCK_FILE]);
    left_out.any(|left_out| name == Path::new(left_out))
}

/// True if an event says that something in `root` may hold something else.
/// Only looking at files, as a grading does, is none.
fn is_saving(root: &Path, event: &notify::Result<Event>) -> bool {
    let Ok(event) = event else {
        return true;
    };
    let changes = match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        _ => true,
    };
    let ours = |path: &PathBuf| {
        path.strip_prefix(root)
            .is_ok_and(|within| !within.iter().any(|name| is_left_out(Path::new(name))))
    };
    changes && (event.need_rescan() || event.paths.iter().any(ours))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    #[test]
    fn only_what_the_student_saves_is_told() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let root = folder.path().join("work");
        fs::create_dir_all(root.join("src/deep")).expect("the test's own");
        fs::create_dir_all(root.join("target")).expect("the test's own");
        fs::write(root.join("src/deep/a.c"), "one").expect("the test's own");
        let (sender, inputs) = mpsc::channel();
        let mut files = Files::new(&root, sender).expect("it can be watched");
        let before = files.look().expect("it can be watched");
        assert_eq!(
            before.keys().collect::<Vec<_>>(),
            [Path::new("src/deep/a.c")]
        );
        // Events come in order: those of the build would come first.
        fs::write(root.join("target/built"), "x").expect("the test's own");
        fs::read(root.join("src/deep/a.c")).expect("the test's own");
        fs::write(folder.path().join("beside"), "x").expect("the test's own");
        assert_eq!(files.look().expect("it can be watched"), before);
        assert!(inputs.try_recv().is_err());
        fs::write(root.join("src/deep/b.c"), "two").expect("the test's own");
        let told = inputs.recv_timeout(Duration::from_secs(30));
        assert!(matches!(told, Ok(Input::Saved)), "{told:?}");
        assert_ne!(files.look().expect("it can be watched"), before);
    }
}
