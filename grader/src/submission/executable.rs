//! Whether a file can be started on this machine, and if not, why not: the
//! kernel's own answers (ENOEXEC, ENOENT) do not say enough.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use nix::unistd::{AccessFlags, access};

use crate::error::Error;

/// Why a file cannot be started.
#[derive(Debug)]
pub struct Problem {
    program: PathBuf,
    cause: String,
    help: String,
}

impl Problem {
    /// The error for the submission that the user named `path`.
    pub fn error(self, path: &Path) -> Error {
        Error::Submission {
            path: path.to_owned(),
            what: "start",
            cause: format!("{} {}", self.program.display(), self.cause),
            help: self.help,
        }
    }
}

/// Checks that `program` is a file that execve(2) will take.
pub fn check(program: &Path) -> Result<(), Problem> {
    let problem = |cause: &str, help: &str| Problem {
        program: program.to_owned(),
        cause: cause.to_owned(),
        help: help.to_owned(),
    };
    let unreadable = |error: io::Error| {
        let cause = format!("cannot be read: {error}");
        problem(
            &cause,
            "the grader has to read a program to start it: chmod +r",
        )
    };
    let metadata = program.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(problem("is not a regular file", "name the program itself"));
    }
    if access(program, AccessFlags::X_OK).is_err() {
        let help = format!(
            "chmod +x {}, or move it if its file system is mounted noexec",
            program.display()
        );
        return Err(problem("is not executable", &help));
    }
    let file = File::open(program).map_err(unreadable)?;
    let mut start = [0; 512];
    let length = file.read_at(&mut start, 0).map_err(unreadable)?;
    let start = &start[..length];
    let needed = if start.starts_with(b"\x7fELF") {
        elf_loader(&file, start).map_err(|(cause, help)| problem(&cause, help))?
    } else if let Some(rest) = start.strip_prefix(b"#!") {
        script_interpreter(rest)
    } else {
        return Err(problem(
            "is neither an ELF program nor a script that begins with `#!`",
            "build it for x86-64 Linux, or begin the script with a line such as #!/bin/sh",
        ));
    };
    match needed {
        Some(needed) if access(&needed, AccessFlags::X_OK).is_err() => {
            let cause = format!("needs {needed:?}, which is not there or not executable");
            let help = "install it, or build the program for this machine \
                        (for a script: check its first line, and that it ends in LF, not CRLF)";
            Err(problem(&cause, help))
        }
        _ => Ok(()),
    }
}

/// The interpreter that the first line of a script names, after `#!`.
fn script_interpreter(rest: &[u8]) -> Option<PathBuf> {
    let line = rest.split(|&byte| byte == b'\n').next()?;
    let word = line
        .split(|byte| matches!(byte, b' ' | b'\t'))
        .find(|word| !word.is_empty())?;
    Some(PathBuf::from(OsStr::from_bytes(word)))
}

/// The loader that an ELF program asks for (elf(5): PT_INTERP); `None` for a
/// static one. The error is a cause and what to do about it.
fn elf_loader(file: &File, start: &[u8]) -> Result<Option<PathBuf>, (String, &'static str)> {
    const REBUILD: &str = "build it for x86-64 Linux";
    let damaged = || ("is a damaged ELF file".to_owned(), REBUILD);
    let bits_64_little_endian = start.get(4..6) == Some(&[2, 1]);
    let machine = number(start, 18, 2).ok_or_else(damaged)?;
    if machine != u64::from(libc::EM_X86_64) || !bits_64_little_endian {
        let cause = format!("is a program for {}, not for x86-64", machine_name(machine));
        return Err((cause, REBUILD));
    }
    let kind = number(start, 16, 2).ok_or_else(damaged)?;
    if !matches!(kind, 2 | 3) {
        let cause = "is an ELF file, but not a program".to_owned();
        return Err((cause, "link it: cc -o PROGRAM FILE.o"));
    }
    let table = number(start, 32, 8).ok_or_else(damaged)?;
    let entry_bytes = number(start, 54, 2).ok_or_else(damaged)?;
    let entries = number(start, 56, 2).ok_or_else(damaged)?;
    for entry in 0..entries {
        let mut header = [0; 56];
        let at = table.saturating_add(entry * entry_bytes);
        file.read_exact_at(&mut header, at).map_err(|_| damaged())?;
        if number(&header, 0, 4) == Some(u64::from(libc::PT_INTERP)) {
            let at = number(&header, 8, 8).ok_or_else(damaged)?;
            let length = number(&header, 32, 8).ok_or_else(damaged)?;
            let length = usize::try_from(length.min(4096)).map_err(|_| damaged())?;
            let mut name = vec![0; length];
            file.read_exact_at(&mut name, at).map_err(|_| damaged())?;
            let name = name.split(|&byte| byte == 0).next().unwrap_or_default();
            return Ok(Some(PathBuf::from(OsStr::from_bytes(name))));
        }
    }
    Ok(None)
}

/// The little-endian number of `length` bytes at `at`.
fn number(bytes: &[u8], at: usize, length: usize) -> Option<u64> {
    let bytes = bytes.get(at..at + length)?;
    Some(
        bytes
            .iter()
            .rev()
            .fold(0, |sum, &byte| sum << 8 | u64::from(byte)),
    )
}

fn machine_name(machine: u64) -> String {
    match u16::try_from(machine) {
        Ok(libc::EM_386) => "32-bit x86".to_owned(),
        Ok(libc::EM_X86_64) => "32-bit pointers (x32)".to_owned(),
        Ok(libc::EM_ARM) => "32-bit ARM".to_owned(),
        Ok(libc::EM_AARCH64) => "64-bit ARM".to_owned(),
        Ok(243) => "RISC-V".to_owned(),
        _ => format!("machine {machine}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_test_is_a_program() {
        let program = std::env::current_exe().expect("this test has a path");
        assert!(check(&program).is_ok());
    }

    #[test]
    fn other_machines_programs_are_named() {
        let mut header = [0; 64];
        header[..6].copy_from_slice(b"\x7fELF\x02\x01");
        header[18] = 183;
        let file = File::open("/dev/null").expect("there is a /dev/null");
        let (cause, _) = elf_loader(&file, &header).expect_err("not for this machine");
        assert_eq!(cause, "is a program for 64-bit ARM, not for x86-64");
        let (cause, _) = elf_loader(&file, &header[..10]).expect_err("too short");
        assert_eq!(cause, "is a damaged ELF file");
    }

    #[test]
    fn interpreters_are_found() {
        let found = |line: &str| script_interpreter(line.as_bytes()).expect("there is one");
        assert_eq!(found(" /bin/sh -e\necho"), Path::new("/bin/sh"));
        assert_eq!(found("/bin/sh\r\n"), Path::new("/bin/sh\r"));
        assert!(script_interpreter(b"\n").is_none());
    }
}
