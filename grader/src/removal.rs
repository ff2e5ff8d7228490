//! Removing what a student's program has left: folders nested deeper than a
//! path or the descriptors reach, and folders without any permission.

use std::fs::{self, DirEntry, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Removes all that is in `folder`. Links are removed, never followed.
///
/// Nothing of the program may be running any more.
///
/// # Errors
/// The first thing that cannot be removed.
pub fn clear(folder: &Path) -> io::Result<()> {
    // `std::fs::remove_dir_all` goes down with an open descriptor for each
    // level, and does not get into a folder that may not be read. So every
    // folder found below is moved up to the first level before it is emptied.
    let mut moved: u64 = 0;
    let mut folders = Vec::new();
    open_up(folder)?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        match is_folder(&entry)? {
            true => folders.push(entry.path()),
            false => remove_file(&entry)?,
        }
    }
    while let Some(current) = folders.pop() {
        open_up(&current)?;
        for entry in fs::read_dir(&current)? {
            let entry = entry?;
            if !is_folder(&entry)? {
                remove_file(&entry)?;
                continue;
            }
            // A folder that moves has to be writable itself.
            open_up(&entry.path())?;
            let place = free_name(folder, &mut moved);
            fs::rename(entry.path(), &place)?;
            folders.push(place);
        }
        match fs::remove_dir(&current) {
            // A listing that changes meanwhile may leave something out.
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => folders.push(current),
            other => other?,
        }
    }
    Ok(())
}

/// Removes `folder` and all that is in it.
///
/// # Errors
/// As [`clear`].
pub fn remove(folder: &Path) -> io::Result<()> {
    clear(folder)?;
    fs::remove_dir(folder)
}

fn is_folder(entry: &DirEntry) -> io::Result<bool> {
    Ok(entry.file_type()?.is_dir())
}

fn remove_file(entry: &DirEntry) -> io::Result<()> {
    fs::remove_file(entry.path())
}

fn open_up(folder: &Path) -> io::Result<()> {
    fs::set_permissions(folder, Permissions::from_mode(0o700))
}

/// A name in `folder` that nothing has.
fn free_name(folder: &Path, moved: &mut u64) -> PathBuf {
    loop {
        let place = folder.join(format!("removed-{moved}"));
        *moved += 1;
        if place.symlink_metadata().is_err() {
            return place;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// Folders within folders, made from the inside out: their paths are
    /// longer than the kernel takes.
    fn nested(root: &Path, depth: usize) {
        let (inner, outer) = (root.join("d"), root.join("outer"));
        fs::create_dir(&inner).expect("a folder");
        fs::write(inner.join("file"), "").expect("a file");
        for _ in 1..depth {
            fs::create_dir(&outer).expect("a folder");
            fs::rename(&inner, outer.join("d")).expect("it moves");
            fs::rename(&outer, &inner).expect("it moves");
        }
    }

    #[test]
    fn folders_ten_thousand_deep_are_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        nested(folder.path(), 10_000);
        clear(folder.path()).expect("it can be removed");
        assert_eq!(fs::read_dir(folder.path()).expect("it is there").count(), 0);
    }

    #[test]
    fn modes_and_links_are_no_obstacle() {
        let (folder, other) = (tempfile::tempdir(), tempfile::tempdir());
        let (folder, other) = (folder.expect("a folder"), other.expect("a folder"));
        fs::write(other.path().join("kept"), "").expect("a file");
        let shut = folder.path().join("shut");
        let inner = shut.join("inner");
        fs::create_dir_all(&inner).expect("folders");
        fs::write(folder.path().join("removed-0"), "").expect("a file");
        fs::write(inner.join("file"), "").expect("a file");
        symlink(other.path(), inner.join("link")).expect("a link");
        for path in [&inner, &shut] {
            fs::set_permissions(path, Permissions::from_mode(0o000)).expect("it is ours");
        }
        remove(folder.path()).expect("it can be removed");
        assert!(!folder.path().exists());
        assert!(other.path().join("kept").exists());
    }
}
