//! A class of 200: graded in one go, and killed five times and graded on, it
//! has the same results, and nothing is graded twice without need. It is one of
//! 24 unless KIT_TESTS=everything; `CLASS` names another size.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;
use support::class::{Class, ran, results};
use support::crowd::{Kind, Member, SCENARIOS, hand_in};
use support::lots::Lots;
use support::{everything, grader, processors};
use tempfile::TempDir;

/// How often grading is killed.
const KILLS: usize = 5;
/// Where the lots begin that draw when.
const SEED: u64 = 200;
/// Between two looks at the results.
const POLL: Duration = Duration::from_millis(2);
/// How many programs are built and run without the grader, for comparison.
const NATIVE: usize = 15;

fn size() -> usize {
    match std::env::var("CLASS") {
        Ok(size) => size.parse().expect("CLASS is a number"),
        Err(_) if everything() => 200,
        Err(_) => 24,
    }
}

/// The class with a place for what graders that are killed leave.
struct Graded {
    class: Class,
    temporary: TempDir,
}

impl Graded {
    fn new() -> Self {
        let open = fs::Permissions::from_mode(0o755);
        let temporary = tempfile::Builder::new().permissions(open).tempdir();
        Self {
            class: Class::empty(),
            temporary: temporary.expect("a folder for the test"),
        }
    }

    fn command(&self, out: &str) -> Command {
        let mut command = grader();
        command.arg("class").arg(self.class.path("class"));
        command.arg("--out").arg(self.class.path(out));
        command.arg("--specs").arg(self.class.path("specs"));
        command.env("TMPDIR", self.temporary.path());
        command
    }

    /// Grades to the end, and gives the seconds.
    fn grade(&self, out: &str, expected: &str) -> f64 {
        let since = Instant::now();
        let (code, printed) = ran(&mut self.command(out));
        let seconds = since.elapsed().as_secs_f64();
        assert_eq!(code, 0, "{printed}");
        assert!(printed.contains(expected), "not {expected}: {printed}");
        seconds
    }

    /// Grades, and kills it once there are so many results.
    fn grade_until(&self, out: &str, count: usize) {
        let mut command = self.command(out);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the grader can be run");
        while self.times(out).len() < count {
            let ended = child.try_wait().expect("it is there");
            assert!(ended.is_none(), "it ended before it was killed: {ended:?}");
            thread::sleep(POLL);
        }
        child.kill().expect("it is there");
        let status = child.wait().expect("it is there");
        assert_eq!(status.signal(), Some(9), "it ended by itself");
    }

    /// When each result was written.
    fn times(&self, out: &str) -> BTreeMap<PathBuf, SystemTime> {
        let entries = fs::read_dir(self.class.path(out)).into_iter().flatten();
        let paths = entries.flatten().map(|entry| entry.path());
        let results = paths.filter(|path| path.extension().is_some_and(|e| e == "json"));
        let time = |path: PathBuf| {
            let written = fs::metadata(&path).and_then(|metadata| metadata.modified());
            (path, written.expect("a result is replaced, never removed"))
        };
        results.map(time).collect()
    }
}

/// Different numbers of results, in order: drawn by lot, the same each time.
fn moments(size: usize) -> Vec<usize> {
    let mut lots = Lots::new(SEED);
    let mut drawn = Vec::new();
    while drawn.len() < KILLS {
        let moment = 1 + lots.below(size as u64 * 9 / 10 - 1) as usize;
        if !drawn.contains(&moment) {
            drawn.push(moment);
        }
    }
    drawn.sort_unstable();
    drawn
}

/// Every witness below a folder of results, byte for byte; not what a grader
/// was writing when it was killed, which is no witness yet.
fn witnesses(out: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![out.join("witnesses")];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("it can be read").flatten();
            waiting.extend(entries.map(|entry| entry.path()));
        } else if path.extension().is_some_and(|ending| ending == "witness") {
            let text = fs::read_to_string(&path).expect("it can be read");
            let within = path.strip_prefix(out).expect("it is in there");
            found.insert(within.to_owned(), text);
        }
    }
    found
}

/// What is wrong with somebody's result.
fn fault(member: &Member, result: &Value) -> Option<String> {
    let code = result["exit_code"].as_u64();
    let scenarios = || {
        result["results"][0]["scenarios"]
            .as_array()
            .cloned()
            .unwrap_or_default()
    };
    let lost: Vec<String> = scenarios()
        .iter()
        .filter(|scenario| scenario["verdict"] == "fail")
        .filter_map(|scenario| Some(scenario["id"].as_str()?.to_owned()))
        .collect();
    let is_right = match &member.kind {
        Kind::Broken => code == Some(5),
        Kind::Hostile => code == Some(1) && !result.to_string().contains("ESCAPED"),
        Kind::Corpus(row) => SCENARIOS.iter().all(|&(id, _)| {
            let has = |list: &[String]| list.iter().any(|other| other == id);
            has(&row.maybe) || has(&row.fails) == has(&lost)
        }),
    };
    let source = match &member.kind {
        Kind::Corpus(row) => row.source.display().to_string(),
        Kind::Hostile => "hostile".to_owned(),
        Kind::Broken => "broken".to_owned(),
    };
    (!is_right).then(|| format!("{} ({source}): code {code:?}, lost {lost:?}", member.name))
}

/// The seconds to build and run a program once, without the grader.
fn native(class: &Class, members: &[Member]) -> f64 {
    let right: Vec<&Member> = members
        .iter()
        .filter(|one| one.is_right())
        .take(NATIVE)
        .collect();
    let since = Instant::now();
    for member in &right {
        let folder = class.path(&format!("class/{}", member.name));
        let made = Command::new("make").arg("-s").current_dir(&folder).status();
        assert!(made.expect("there is make").success());
        let mut program = Command::new(folder.join("forkwrite"));
        let ran = program
            .arg(class.path("native"))
            .args(["one", "two"])
            .status();
        assert!(ran.expect("it was built").success());
    }
    since.elapsed().as_secs_f64() / right.len() as f64
}

#[test]
fn a_class_that_is_interrupted_has_the_same_results() {
    let size = size();
    let graded = Graded::new();
    let members = hand_in(&graded.class, size);
    let all = format!("{size} submissions: {size} graded now, 0 as before");
    let first = graded.grade("out", &all);
    let again = format!("{size} submissions: 0 graded now, {size} as before");
    let second = graded.grade("out", &again);
    let whole = results(&graded.class.path("out"));
    assert_eq!(whole.len(), size);
    let faults: Vec<String> = members
        .iter()
        .filter_map(|member| fault(member, &whole[&member.name]))
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));

    let moments = moments(size);
    let mut known = BTreeMap::new();
    for &moment in &moments {
        graded.grade_until("parts", moment);
        let now = graded.times("parts");
        let kept = known.iter().all(|(path, time)| now.get(path) == Some(time));
        assert!(kept, "a result was written anew");
        known = now;
    }
    let (done, left) = (known.len(), size - known.len());
    let rest = format!("{size} submissions: {left} graded now, {done} as before");
    graded.grade("parts", &rest);
    let now = graded.times("parts");
    assert!(known.iter().all(|(path, time)| now.get(path) == Some(time)));

    let [out, parts] = ["out", "parts"].map(|name| graded.class.path(name));
    let text = |folder: &Path| serde_json::to_string_pretty(&results(folder)).expect("JSON");
    assert_eq!(text(&out), text(&parts));
    let (whole, parts) = (witnesses(&out), witnesses(&parts));
    let differing = whole.iter().chain(&parts).find(|(path, text)| {
        [&whole, &parts]
            .iter()
            .any(|all| all.get(*path) != Some(*text))
    });
    assert_eq!(
        differing.map(|(path, _)| (path, whole.get(path), parts.get(path))),
        None
    );
    let left: Vec<_> = fs::read_dir(graded.temporary.path())
        .expect("it is there")
        .collect();
    assert!(left.is_empty(), "{left:?}");

    let native = native(&graded.class, &members);
    let (one, known) = (first / size as f64, second / size as f64);
    println!(
        "{size} submissions, {} at a time: {first:.1} s, {one:.2} s each; killed at {moments:?} \
         results\nbuilt and run once without the grader, one at a time: {native:.3} s each; a \
         grading takes {:.1} times as long\nagain, with all results known: {second:.2} s, {known:.4} s \
         each, {:.3} times as long",
        processors(),
        one / native,
        known / native,
    );
}
