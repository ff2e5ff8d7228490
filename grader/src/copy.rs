//! A copy of a folder that building would change: what is graded again, on
//! whatever machine, must be what was handed in.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::digest;

/// Copies what `from` holds to the folder `to`. False if there is anything in
/// it that no submission may hold: it is refused where it stands.
///
/// # Errors
/// If something cannot be read or written.
pub fn copy(from: &Path, to: &Path) -> io::Result<bool> {
    let mut waiting = vec![(from.to_owned(), to.to_owned())];
    while let Some((from, to)) = waiting.pop() {
        for entry in fs::read_dir(&from)? {
            let entry = entry?;
            let name = entry.file_name();
            if digest::LEFT_OUT.iter().any(|left_out| name == *left_out) {
                continue;
            }
            // Of a link itself.
            let metadata = entry.metadata()?;
            let to = to.join(&name);
            if metadata.is_dir() {
                fs::create_dir(&to)?;
                waiting.push((entry.path(), to));
            } else if metadata.is_file() && metadata.nlink() == 1 {
                fs::copy(entry.path(), to)?;
            } else {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_folders_are_copied_and_links_are_not() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let [from, to] = ["from", "to"].map(|name| folder.path().join(name));
        fs::create_dir_all(from.join("src/target")).expect("the test's own");
        fs::create_dir_all(&to).expect("the test's own");
        fs::write(from.join("src/a.c"), "int").expect("the test's own");
        assert!(copy(&from, &to).expect("it can be read"));
        assert_eq!(fs::read(to.join("src/a.c")).expect("it is there"), b"int");
        assert!(!to.join("src/target").exists());
        fs::hard_link(from.join("src/a.c"), from.join("b.c")).expect("the test's own");
        fs::remove_dir_all(to.join("src")).expect("the test's own");
        assert!(!copy(&from, &to).expect("it can be read"));
    }
}
