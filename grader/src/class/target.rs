//! Where an archive is unpacked to: nothing is made outside of it, and not more
//! than a submission can need.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Component, Path, PathBuf};

/// The most that an archive may hold, unpacked.
pub(super) const UNPACKED_MAX_BYTES: u64 = 64 << 20;
/// The most files and folders of an archive.
pub(super) const MEMBERS_MAX: usize = 10_000;

/// A folder, and what it holds so far.
pub(super) struct Target<'a> {
    folder: &'a Path,
    /// All files, and all folders that they are in.
    members: BTreeSet<PathBuf>,
    left_bytes: u64,
}

impl<'a> Target<'a> {
    /// `folder` is empty.
    pub fn new(folder: &'a Path) -> Self {
        Self {
            folder,
            members: BTreeSet::new(),
            left_bytes: UNPACKED_MAX_BYTES,
        }
    }

    /// Makes a folder.
    pub fn folder(&mut self, name: &str) -> Result<(), String> {
        let path = self.path(name)?;
        self.count_folders(&path)?;
        fs::create_dir_all(path).map_err(|error| format!("`{name}`: {error}"))
    }

    /// Makes a file of what `content` gives.
    pub fn file(
        &mut self,
        name: &str,
        executable: bool,
        content: &mut dyn Read,
    ) -> Result<(), String> {
        let path = self.path(name)?;
        let failed = |error: io::Error| format!("`{name}`: {error}");
        if let Some(parent) = path.parent() {
            self.count_folders(parent)?;
            fs::create_dir_all(parent).map_err(failed)?;
        }
        if !self.count(&path)? {
            return Err(format!("`{name}` is in it twice"));
        }
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(if executable { 0o755 } else { 0o644 })
            .open(&path)
            .map_err(failed)?;
        // What the archive says of its lengths is not to be relied on.
        let copied = io::copy(&mut content.take(self.left_bytes + 1), &mut file);
        let copied = copied.map_err(failed)?;
        self.left_bytes = self
            .left_bytes
            .checked_sub(copied)
            .ok_or_else(|| format!("it holds more than {} MiB", UNPACKED_MAX_BYTES >> 20))?;
        Ok(())
    }

    /// One more, unless it was there already.
    fn count(&mut self, path: &Path) -> Result<bool, String> {
        let is_new = self.members.insert(path.to_owned());
        match self.members.len() > MEMBERS_MAX {
            true => Err(format!(
                "it holds more than {MEMBERS_MAX} files and folders"
            )),
            false => Ok(is_new),
        }
    }

    /// A folder, with those that it is in: a name makes as many as it has parts.
    fn count_folders(&mut self, path: &Path) -> Result<(), String> {
        let folder = self.folder;
        for path in path.ancestors().take_while(|path| *path != folder) {
            if !self.count(path)? {
                break;
            }
        }
        Ok(())
    }

    /// Where a member goes: within the folder, whatever its name says.
    fn path(&self, name: &str) -> Result<PathBuf, String> {
        let mut path = self.folder.to_owned();
        for part in Path::new(name).components() {
            match part {
                Component::Normal(part) => path.push(part),
                Component::CurDir => {}
                _ => return Err(format!("`{name}` in it leads out of the submission")),
            }
        }
        Ok(path)
    }
}
