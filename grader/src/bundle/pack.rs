//! A bundle's files, written as a folder, a zip or a tar archive.

use std::fs;
use std::io::{self, Cursor, Write};
use std::path::Path;

use crate::save::replace;

/// A file of a bundle.
#[derive(Debug, Clone)]
pub(super) struct Member {
    /// Its path in the bundle.
    pub path: String,
    pub content: Vec<u8>,
    pub mode: u32,
}

impl Member {
    /// A file that is read.
    pub fn file(path: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        Self {
            path: path.into(),
            content: content.into(),
            mode: 0o644,
        }
    }

    /// A file that is executed.
    pub fn program(path: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        Self {
            mode: 0o755,
            ..Self::file(path, content)
        }
    }

    /// The same file in a folder of the bundle.
    pub fn within(self, folder: &str) -> Self {
        Self {
            path: format!("{folder}/{}", self.path),
            ..self
        }
    }
}

/// Writes the members to `out`: a zip archive if it is called so, else a
/// folder, which may only be there already if it is empty.
///
/// # Errors
/// If something cannot be written.
pub(super) fn write(members: &[Member], out: &Path) -> io::Result<()> {
    if out.extension().is_some_and(|end| end == "zip") {
        return replace(out, zip(members)?, 0o644);
    }
    fs::create_dir_all(out)?;
    if fs::read_dir(out)?.next().is_some() {
        return Err(io::Error::from(io::ErrorKind::DirectoryNotEmpty));
    }
    for member in members {
        replace(&out.join(&member.path), &member.content, member.mode)?;
    }
    Ok(())
}

fn zip(members: &[Member]) -> io::Result<Vec<u8>> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for member in members {
        let options = zip::write::SimpleFileOptions::default().unix_permissions(member.mode);
        writer.start_file(member.path.as_str(), options)?;
        writer.write_all(&member.content)?;
    }
    Ok(writer.finish()?.into_inner())
}

/// The members as a tar archive.
///
/// # Errors
/// If a path is too long for one.
pub(super) fn tar(members: &[Member]) -> io::Result<Vec<u8>> {
    let mut builder = tar::Builder::new(Vec::new());
    for member in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(member.content.len() as u64);
        header.set_mode(member.mode);
        builder.append_data(&mut header, &member.path, member.content.as_slice())?;
    }
    builder.into_inner()
}
