//! Writing a file whole or not at all.

use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::NamedTempFile;

/// Puts `text` where `path` says, for others to read too. What is no plain file
/// (`/dev/stdout`, a FIFO) is written to.
///
/// # Errors
/// As [`replace`].
pub fn save(path: &Path, text: &str) -> io::Result<()> {
    let special = fs::metadata(path).is_ok_and(|metadata| !metadata.is_file());
    match special {
        true => fs::write(path, text),
        false => replace(path, text, 0o644),
    }
}

/// Puts a file of this mode at `path`, in a folder that is made if need be: the
/// old file stays until the new one is on the disk.
///
/// # Errors
/// If the folder or the file cannot be written.
pub fn replace(path: &Path, content: impl AsRef<[u8]>, mode: u32) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(content.as_ref())?;
    file.as_file().sync_all()?;
    // Temporary files are their owner's alone.
    file.as_file()
        .set_permissions(Permissions::from_mode(mode))?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_replaces_the_one_before() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let path = folder.path().join("new/report.json");
        save(&path, "first, and longer").expect("it can be written");
        save(&path, "second").expect("it can be written");
        assert_eq!(fs::read_to_string(&path).expect("it is there"), "second");
        let left: Vec<_> = fs::read_dir(folder.path().join("new"))
            .expect("it is there")
            .collect();
        assert_eq!(left.len(), 1, "{left:?}");
    }
}
