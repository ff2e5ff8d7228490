//! Writing a file whole or not at all. A grader that is killed meanwhile leaves
//! a file of another name, which the next that writes to that folder removes.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use tempfile::NamedTempFile;

/// How the names of files begin that are not whole yet.
const UNFINISHED: &str = ".process-sync-";

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
    tidy(folder);
    let mut file = unfinished(folder)?;
    file.write_all(content.as_ref())?;
    file.as_file().sync_all()?;
    // Temporary files are their owner's alone.
    file.as_file()
        .set_permissions(Permissions::from_mode(mode))?;
    file.persist(path)?;
    Ok(())
}

/// Removes what graders that were killed have left in `folder`: files that are
/// not whole, and whose lock (flock(2)) nobody has any more.
pub fn tidy(folder: &Path) {
    // In a folder that all can write to, it may have become anything by now.
    let mut plain = OpenOptions::new();
    plain
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with(UNFINISHED)
            && entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_ours
            && let Ok(file) = plain.open(entry.path())
            // Where there are no locks, nobody can tell: it stays.
            && file.try_lock().is_ok()
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// A new file that is locked as long as it is open.
fn unfinished(folder: &Path) -> io::Result<NamedTempFile> {
    loop {
        let file = tempfile::Builder::new()
            .prefix(UNFINISHED)
            .tempfile_in(folder)?;
        // Some network file systems have none; then `tidy` lets it be, too.
        let _ = file.as_file().lock();
        // Another grader may have had the lock first, and removed it.
        if file.as_file().metadata()?.nlink() > 0 {
            return Ok(file);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names in a folder, in order.
    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("it is there").flatten();
        let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        let mut names: Vec<String> = entries.map(name).collect();
        names.sort();
        names
    }

    #[test]
    fn a_report_replaces_the_one_before() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let path = folder.path().join("new/report.json");
        save(&path, "first, and longer").expect("it can be written");
        save(&path, "second").expect("it can be written");
        assert_eq!(fs::read_to_string(&path).expect("it is there"), "second");
        assert_eq!(names(&folder.path().join("new")), ["report.json"]);
    }

    #[test]
    fn only_what_is_abandoned_is_removed() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let abandoned = folder.path().join(".process-sync-left");
        fs::write(&abandoned, "ha").expect("it can be written");
        fs::write(folder.path().join(".else"), "").expect("it can be written");
        let in_use = unfinished(folder.path()).expect("it can be made");
        save(&folder.path().join("report"), "whole").expect("it can be written");
        let kept = in_use.path().file_name().expect("it has one");
        let kept = kept.to_str().expect("it is ASCII");
        assert_eq!(names(folder.path()), [".else", kept, "report"]);
    }

    /// Many at once in one folder: nobody removes what another is writing.
    #[test]
    fn writers_leave_each_other_alone() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let path = folder.path().join(format!("{writer}"));
                scope.spawn(move || {
                    for round in 0..50 {
                        save(&path, &round.to_string()).expect("it can be written");
                    }
                });
            }
        });
        assert_eq!(names(folder.path()), ["0", "1", "2", "3"]);
    }
}
