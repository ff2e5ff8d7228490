//! Digests of files and folders: whether what a result hangs on is the same.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use sha2::{Digest as _, Sha256};

/// Made by building or grading, not by the student.
pub const LEFT_OUT: [&str; 3] = ["target", ".git", ".grade"];

/// The digest of one file's content, in hexadecimal.
///
/// # Errors
/// If the file cannot be read.
pub fn of_file(path: &Path) -> io::Result<String> {
    let mut hasher = Sha256::new();
    io::copy(&mut File::open(path)?, &mut hasher)?;
    Ok(hex(hasher))
}

/// The digest of a folder: names, contents, and what may be executed. Links
/// and special files count by their names; they are never opened.
///
/// # Errors
/// If something in it cannot be read.
pub fn of_folder(folder: &Path) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(path) = waiting.pop() {
        let mut members: Vec<_> = fs::read_dir(&path)?.collect::<io::Result<_>>()?;
        members.sort_by_key(fs::DirEntry::file_name);
        for member in members {
            let name = member.file_name();
            if LEFT_OUT.iter().any(|left_out| name == *left_out) {
                continue;
            }
            let metadata = fs::symlink_metadata(member.path())?;
            let within = member.path();
            let within = within.strip_prefix(folder).unwrap_or(&within);
            add(&mut hasher, within.as_os_str().as_encoded_bytes());
            if metadata.is_dir() {
                add(&mut hasher, b"folder");
                waiting.push(member.path());
            } else if metadata.is_file() {
                use std::os::unix::fs::PermissionsExt;
                let executable = metadata.permissions().mode() & 0o100 != 0;
                add(&mut hasher, if executable { b"program" } else { b"file" });
                add(&mut hasher, of_file(&member.path())?.as_bytes());
            } else {
                add(&mut hasher, b"other");
            }
        }
    }
    Ok(hex(hasher))
}

/// With its length, so that no two lists of parts give the same bytes.
fn add(hasher: &mut Sha256, part: &[u8]) {
    hasher.update((part.len() as u64).to_le_bytes());
    hasher.update(part);
}

/// A digest in hexadecimal.
pub fn hex(hasher: Sha256) -> String {
    let digest = hasher.finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_the_students_counts() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("it has one")).expect("it can be made");
            fs::write(path, text).expect("it can be written");
        };
        write("src/main.rs", "one");
        let first = of_folder(folder.path()).expect("it can be read");
        write("target/debug/x", "built");
        assert_eq!(of_folder(folder.path()).expect("it can be read"), first);
        write("src/main.rs", "two");
        assert_ne!(of_folder(folder.path()).expect("it can be read"), first);
    }
}
