//! A submission: a program, or something that a program is built from.

mod build;
mod executable;
mod inspect;
mod locate;
mod manifest;
mod process;
mod walls;

use std::path::{Path, PathBuf};

use crate::temporary::Temporary;

use crate::error::{Error, Result};
use crate::event::Sink;
use crate::jail::Program;

pub use locate::locate;

/// A submission that can be started.
#[derive(Debug)]
pub struct Submission {
    /// The program, as an absolute path.
    pub program: PathBuf,
    /// The submission as the user named it, for reports.
    pub name: String,
    /// The folder that was handed in, if the program stands in one.
    given: Option<PathBuf>,
    /// Holds a built program that a later build must not replace.
    folder: Option<Temporary>,
}

impl Submission {
    /// The program with what it may read.
    #[must_use]
    pub fn confined(&self) -> Program<'_> {
        Program {
            path: &self.program,
            folder: self.given.as_deref(),
        }
    }
}

/// Removes the folder. A type with a `Drop` of its own cannot be taken apart:
/// nobody is left with the path of a program that is gone.
impl Drop for Submission {
    fn drop(&mut self) {
        drop(self.folder.take());
    }
}

/// Finds or builds the program that `path` stands for: an executable itself;
/// in a Cargo package, the binary `program_name`; in a folder with a
/// Makefile, the file of that name after `make`; in any other folder, the
/// file of that name.
///
/// # Errors
/// [`Error::Submission`] if there is no such thing, it does not build, or
/// what is built cannot be started on this machine.
pub fn prepare(path: &Path, program_name: &str, sink: &mut dyn Sink) -> Result<Submission> {
    let name = path.display().to_string();
    let metadata = path.metadata().map_err(|error| {
        let help = "check the path: a program, or a folder with a Cargo.toml or a Makefile";
        start_error(path, error, help)
    })?;
    let absolute = path
        .canonicalize()
        .map_err(|error| start_error(path, error, "check the permissions of its folders"))?;
    if !metadata.is_dir() {
        executable::check(&absolute).map_err(|problem| problem.error(path))?;
        return Ok(Submission {
            program: absolute,
            name,
            given: None,
            folder: None,
        });
    }
    inspect::folder(path, &absolute)?;
    let (program, folder) = if absolute.join("Cargo.toml").is_file() {
        let built = build::cargo(path, &absolute, program_name, sink)?;
        (built.program, Some(built.folder))
    } else {
        if has_makefile(&absolute) {
            build::make(path, &absolute, sink)?;
        }
        (absolute.join(program_name), None)
    };
    if !program.exists() {
        return Err(Error::Submission {
            path: path.to_owned(),
            what: "start",
            cause: format!("there is no program `{program_name}` in the folder"),
            help: if has_makefile(&absolute) {
                format!("let the Makefile's first target make `{program_name}` in that folder")
            } else {
                format!(
                    "put a Cargo.toml, a Makefile or the program `{program_name}` there, \
                     or name the program itself"
                )
            },
        });
    }
    executable::check(&program).map_err(|problem| problem.error(path))?;
    Ok(Submission {
        program,
        name,
        given: folder.is_none().then_some(absolute),
        folder,
    })
}

/// Those of `names` that a submission has a program of: by the file's own
/// name, by the names of the package's binaries, by what is in the folder
/// after `make`.
///
/// # Errors
/// [`Error::Submission`] if there is no such thing or make fails.
pub fn programs(path: &Path, names: &[String], sink: &mut dyn Sink) -> Result<Vec<String>> {
    let help = "check the path: a program, or a folder with a Cargo.toml or a Makefile";
    let absolute = path
        .canonicalize()
        .map_err(|error| start_error(path, error, help))?;
    if absolute.is_dir() {
        inspect::folder(path, &absolute)?;
    }
    let found: Vec<String> = if absolute.join("Cargo.toml").is_file() {
        build::binaries(path, &absolute)?
    } else if absolute.is_dir() {
        if has_makefile(&absolute) {
            build::make(path, &absolute, sink)?;
        }
        let there = names.iter().filter(|name| absolute.join(name).is_file());
        there.cloned().collect()
    } else {
        let name = path.file_name().unwrap_or_default();
        vec![name.to_string_lossy().into_owned()]
    };
    let known = names.iter().filter(|name| found.contains(name));
    Ok(known.cloned().collect())
}

/// True if building changes the folder itself: with make it does, while cargo
/// has a folder of its own for what it makes.
#[must_use]
pub fn is_made_in_place(folder: &Path) -> bool {
    !folder.join("Cargo.toml").is_file() && has_makefile(folder)
}

fn has_makefile(folder: &Path) -> bool {
    // The names that make looks for (GNU make manual, "What Name to Give Your
    // Makefile").
    ["GNUmakefile", "makefile", "Makefile"]
        .iter()
        .any(|name| folder.join(name).is_file())
}

fn start_error(path: &Path, error: std::io::Error, help: &str) -> Error {
    Error::Submission {
        path: path.to_owned(),
        what: "start",
        cause: match error.kind() {
            std::io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
            _ => error.to_string(),
        },
        help: help.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::event::Event;

    struct Ignore;

    impl Sink for Ignore {
        fn event(&mut self, _: &Event<'_>) {}
    }

    fn refusal(path: &Path) -> String {
        let error = prepare(path, "forkwrite", &mut Ignore).expect_err("must be refused");
        assert_eq!(error.exit_code() as u8, 5);
        error.to_string()
    }

    fn write(path: &Path, content: &str, mode: u32) {
        std::fs::write(path, content).expect("the folder is writable");
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).expect("it is ours");
    }

    #[test]
    fn what_cannot_be_started_is_refused_with_a_help_line() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let file = folder.path().join("forkwrite");
        assert!(refusal(&file).contains("does not start: there is no such file or folder"));
        assert!(refusal(folder.path()).contains("no program `forkwrite` in the folder"));
        write(&file, "#!/bin/sh\n", 0o644);
        assert!(refusal(&file).contains("is not executable\nhelp: chmod +x"));
        assert!(refusal(folder.path()).contains("is not executable"));
        write(&file, "echo hello\n", 0o755);
        assert!(refusal(&file).contains("neither an ELF program nor a script"));
        write(&file, "#!/no/such/interpreter\n", 0o755);
        assert!(refusal(&file).contains("\"/no/such/interpreter\""));
    }

    #[test]
    fn a_script_and_a_folder_with_one_will_do() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let file = folder.path().join("forkwrite");
        write(&file, "#!/bin/sh\n", 0o755);
        let of_file = prepare(&file, "forkwrite", &mut Ignore).expect("a script will do");
        let of_folder = prepare(folder.path(), "forkwrite", &mut Ignore).expect("so will this");
        assert!(of_file.program.is_absolute());
        assert_eq!(of_file.program, of_folder.program);
    }

    #[test]
    fn a_makefile_is_made_first() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let makefile = folder.path().join("Makefile");
        let rule = "forkwrite:\n\tprintf '#!/bin/sh\\n' > $@\n\tchmod +x $@\n";
        write(&makefile, rule, 0o644);
        prepare(folder.path(), "forkwrite", &mut Ignore).expect("make makes it");
        write(&makefile, "all:\n\techo the reason >&2; false\n", 0o644);
        let refused = refusal(folder.path());
        assert!(refused.contains("does not build: `make`"), "{refused}");
        assert!(refused.contains("the reason"), "{refused}");
    }
}
