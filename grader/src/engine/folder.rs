//! A folder as it was at the start, kept in memory and put back before every
//! execution.

use std::fs::{self, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use crate::digest::hex;
use crate::removal;
use crate::tracee::identity::Identity;

/// The most that is kept: it is compared with the folder before every
/// execution, so more would be slow before it were too large.
pub const FOLDER_MAX_BYTES: u64 = 16 << 20;
/// The most files and folders.
pub const FOLDER_MAX_ENTRIES: usize = 4096;

/// What a folder held when it was read.
#[derive(Debug, Clone, Default)]
pub struct Folder {
    /// By path relative to the folder, parents before what they hold.
    entries: Vec<(PathBuf, Entry)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Entry {
    Folder { mode: u32 },
    File { mode: u32, content: Vec<u8> },
    Link(PathBuf),
}

/// Why a folder cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// More than 16 MiB or 4096 files and folders.
    #[error("it holds more than {} MiB or {FOLDER_MAX_ENTRIES} files", FOLDER_MAX_BYTES >> 20)]
    TooLarge,
    /// A FIFO, socket or device.
    #[error("{} is neither a file nor a folder nor a link", .0.display())]
    Special(PathBuf),
    /// Something in it cannot be read.
    #[error("{}: {cause}", path.display())]
    Unreadable {
        /// What.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
}

impl Folder {
    /// Reads a folder with all that it holds.
    ///
    /// # Errors
    /// [`FolderError`] if it is too large, or holds what cannot be copied.
    pub fn read(root: &Path) -> Result<Self, FolderError> {
        let mut folder = Self::default();
        let mut left = FOLDER_MAX_BYTES;
        folder.read_into(root, Path::new(""), &mut left)?;
        Ok(folder)
    }

    fn read_into(&mut self, root: &Path, below: &Path, left: &mut u64) -> Result<(), FolderError> {
        let at = root.join(below);
        let unreadable = |cause| FolderError::Unreadable {
            path: at.clone(),
            cause,
        };
        let mut names = Vec::new();
        for entry in fs::read_dir(&at).map_err(unreadable)? {
            names.push(entry.map_err(unreadable)?.file_name());
        }
        names.sort();
        for name in names {
            let path = below.join(name);
            let entry = read_entry(&root.join(&path), left)?;
            let is_folder = matches!(entry, Entry::Folder { .. });
            self.entries.push((path.clone(), entry));
            if self.entries.len() > FOLDER_MAX_ENTRIES {
                return Err(FolderError::TooLarge);
            }
            if is_folder {
                self.read_into(root, &path, left)?;
            }
        }
        Ok(())
    }

    /// How many files and folders it holds.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.entries.len()
    }

    /// Makes `root` hold what was read and nothing else, as `owner`'s. What is
    /// as it was is left alone.
    ///
    /// # Errors
    /// If something in it cannot be removed or written.
    pub fn put_back(&self, root: &Path, owner: Option<Identity>) -> io::Result<()> {
        let give = |path: &Path| owner.map_or(Ok(()), |owner| owner.give(path));
        self.remove_others(root, Path::new(""))?;
        for (path, entry) in &self.entries {
            let path = root.join(path);
            let now = fs::symlink_metadata(&path).ok();
            match entry {
                Entry::Folder { mode } => {
                    if now.is_none() {
                        fs::create_dir(&path)?;
                        give(&path)?;
                    }
                    set_mode(&path, *mode)?;
                }
                Entry::Link(target) => {
                    if now.is_none() {
                        symlink(target, &path)?;
                        give(&path)?;
                    }
                }
                Entry::File { mode, content } => {
                    if !now.is_some_and(|meta| holds(&path, &meta, *mode, content)) {
                        // A mode without `w` would be in the way of the write.
                        if path.exists() {
                            fs::remove_file(&path)?;
                        }
                        fs::write(&path, content)?;
                        give(&path)?;
                        set_mode(&path, *mode)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn remove_others(&self, root: &Path, below: &Path) -> io::Result<()> {
        for entry in fs::read_dir(root.join(below))? {
            let entry = entry?;
            let path = below.join(entry.file_name());
            let is = entry.file_type()?;
            let was = self.entries.iter().find(|(known, _)| *known == path);
            match was.map(|(_, entry)| entry) {
                Some(Entry::Folder { .. }) if is.is_dir() => {
                    set_mode(&entry.path(), 0o700)?;
                    self.remove_others(root, &path)?;
                }
                Some(Entry::File { .. }) if is.is_file() => {}
                Some(Entry::Link(target))
                    if is.is_symlink() && fs::read_link(entry.path())? == *target => {}
                _ if is.is_dir() => removal::remove(&entry.path())?,
                _ => fs::remove_file(entry.path())?,
            }
        }
        Ok(())
    }

    /// SHA-256 of all names, modes and contents, in hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> String {
        use sha2::{Digest, Sha256};
        let mut digest = Sha256::new();
        for (path, entry) in &self.entries {
            let (kind, mode, content) = match entry {
                Entry::Folder { mode } => ("folder", *mode, [].as_slice()),
                Entry::File { mode, content } => ("file", *mode, content.as_slice()),
                Entry::Link(target) => ("link", 0, target.as_os_str().as_encoded_bytes()),
            };
            let name = path.as_os_str().as_encoded_bytes();
            digest.update(format!(
                "{kind} {mode:o} {} {}\n",
                name.len(),
                content.len()
            ));
            digest.update(name);
            digest.update(content);
        }
        hex(digest)
    }
}

fn read_entry(path: &Path, left: &mut u64) -> Result<Entry, FolderError> {
    let unreadable = |cause| FolderError::Unreadable {
        path: path.to_owned(),
        cause,
    };
    let meta = fs::symlink_metadata(path).map_err(unreadable)?;
    let mode = meta.permissions().mode() & 0o7777;
    if meta.is_dir() {
        return Ok(Entry::Folder { mode });
    }
    if meta.is_symlink() {
        return fs::read_link(path).map(Entry::Link).map_err(unreadable);
    }
    if !meta.is_file() {
        return Err(FolderError::Special(path.to_owned()));
    }
    *left = left.checked_sub(meta.len()).ok_or(FolderError::TooLarge)?;
    let content = fs::read(path).map_err(unreadable)?;
    Ok(Entry::File { mode, content })
}

fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    fs::set_permissions(path, Permissions::from_mode(mode))
}

/// True if a file is as it was. Times would not tell: a write through a
/// mapping need not change them.
fn holds(path: &Path, meta: &Metadata, mode: u32, content: &[u8]) -> bool {
    meta.is_file()
        && meta.permissions().mode() & 0o7777 == mode
        && meta.len() == content.len() as u64
        && fs::read(path).is_ok_and(|now| now == content)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> (tempfile::TempDir, Folder) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path();
        fs::create_dir(path.join("d")).expect("a folder");
        fs::write(path.join("d/one"), "one").expect("a file");
        fs::write(path.join("two"), "two").expect("a file");
        symlink("two", path.join("link")).expect("a link");
        let kept = Folder::read(path).expect("it can be kept");
        (folder, kept)
    }

    #[test]
    fn what_was_changed_added_and_removed_is_put_back() {
        let (folder, kept) = example();
        let path = folder.path();
        fs::remove_dir_all(path.join("d")).expect("it is there");
        fs::write(path.join("d"), "now a file").expect("it can be written");
        fs::write(path.join("two"), "TWO").expect("it can be written");
        set_mode(&path.join("two"), 0o400).expect("it is ours");
        fs::remove_file(path.join("link")).expect("it is there");
        symlink("elsewhere", path.join("link")).expect("a link");
        fs::create_dir_all(path.join("new/er")).expect("a folder");
        kept.put_back(path, None).expect("it can be put back");
        let now = Folder::read(path).expect("it can be kept");
        assert_eq!(now.entries, kept.entries);
        assert_eq!(now.sha256(), kept.sha256());
    }

    #[test]
    fn another_content_has_another_sum() {
        let (folder, kept) = example();
        fs::write(folder.path().join("two"), "TWO").expect("it can be written");
        let now = Folder::read(folder.path()).expect("it can be kept");
        assert_ne!(now.sha256(), kept.sha256());
    }

    #[test]
    fn too_much_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let large = fs::File::create(folder.path().join("large")).expect("a file");
        large.set_len(FOLDER_MAX_BYTES + 1).expect("a hole");
        let refused = Folder::read(folder.path());
        assert!(matches!(refused, Err(FolderError::TooLarge)), "{refused:?}");
    }

    #[test]
    fn a_fifo_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("fifo");
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).expect("a FIFO");
        let refused = Folder::read(folder.path());
        assert!(
            matches!(refused, Err(FolderError::Special(_))),
            "{refused:?}"
        );
    }
}
