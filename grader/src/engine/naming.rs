//! Names for files and pipes that do not change from run to run.

use std::cell::RefCell;
use std::collections::HashMap;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use super::scratch::Scratch;
use crate::operation::Object;
use crate::tracee::shared_names::SHM;

/// Gives kernel objects their names, in order of first use.
#[derive(Debug)]
pub(super) struct Naming {
    folder: PathBuf,
    /// FILE, if there is one.
    file: Option<PathBuf>,
    pipes: HashMap<Vec<u8>, u32>,
    /// Files in [`SHM`], in order of first use.
    shm: RefCell<HashMap<PathBuf, usize>>,
    /// System V objects by the call that gives their id, and that.
    system_v: HashMap<(&'static str, i64), i64>,
}

/// What a descriptor or path means to others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    /// Something that others can notice.
    Visible(Object),
    /// A file outside the scratch folder that is only read, standard output
    /// or error, a closed descriptor.
    Unnoticed,
}

impl Naming {
    pub fn new(scratch: &Scratch) -> Self {
        Self {
            folder: scratch.folder().to_owned(),
            file: scratch.has_file().then(|| scratch.file_path()),
            pipes: HashMap::new(),
            shm: RefCell::default(),
            system_v: HashMap::new(),
        }
    }

    /// Names what an open descriptor refers to.
    pub fn descriptor(&mut self, link: Option<&Path>) -> Named {
        let Some(link) = link else {
            return Named::Unnoticed;
        };
        if Scratch::is_output(link) || link == Path::new("/dev/null") {
            return Named::Unnoticed;
        }
        let bytes = link.as_os_str().as_bytes();
        if bytes.starts_with(b"pipe:") {
            let next = self.pipes.len() as u32;
            return Named::Visible(Object::Pipe(
                *self.pipes.entry(bytes.to_vec()).or_insert(next),
            ));
        }
        if bytes.starts_with(b"socket:") {
            return Named::Visible(Object::Kernel("socket"));
        }
        if bytes.starts_with(b"anon_inode:") {
            return Named::Visible(Object::Kernel("anon-inode"));
        }
        self.visible(link)
    }

    /// A path as seen from the grader.
    pub fn full(&self, path: &Path) -> PathBuf {
        normalise(&self.folder.join(path))
    }

    /// Names a path; `None` outside the scratch folder.
    pub fn path(&self, path: &Path) -> Option<Object> {
        let full = self.full(path);
        if self.file.as_ref() == Some(&full) {
            return Some(Object::File);
        }
        let inner = full.strip_prefix(&self.folder).ok()?;
        Some(Object::Path(inner.to_string_lossy().into_owned()))
    }

    /// Names a path of which others can notice whether it is there; `None` for
    /// what only graders and their machine change.
    pub fn noticed(&self, path: &Path) -> Option<Object> {
        let named = self.path(path);
        named.or_else(|| self.is_shared_by_name(path).then(|| self.any_path(path)))
    }

    /// True for what shm_open(3) and sem_open(3) make: a process that only
    /// reads it notices all the same whether it is there.
    fn is_shared_by_name(&self, path: &Path) -> bool {
        self.full(path).starts_with(SHM)
    }

    /// Names the System V object of an id, which the kernel never gives out
    /// again: objects are told apart within one execution only.
    pub fn system_v(&mut self, call: &'static str, id: i64) -> i64 {
        let next = self.system_v.len() as i64;
        *self.system_v.entry((call, id)).or_insert(next)
    }

    /// Names a path wherever it is.
    pub fn any_path(&self, path: &Path) -> Object {
        if let Some(object) = self.path(path) {
            return object;
        }
        let full = self.full(path);
        if full.starts_with(SHM) {
            // sem_open(3) makes the file under a name by chance first.
            let mut shm = self.shm.borrow_mut();
            let next = shm.len();
            let number = *shm.entry(full).or_insert(next);
            return Object::Path(format!("{SHM}/{number}"));
        }
        Object::Path(path.to_string_lossy().into_owned())
    }

    fn visible(&self, link: &Path) -> Named {
        match self.path(link) {
            Some(object) => Named::Visible(object),
            None if link.starts_with(SHM) || link.starts_with("/tmp") || is_memfd(link) => {
                Named::Visible(self.any_path(link))
            }
            None => Named::Unnoticed,
        }
    }
}

/// True for what memfd_create(2) makes.
fn is_memfd(link: &Path) -> bool {
    link.as_os_str().as_bytes().starts_with(b"/memfd:")
}

/// Removes `.` and `..` by name.
fn normalise(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                out.pop();
            }
            Component::CurDir => {}
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::types::File;

    #[test]
    fn the_same_file_has_one_name() {
        let scratch = Scratch::with_file(&File::MISSING).unwrap();
        let naming = Naming::new(&scratch);
        for path in ["records.txt", "./records.txt", "a/../records.txt"] {
            assert_eq!(naming.path(Path::new(path)), Some(Object::File), "{path}");
        }
        assert_eq!(naming.path(&scratch.file_path()), Some(Object::File));
        assert_eq!(
            naming.path(Path::new("lock")),
            Some(Object::Path("lock".into()))
        );
        assert_eq!(naming.path(Path::new("/etc/passwd")), None);
    }
}
