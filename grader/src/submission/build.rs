//! Builds a submission with cargo or make, and shows what they say.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde::Deserialize;

use super::manifest::{self, Package, PackageTarget};
use super::process::{self, Captured, End};
use super::walls::Scratch;
use crate::error::{Error, Result};
use crate::event::{Event, Sink};
use crate::jail::Reach;
use crate::report::escape;
use crate::temporary::Temporary;
use crate::tracee::confinement::Confinement;
use crate::tracee::guardian::PROCESSES_MAX;

/// Generous: a first build compiles all dependencies, on a slow machine.
const DEADLINE: Duration = Duration::from_secs(600);
/// How much of the compiler's output is kept.
const OUTPUT_BYTES: usize = 1 << 20;

/// A program that cargo built.
#[derive(Debug)]
pub struct Built {
    /// The program.
    pub program: PathBuf,
    /// The folder of its own that it lies in.
    pub folder: Temporary,
}

/// What `cargo metadata` says, as far as it matters.
#[derive(Debug, Deserialize)]
struct Metadata {
    target_directory: PathBuf,
    workspace_root: PathBuf,
    packages: Vec<Package>,
}

/// A line of cargo's `--message-format=json`, as far as it matters.
#[derive(Debug, Deserialize)]
struct Message {
    reason: String,
    target: Option<Target>,
    executable: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
}

/// Builds the binary `program_name` of the Cargo package in `folder`, which
/// the user calls `path`.
pub fn cargo(path: &Path, folder: &Path, program_name: &str, sink: &mut dyn Sink) -> Result<Built> {
    let scratch = Scratch::new()?;
    let metadata = metadata(path, folder, &scratch)?;
    // Packages that share a target folder, such as this kit's starter and
    // solution, build programs of the same name there. Whoever holds this
    // lock gets the program that it has built.
    let target = &metadata.target_directory;
    let locking = |error| Error::grader(format!("lock {}", target.display()), error);
    fs::create_dir_all(target).map_err(locking)?;
    let lock = File::open(target).map_err(locking)?;
    lock.lock().map_err(locking)?;

    let shown = format!("cargo build --release --bin {program_name}");
    sink.event(&Event::Building { command: &shown });
    if !metadata.workspace_root.join("Cargo.lock").exists() {
        choose_versions(path, folder, &metadata, &scratch)?;
    }
    let mut command = cargo_command(folder, "build", &scratch);
    command.args(["--quiet", "--release", "--bin", program_name]);
    command.args(["--offline", "--locked"]);
    command.arg("--message-format=json-render-diagnostics");
    let walls = scratch.walls(reach(folder, &metadata, target))?;
    let captured = run(path, command, walls, &shown)?;
    let output = format!("{}{}", manifest::ignored(folder), text(&captured.stderr));
    sink.event(&Event::Built { output: &output });

    let programs = programs(&captured.stdout.kept, program_name);
    let [program] = programs.as_slice() else {
        return Err(Error::Submission {
            path: path.to_owned(),
            what: "build",
            cause: format!("it builds {} programs `{program_name}`", programs.len()),
            help: "name the folder of one package".to_owned(),
        });
    };
    keep(program, target)
}

/// Has cargo write the lock file that is missing, of what it has downloaded.
/// Nothing of the student's runs.
fn choose_versions(
    path: &Path,
    folder: &Path,
    metadata: &Metadata,
    scratch: &Scratch,
) -> Result<()> {
    let mut command = cargo_command(folder, "generate-lockfile", scratch);
    command.args(["--quiet", "--offline"]);
    let walls = scratch.walls(reach(folder, metadata, &metadata.workspace_root))?;
    run(path, command, walls, "cargo generate-lockfile --offline").map(drop)
}

/// What cargo has to read: the package and, if it is a member of a workspace
/// around it, that one's manifests and the names of the files that they stand
/// for, but no sources. It changes `change`.
fn reach(folder: &Path, metadata: &Metadata, change: &Path) -> Reach {
    let mut reach = Reach {
        read: vec![folder.to_owned()],
        change: vec![change.to_owned()],
        ..Reach::default()
    };
    let root = &metadata.workspace_root;
    if root != folder && folder.starts_with(root) {
        let of_root = ["Cargo.toml", "Cargo.lock"].map(|name| root.join(name));
        reach.read.extend(of_root);
        let manifests = metadata.packages.iter().map(|p| p.manifest_path.clone());
        reach.read.extend(manifests.clone());
        let folders = manifests.filter_map(|path| Some(path.parent()?.to_owned()));
        reach.list.extend(folders);
    }
    reach
}

/// The names of the binaries of the Cargo package in `folder`, which the user
/// calls `path`.
pub fn binaries(path: &Path, folder: &Path) -> Result<Vec<String>> {
    let manifest = folder.join("Cargo.toml");
    let packages = metadata(path, folder, &Scratch::new()?)?
        .packages
        .into_iter();
    let targets = packages
        .filter(|package| package.manifest_path == manifest)
        .flat_map(|package| package.targets);
    let binary = |target: &PackageTarget| target.kind.iter().any(|kind| kind == "bin");
    let binaries = targets.filter(binary).map(|target| target.name);
    Ok(binaries.collect())
}

/// What cargo makes of the manifest, if that asks for nothing that is refused.
/// Where the workspace ends is not known before: there are no walls yet, and
/// nothing of the student's runs.
fn metadata(path: &Path, folder: &Path, scratch: &Scratch) -> Result<Metadata> {
    let mut command = cargo_command(folder, "metadata", scratch);
    command.args(["--format-version=1", "--no-deps", "--offline"]);
    let metadata = run(path, command, Confinement::none(), "cargo metadata")?;
    let metadata: Metadata = serde_json::from_slice(&metadata.stdout.kept)
        .map_err(|error| Error::grader("read the output of `cargo metadata`", error))?;
    let own = |package: &&Package| package.manifest_path.starts_with(folder);
    for package in metadata.packages.iter().filter(own) {
        manifest::check(path, package)?;
    }
    Ok(metadata)
}

/// The programs of that name among cargo's messages.
fn programs(messages: &[u8], program_name: &str) -> Vec<PathBuf> {
    messages
        .split(|&byte| byte == b'\n')
        .filter_map(|line| serde_json::from_slice::<Message>(line).ok())
        .filter(|message| message.reason == "compiler-artifact")
        .filter(|message| matches!(&message.target, Some(t) if t.name == program_name))
        .filter_map(|message| message.executable)
        .collect()
}

/// Gives `program` a second name, in a folder of its own, that no later build
/// takes away. A link rather than a copy: it cannot be half written, or open
/// for writing when the program is started.
fn keep(program: &Path, target: &Path) -> Result<Built> {
    let failed = |error| Error::grader(format!("keep {}", program.display()), error);
    // The target folder itself is locked while cargo builds.
    let place = target.join("graded");
    fs::create_dir_all(&place).map_err(failed)?;
    // Another user has to get at the program (jail, T1).
    let folder = Temporary::new(&place, "program-", 0o755).map_err(failed)?;
    let kept = folder.path().join(program.file_name().unwrap_or_default());
    fs::hard_link(program, &kept)
        .or_else(|_| fs::copy(program, &kept).map(drop))
        .map_err(failed)?;
    Ok(Built {
        program: kept,
        folder,
    })
}

/// Runs make in `folder`, which the user calls `path`.
pub fn make(path: &Path, folder: &Path, sink: &mut dyn Sink) -> Result<()> {
    let scratch = Scratch::new()?;
    let mut command = scratch.command("make".into());
    command.arg("--no-print-directory").current_dir(folder);
    sink.event(&Event::Building { command: "make" });
    let walls = scratch.walls(Reach {
        change: vec![folder.to_owned()],
        ..Reach::default()
    })?;
    let captured = run(path, command, walls, "make")?;
    let output = text(&captured.stderr);
    sink.event(&Event::Built { output: &output });
    Ok(())
}

/// A command of cargo's on the package in `folder`. It runs in the scratch
/// folder: cargo and rustup look for their configuration in the folder that
/// they are started in and above, and so find none of the student's.
fn cargo_command(folder: &Path, subcommand: &str, scratch: &Scratch) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = scratch.command(cargo);
    command
        .current_dir(scratch.path())
        .env("CARGO_TERM_COLOR", "never")
        .env("CARGO_TERM_PROGRESS_WHEN", "never")
        .arg(subcommand)
        .arg("--manifest-path")
        .arg(folder.join("Cargo.toml"));
    if let Some(target) = std::env::var_os("CARGO_TARGET_DIR") {
        command.env("CARGO_TARGET_DIR", folder.join(target));
    }
    command
}

/// Runs a command of the build; `shown` is how people are told of it.
fn run(path: &Path, mut command: Command, walls: Confinement, shown: &str) -> Result<Captured> {
    let error = |cause: String, help: &str| Error::Submission {
        path: path.to_owned(),
        what: "build",
        cause,
        help: help.to_owned(),
    };
    let captured = process::run(&mut command, walls, DEADLINE, OUTPUT_BYTES).map_err(|cause| {
        let program = command.get_program().to_string_lossy();
        error(
            format!("`{program}` cannot be run: {cause}"),
            "install it, or put it in the PATH",
        )
    })?;
    let said = || {
        let said = format!("{}{}", text(&captured.stdout), text(&captured.stderr));
        said.trim_end().to_owned()
    };
    match captured.end {
        End::Exited(status) if status.success() => Ok(captured),
        End::Exited(status) => Err(error(
            format!("`{shown}` ended with {status}\n\n{}\n", said()),
            "repair the first error above, then grade again",
        )),
        End::Deadline => Err(error(
            format!(
                "`{shown}` had not ended after {} minutes\n\n{}\n",
                DEADLINE.as_secs() / 60,
                said()
            ),
            "build it by hand and see where it stops",
        )),
        End::Processes => Err(error(
            format!(
                "`{shown}` had more than {PROCESSES_MAX} processes at a time\n\n{}\n",
                said()
            ),
            "build it by hand and see what starts them",
        )),
    }
}

/// What was said, safe to show. Cargo's messages for programs are left out.
fn text(stream: &process::Capped) -> String {
    let said = String::from_utf8_lossy(&stream.kept);
    let lines = said
        .lines()
        .filter(|line| !line.starts_with("{\"reason\":"));
    let mut text: String = lines
        .map(|line| format!("{}\n", escape::lines(line)))
        .collect();
    if stream.dropped > 0 {
        text.push_str(&format!("({} more bytes)\n", stream.dropped));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_found_among_the_messages() {
        let messages = br#"{"reason":"compiler-artifact","target":{"name":"build-script-build"},"executable":"/t/b"}
not json
{"reason":"compiler-artifact","target":{"name":"forkwrite"},"executable":null}
{"reason":"compiler-artifact","target":{"name":"forkwrite"},"executable":"/t/release/forkwrite"}
{"reason":"build-finished","success":true}
"#;
        let found = programs(messages, "forkwrite");
        assert_eq!(found, [PathBuf::from("/t/release/forkwrite")]);
    }
}
