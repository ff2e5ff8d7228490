//! The scratch folder of a case: FILE, and what the program prints.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read, Seek};
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use super::folder::Folder;
use super::usage::{DISK_MAX_BYTES, FILES_MAX};
use crate::removal;
use crate::spec::types::{self, FileKind};
use crate::temporary::Temporary;
use crate::tracee::identity::Identity;
use crate::tracee::shared_names::SHM;

/// The name of FILE in the scratch folder, which is the program's working
/// folder.
pub const FILE_NAME: &str = "records.txt";
const MISSING_FOLDER_NAME: &str = "missing/records.txt";
const FULL_NAME: &str = "/dev/full";

/// The most that is kept of what a program prints.
const KEPT_MAX_BYTES: u64 = 64 << 10;

/// What the folder holds at the start.
#[derive(Debug)]
enum Contents {
    /// FILE.
    File { file: types::File, initial: Vec<u8> },
    /// A copy of another folder, none of whose files is FILE.
    Copy(Folder),
}

/// A scratch folder; removed when dropped.
#[derive(Debug)]
pub struct Scratch {
    folder: Temporary,
    contents: Contents,
    owner: Option<Identity>,
    stdout: File,
    stderr: File,
}

impl Scratch {
    /// Makes the folder, with FILE as `file` says.
    ///
    /// # Errors
    /// If the folder for temporary files cannot be written.
    pub fn with_file(file: &types::File) -> io::Result<Self> {
        Self::new(Contents::File {
            file: file.clone(),
            initial: file.content(),
        })
    }

    /// Makes the folder, as a copy of another one.
    ///
    /// # Errors
    /// If the folder for temporary files cannot be written.
    pub fn with_copy(folder: Folder) -> io::Result<Self> {
        Self::new(Contents::Copy(folder))
    }

    fn new(contents: Contents) -> io::Result<Self> {
        let output = |name: &str| {
            memfd_create(name, MFdFlags::MFD_CLOEXEC)
                .map(File::from)
                .map_err(io::Error::from)
        };
        let scratch = Self {
            folder: Temporary::new(&memory_folder(), "grader-", 0o700)?,
            contents,
            owner: None,
            stdout: output("stdout")?,
            stderr: output("stderr")?,
        };
        scratch.reset()?;
        Ok(scratch)
    }

    /// Makes the folder and what it holds `owner`'s.
    ///
    /// # Errors
    /// If something in the folder cannot be given away or written anew.
    pub fn give_to(&mut self, owner: Identity) -> io::Result<()> {
        removal::clear(self.folder())?;
        owner.give(self.folder())?;
        self.owner = Some(owner);
        self.reset()
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// FILE's name as the program is given it.
    #[must_use]
    pub const fn file_name(&self) -> &'static str {
        match &self.contents {
            Contents::File { file, .. } => match file.kind {
                FileKind::MissingFolder => MISSING_FOLDER_NAME,
                FileKind::Full => FULL_NAME,
                FileKind::Regular | FileKind::Missing | FileKind::Fifo | FileKind::Limited => {
                    FILE_NAME
                }
            },
            Contents::Copy(_) => FILE_NAME,
        }
    }

    /// FILE's absolute path.
    #[must_use]
    pub fn file_path(&self) -> PathBuf {
        self.folder().join(self.file_name())
    }

    /// True if there is a FILE.
    #[must_use]
    pub const fn has_file(&self) -> bool {
        matches!(self.contents, Contents::File { .. })
    }

    /// Puts everything back to where it was at the start.
    ///
    /// # Errors
    /// If something in the folder cannot be removed or written.
    pub fn reset(&self) -> io::Result<()> {
        match &self.contents {
            Contents::File { file, initial } => self.make_file(file.kind, initial)?,
            Contents::Copy(folder) => folder.put_back(self.folder(), self.owner)?,
        }
        for output in [&self.stdout, &self.stderr] {
            output.set_len(0)?;
            (&*output).rewind()?;
        }
        Ok(())
    }

    fn make_file(&self, kind: FileKind, initial: &[u8]) -> io::Result<()> {
        removal::clear(self.folder())?;
        if let FileKind::Regular | FileKind::Limited = kind {
            let path = self.file_path();
            fs::write(&path, initial)?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644))?;
        }
        if kind == FileKind::Fifo {
            mkfifo(&self.file_path(), Mode::from_bits_truncate(0o644))?;
        }
        match (self.owner, kind) {
            (Some(owner), FileKind::Regular | FileKind::Limited | FileKind::Fifo) => {
                owner.give(&self.file_path())
            }
            _ => Ok(()),
        }
    }

    /// What FILE holds at the start.
    #[must_use]
    pub fn initial(&self) -> &[u8] {
        match &self.contents {
            Contents::File { initial, .. } => initial,
            Contents::Copy(_) => &[],
        }
    }

    /// What FILE holds now; `None` if it is no regular file.
    #[must_use]
    pub fn content(&self) -> Option<Vec<u8>> {
        if !self.has_file() {
            return None;
        }
        let path = self.file_path();
        if !fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_file()) {
            return None;
        }
        fs::read(path).ok()
    }

    /// Standard input, output and error for the program.
    ///
    /// # Errors
    /// If there are no descriptors left.
    pub fn descriptors(&self) -> io::Result<[OwnedFd; 3]> {
        let stdin = File::open("/dev/null")?;
        Ok([
            stdin.into(),
            self.stdout.try_clone()?.into(),
            self.stderr.try_clone()?.into(),
        ])
    }

    /// How much has been written to standard output and error.
    #[must_use]
    pub fn printed_bytes(&self) -> u64 {
        let length = |output: &File| output.metadata().map_or(0, |meta| meta.len());
        length(&self.stdout) + length(&self.stderr)
    }

    /// How many files and folders there may be, and what they may hold.
    #[must_use]
    pub fn room(&self) -> (usize, u64) {
        match &self.contents {
            Contents::File { .. } => (FILES_MAX, DISK_MAX_BYTES),
            Contents::Copy(folder) => (folder.count() + FILES_MAX, DISK_MAX_BYTES),
        }
    }

    /// What has been written to standard output, cut at 64 KiB.
    #[must_use]
    pub fn printed_stdout(&self) -> Vec<u8> {
        printed(&self.stdout)
    }

    /// What has been written to standard error, cut at 64 KiB.
    #[must_use]
    pub fn printed_stderr(&self) -> Vec<u8> {
        printed(&self.stderr)
    }

    /// True if a descriptor's name is that of standard output or error.
    #[must_use]
    pub fn is_output(name: &Path) -> bool {
        let name = name.as_os_str();
        name == OsStr::new("/memfd:stdout (deleted)")
            || name == OsStr::new("/memfd:stderr (deleted)")
    }
}

fn printed(output: &File) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut output = output;
    if output.rewind().is_ok() {
        let _ = output.take(KEPT_MAX_BYTES).read_to_end(&mut bytes);
    }
    bytes
}

/// A folder in memory where there is one, as executions reset it often.
fn memory_folder() -> PathBuf {
    let shm = PathBuf::from(SHM);
    if tempfile::tempfile_in(&shm).is_ok() {
        shm
    } else {
        std::env::temp_dir()
    }
}
