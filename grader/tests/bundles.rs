//! Each platform's bundle is unpacked as the platform would, and grades a
//! submission with nothing but what is in it.

mod support;

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use support::class::{Class, ran};
use support::{all_tests, course, grader};

/// A bundle of one scenario, in the folder `bundle`, and a submission that
/// loses it, in the folder `submission`.
fn bundled(platform: &str, bundle: &str) -> Class {
    let class = Class::empty();
    class.put("its-own", "wrong/no_append.c");
    fs::rename(class.path("its-own"), class.path("submission")).expect("the test's own");
    let mut command = grader();
    command.args(["bundle", platform, "--dynamic", "--exercise", "forkwrite"]);
    command.arg("--out").arg(class.path(bundle));
    command.arg("--specs").arg(class.path("specs"));
    let (code, printed) = ran(&mut command);
    assert_eq!(code, 0, "{printed}");
    class
}

/// Moves the submission to where the platform has it, as a folder in a folder.
fn hand_in(class: &Class, place: &str) {
    fs::create_dir_all(class.path(place)).expect("the test's own");
    let target = class.path(place).join("hw");
    fs::rename(class.path("submission"), target).expect("the test's own");
}

fn text(class: &Class, file: &str) -> String {
    let path = class.path(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

/// Runs a bundle's own command; gives what it printed.
fn run(command: &mut Command, code: i32) -> String {
    let output: Output = command.output().expect("it can be started");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{printed}{said}");
    printed
}

fn unzip(archive: &Path, folder: &Path) {
    let file = fs::File::open(archive).expect("it was written");
    let mut archive = zip::ZipArchive::new(file).expect("it is a zip archive");
    archive.extract(folder).expect("it can be unpacked");
}

fn is_program(path: &Path) -> bool {
    let mode = fs::metadata(path)
        .expect("it is there")
        .permissions()
        .mode();
    let text = fs::read(path).expect("it can be read");
    mode & 0o111 == 0o111 && (text.starts_with(b"#!") || text.starts_with(b"\x7fELF"))
}

#[test]
fn gradescope_runs_it() {
    let class = bundled("gradescope", "autograder.zip");
    let root = class.path("root");
    unzip(&class.path("autograder.zip"), &root.join("source"));
    for file in ["setup.sh", "run_autograder", "grade", "grader"] {
        assert!(is_program(&root.join("source").join(file)), "{file}");
    }
    fs::copy(
        root.join("source/run_autograder"),
        root.join("run_autograder"),
    )
    .expect("as Gradescope does");
    run(
        Command::new("sh")
            .arg("-n")
            .arg(root.join("source/setup.sh")),
        0,
    );
    hand_in(&class, "root/submission");
    let mut command = Command::new(root.join("run_autograder"));
    run(command.env("AUTOGRADER_ROOT", &root).current_dir(&root), 0);
    let results = json(&text(&class, "root/results/results.json"));
    assert_eq!(results["score"], 0);
    assert_eq!(results["tests"][0]["max_score"], 5);
    assert_eq!(results["tests"][0]["status"], "failed");

    // What does not build is a result too.
    fs::remove_dir_all(root.join("submission/hw")).expect("it is there");
    class.write("root/submission/Makefile", "all:\n\tfalse\n");
    run(&mut command, 0);
    let results = text(&class, "root/results/results.json");
    assert!(results.contains("does not build"), "{results}");
}

#[test]
fn classroom50_runs_it() {
    let class = bundled("classroom50", "bundle");
    assert!(is_program(&class.path("bundle/autograder.py")));
    let mut command = Command::new("python3");
    command.arg(class.path("bundle/autograder.py"));
    command.current_dir(class.path("submission"));
    command.env("CLASSROOM", "os").env("OWNER", "ada");
    run(&mut command, 0);
    let result = json(&text(&class, "submission/result.json"));
    assert_eq!(result["schema"], "classroom50/result/v1");
    assert_eq!(result["owner"], "ada");
    assert_eq!(result["score"], 0);
    assert_eq!(result["max-score"], 5);
}

#[test]
fn github_runs_it() {
    let class = bundled("github", "bundle");
    let action = yaml(&text(&class, "bundle/action.yml"));
    assert_eq!(action["runs"]["using"], "composite");
    let step = &action["runs"]["steps"][0];
    assert_eq!(step["shell"], "bash");
    let workflow = yaml(&text(&class, "bundle/workflow.yml"));
    let steps = workflow["jobs"]["grade"]["steps"].as_array();
    let uses = steps.expect("a list").iter().map(|step| &step["uses"]);
    assert_eq!(
        uses.collect::<Vec<_>>(),
        ["actions/checkout@v4", "OWNER/REPOSITORY@main"]
    );

    let mut command = Command::new("bash");
    command
        .arg("-c")
        .arg(step["run"].as_str().expect("a command"));
    command.env("GITHUB_ACTION_PATH", class.path("bundle"));
    command.env("GITHUB_WORKSPACE", class.path("submission"));
    command.env("GITHUB_STEP_SUMMARY", class.path("summary.md"));
    command.env("SUBMISSION", ".");
    run(&mut command, 1);
    let summary = text(&class, "summary.md");
    assert!(summary.contains("| single | fail | 0/5 |"), "{summary}");
}

#[test]
fn prairielearn_runs_it() {
    let class = bundled("prairielearn", "question");
    let info = json(&text(&class, "question/info.json"));
    assert_eq!(info["gradingMethod"], "External");
    let uuid = info["uuid"].as_str().expect("a text");
    let lengths: Vec<usize> = uuid.split('-').map(str::len).collect();
    assert_eq!(lengths, [8, 4, 4, 4, 12], "{uuid}");
    let entrypoint = info["externalGradingOptions"]["entrypoint"].as_str();
    let within = entrypoint.and_then(|path| path.strip_prefix("/grade/"));
    let question = text(&class, "question/question.html");
    assert!(
        question.contains("file-names=\"forkwrite.c, Makefile\""),
        "{question}"
    );

    hand_in(&class, "question/student");
    let root = class.path("question");
    let mut command = Command::new(root.join(within.expect("it is in /grade")));
    run(command.env("GRADE_ROOT", &root), 0);
    let results = json(&text(&class, "question/results/results.json"));
    assert_eq!(results["gradable"], true);
    assert_eq!(results["tests"][0]["max_points"], 5);
}

#[test]
fn autolab_runs_it() {
    let class = bundled("autolab", "lab");
    let readme = text(&class, "lab/README.md");
    assert!(readme.ends_with("- `forkwrite`: 5 points\n"), "{readme}");
    let mut tar = Command::new("tar");
    tar.arg("czf").arg(class.path("lab/handin.tar.gz"));
    run(
        tar.arg("-C").arg(class.path("submission")).arg("forkwrite"),
        0,
    );
    let mut make = Command::new("make");
    make.args(["-f", "autograde-Makefile"]);
    let printed = run(make.current_dir(class.path("lab")), 0);
    let scores = printed
        .lines()
        .rfind(|line| line.starts_with("{\"scores\""));
    let scores = json(scores.unwrap_or_else(|| panic!("no scores: {printed}")));
    assert_eq!(scores["scores"]["forkwrite"], 0);
}

/// What a bundle with these arguments comes to.
fn bundle(arguments: &[&str]) -> (i32, String) {
    let mut command = grader();
    command.arg("bundle").args(arguments);
    ran(command.arg("--specs").arg(course().join("specs")))
}

#[test]
fn what_cannot_be_packed_is_refused() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let out = folder.path().join("autograder.zip");
    let out = out.to_str().expect("UTF-8");
    let (code, printed) = bundle(&["gradescope", "--out", out]);
    assert_eq!(code, 2);
    for part in ["is not static, it needs glibc 2.", STATIC_BUILD] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
    let (code, printed) = bundle(&["gradescope", "--out", out, "--dynamic"]);
    assert_eq!(code, 0);
    assert!(
        printed.contains("warning: the grader in it is not static"),
        "{printed}"
    );
    let of_folder = folder.path().to_str().expect("UTF-8");
    let (code, printed) = bundle(&["github", "--out", of_folder, "--dynamic"]);
    assert_eq!(code, 2);
    assert!(printed.contains("name a new folder"), "{printed}");
    let (code, _) = bundle(&["github", "--out", out, "--exercise", "none", "--dynamic"]);
    assert_eq!(code, 3);
}

/// As the grader says, and its README.
const STATIC_BUILD: &str = "RUSTFLAGS=\"-C target-feature=+crt-static\" cargo build --release \
                            --target x86_64-unknown-linux-gnu -p grader";

/// The static grader, built with that command; not optimised, as that changes
/// nothing of what it needs and takes minutes.
fn static_grader() -> io::Result<PathBuf> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("static");
    let mut command = Command::new("sh");
    command.arg("-c").arg(STATIC_BUILD).current_dir(course());
    command
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_NET_OFFLINE", "true");
    command.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0");
    let output = command.output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    Ok(target.join("x86_64-unknown-linux-gnu/release/grader"))
}

#[test]
fn a_static_grader_needs_nothing() {
    if !all_tests() {
        return;
    }
    let program = static_grader().expect("there is a shell");
    let class = bundled("gradescope", "dynamic.zip");
    let mut command = grader();
    command
        .args(["bundle", "gradescope", "--grader"])
        .arg(&program);
    command.arg("--out").arg(class.path("autograder.zip"));
    let (code, printed) = ran(command.arg("--specs").arg(class.path("specs")));
    assert_eq!(code, 0);
    assert!(!printed.contains("warning"), "{printed}");
    let root = class.path("root");
    unzip(&class.path("autograder.zip"), &root.join("source"));
    hand_in(&class, "root/submission");
    let mut command = Command::new(root.join("source/run_autograder"));
    run(command.env("AUTOGRADER_ROOT", &root), 0);
    let results = json(&text(&class, "root/results/results.json"));
    assert_eq!(results["tests"][0]["status"], "failed");
}
