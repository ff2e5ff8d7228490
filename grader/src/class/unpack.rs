//! A student's archive, unpacked into a folder of its own: files and folders
//! only.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::entries::Kind;
use super::target::Target;

/// Unpacks `archive` into `folder`, which is empty, and gives the folder that
/// holds the submission: an archive often holds one folder with everything in
/// it.
///
/// # Errors
/// Why the archive is no submission, in words.
pub(super) fn unpack(archive: &Path, kind: Kind, folder: &Path) -> Result<PathBuf, String> {
    let mut target = Target::new(folder);
    let file = File::open(archive).map_err(|error| error.to_string())?;
    match kind {
        Kind::Zip => unzip(file, &mut target)?,
        Kind::TarGz => untar(file, &mut target)?,
        Kind::Folder => return Err("it is no archive".to_owned()),
    }
    innermost(folder).map_err(|error| error.to_string())
}

fn unzip(file: File, target: &mut Target<'_>) -> Result<(), String> {
    let broken = |error: zip::result::ZipError| format!("it is no zip archive: {error}");
    let mut archive = zip::ZipArchive::new(file).map_err(broken)?;
    for index in 0..archive.len() {
        let mut member = archive.by_index(index).map_err(broken)?;
        let name = member.name().map_err(broken)?.into_owned();
        if is_of_macos(&name) {
            continue;
        }
        if member.is_dir() {
            target.folder(&name)?;
        } else if member.is_file() {
            let executable = member.unix_mode().is_some_and(|mode| mode & 0o100 != 0);
            target.file(&name, executable, &mut member)?;
        } else {
            return Err(neither(&name));
        }
    }
    Ok(())
}

fn untar(file: File, target: &mut Target<'_>) -> Result<(), String> {
    let broken = |error: io::Error| format!("it is no tar.gz archive: {error}");
    let mut archive = tar::Archive::new(flate2::read::MultiGzDecoder::new(file));
    for member in archive.entries().map_err(broken)? {
        let mut member = member.map_err(broken)?;
        let name = String::from_utf8_lossy(&member.path_bytes()).into_owned();
        let executable = member.header().mode().is_ok_and(|mode| mode & 0o100 != 0);
        if is_of_macos(&name) {
            continue;
        }
        match member.header().entry_type() {
            tar::EntryType::Directory => target.folder(&name)?,
            tar::EntryType::Regular | tar::EntryType::Continuous => {
                target.file(&name, executable, &mut member)?;
            }
            // What `git archive` puts there about the commit.
            tar::EntryType::XGlobalHeader => {}
            _ => return Err(neither(&name)),
        }
    }
    Ok(())
}

/// What macOS adds by itself, beside the folder that holds the submission.
fn is_of_macos(name: &str) -> bool {
    let path = Path::new(name);
    path.starts_with("__MACOSX") || path.file_name().is_some_and(|file| file == ".DS_Store")
}

fn neither(name: &str) -> String {
    format!("`{name}` in it is a link or a device: only files and folders are taken")
}

fn innermost(folder: &Path) -> io::Result<PathBuf> {
    let mut members = fs::read_dir(folder)?;
    match (members.next(), members.next()) {
        (Some(only), None) => {
            let only = only?;
            Ok(match only.file_type()?.is_dir() {
                true => only.path(),
                false => folder.to_owned(),
            })
        }
        _ => Ok(folder.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::super::target::{MEMBERS_MAX, UNPACKED_MAX_BYTES};
    use super::*;

    fn zipped(members: &[(&str, &[u8])]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let path = folder.path().join("ada.zip");
        let mut writer = zip::ZipWriter::new(File::create(&path).expect("it can be made"));
        let options = zip::write::SimpleFileOptions::default();
        for (name, content) in members {
            writer.start_file(*name, options).expect("a member");
            writer.write_all(content).expect("its content");
        }
        writer.finish().expect("it can be closed");
        (folder, path)
    }

    fn unzipped(members: &[(&str, &[u8])]) -> Result<Vec<u8>, String> {
        let (folder, path) = zipped(members);
        let target = folder.path().join("out");
        fs::create_dir(&target).expect("it can be made");
        let root = unpack(&path, Kind::Zip, &target)?;
        fs::read(root.join("Makefile")).map_err(|error| error.to_string())
    }

    #[test]
    fn the_only_folder_is_the_submission() {
        assert_eq!(unzipped(&[("hw/Makefile", b"all:")]), Ok(b"all:".to_vec()));
        assert_eq!(
            unzipped(&[("Makefile", b"x"), ("a/b", b"")]),
            Ok(b"x".to_vec())
        );
        let of_macos: [(&str, &[u8]); 3] = [
            ("hw/Makefile", b"all:"),
            (".DS_Store", b""),
            ("__MACOSX/hw/._Makefile", b""),
        ];
        assert_eq!(unzipped(&of_macos), Ok(b"all:".to_vec()));
    }

    #[test]
    fn nothing_leads_out() {
        for name in ["../Makefile", "/Makefile", "a/../../Makefile"] {
            let error = unzipped(&[(name, b"")]).expect_err("it must not be taken");
            assert!(error.contains("leads out"), "{error}");
        }
    }

    #[test]
    fn bombs_are_refused() {
        let zeros = vec![0; UNPACKED_MAX_BYTES as usize / 2 + 1];
        let error = unzipped(&[("a", &zeros), ("b", &zeros)]).expect_err("it is too large");
        assert_eq!(error, "it holds more than 64 MiB");
        // One name is many folders.
        let names: Vec<String> = (0..MEMBERS_MAX / 100)
            .map(|number| format!("{number}/{}Makefile", "d/".repeat(100)))
            .collect();
        let members: Vec<(&str, &[u8])> = names.iter().map(|name| (&**name, &b""[..])).collect();
        let error = unzipped(&members).expect_err("they are too many");
        assert_eq!(error, "it holds more than 10000 files and folders");
    }

    #[test]
    fn a_folder_is_no_file_too() {
        let error = unzipped(&[("a/b", b""), ("a", b"")]).expect_err("one of them is lost");
        assert_eq!(error, "`a` is in it twice");
    }

    #[test]
    fn links_are_refused() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let path = folder.path().join("ada.tar.gz");
        let file = File::create(&path).expect("it can be made");
        let mut builder = tar::Builder::new(flate2::write::GzEncoder::new(
            file,
            flate2::Compression::fast(),
        ));
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_size(0);
        builder
            .append_link(&mut header, "Makefile", "/etc/passwd")
            .expect("a member");
        builder
            .into_inner()
            .and_then(flate2::write::GzEncoder::finish)
            .expect("it can be closed");
        let target = folder.path().join("out");
        fs::create_dir(&target).expect("it can be made");
        let error = unpack(&path, Kind::TarGz, &target).expect_err("it must not be taken");
        assert!(error.contains("is a link or a device"), "{error}");
    }

    #[test]
    fn no_archive_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let path = folder.path().join("ada.zip");
        fs::write(&path, "not one").expect("it can be written");
        let target = folder.path().join("out");
        fs::create_dir(&target).expect("it can be made");
        for kind in [Kind::Zip, Kind::TarGz] {
            let error = unpack(&path, kind, &target).expect_err("it is none");
            assert!(error.starts_with("it is no "), "{error}");
        }
    }
}
