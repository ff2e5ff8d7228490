//! A class graded on a Slurm of two nodes, one of which is lost half-way, has
//! the results that it has on one machine. The files are those of
//! `deploy/slurm`.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use support::class::{Class, ran, results};
use support::crowd::hand_in;
use support::slurm::{Cluster, wait};
use support::{all_tests, everything, grader, submissions};

/// How many parts the class is graded in.
const SHARDS: usize = 4;

/// Right, or wrong in a way that costs few executions.
const PROGRAMS: [&str; 4] = [
    "right/plain.c",
    "wrong/no_append.c",
    "right/plain.c",
    "wrong/no_append.c",
];

/// Eight submissions, so two a part. The second of each part is built only once
/// its folder has a file `go`: until then the part is half done.
fn class() -> Class {
    let class = Class::empty();
    for (place, program) in PROGRAMS.iter().enumerate() {
        class.put(&format!("s{}", place + 1), program);
        let folder = format!("class/s{}", place + 1 + SHARDS);
        for (from, to) in [(program, "src/forkwrite.c"), (&"common.h", "common.h")] {
            let source = fs::read_to_string(submissions().join(from)).expect("it is there");
            class.write(&format!("{folder}/{to}"), &source);
        }
        class.write(
            &format!("{folder}/Makefile"),
            "forkwrite: src/forkwrite.c\n\tuntil [ -e go ]; do sleep 0.1; done\n\t\
             cc -O1 -pthread -o $@ src/forkwrite.c\n",
        );
    }
    class
}

/// Lets all builds go on that wait. They are made in copies, each in a folder of
/// its own.
fn let_go(copies: &Path) {
    for entry in fs::read_dir(copies).expect("it is there").flatten() {
        // It may be gone by now.
        for copy in fs::read_dir(entry.path()).into_iter().flatten().flatten() {
            if copy.path().join("Makefile").exists() {
                let _ = fs::write(copy.path().join("go"), "");
            }
        }
    }
}

/// Hands the class to the cluster, in a folder for copies; the numbers of the job
/// array and of the merge after it.
fn submit(cluster: &Cluster, class: &Class, copies: &Path) -> [String; 2] {
    fs::create_dir(copies).expect("the test's own");
    let submitted = cluster
        .command(Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/slurm/submit.sh"))
        .arg(class.path("class"))
        .arg(class.path("results"))
        .arg(SHARDS.to_string())
        .env("GRADER", grader().get_program())
        .env(
            "GRADE_OPTIONS",
            format!("--specs {}", class.path("specs").display()),
        )
        .env("TMPDIR", copies)
        .output()
        .expect("there is bash");
    let said = String::from_utf8_lossy(&submitted.stderr);
    assert!(submitted.status.success(), "{said}");
    let jobs = String::from_utf8_lossy(&submitted.stdout).into_owned();
    let [array, merge] = jobs.lines().collect::<Vec<_>>()[..] else {
        panic!("two jobs: {jobs}");
    };
    [array, merge].map(str::to_owned)
}

/// Waits until a job has ended, and says in what state.
fn ended(cluster: &Cluster, job: &str, mut meanwhile: impl FnMut()) -> String {
    let mut state = String::new();
    wait("the merge", || {
        meanwhile();
        state = cluster.try_ask(&["scontrol", "show", "job", job]);
        ["COMPLETED", "FAILED", "CANCELLED", "TIMEOUT"]
            .iter()
            .any(|end| state.contains(&format!("JobState={end}")))
    });
    state
}

/// One cluster at a time.
static TURN: Mutex<()> = Mutex::new(());

#[test]
fn a_class_comes_through_the_loss_of_a_node() {
    if !all_tests() {
        return;
    }
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let size = if everything() { 200 } else { 24 };
    let class = Class::empty();
    hand_in(&class, size);
    let cluster = Cluster::start(&class.path("slurm"));
    let [_, merge] = submit(&cluster, &class, &class.path("copies"));
    wait("half of the results", || {
        let parts = fs::read_dir(class.path("results/parts"))
            .into_iter()
            .flatten();
        let of_part = |part: fs::DirEntry| {
            let files = fs::read_dir(part.path()).into_iter().flatten().flatten();
            let results = files.filter(|file| file.path().extension().is_some_and(|e| e == "json"));
            results.count()
        };
        parts.flatten().map(of_part).sum::<usize>() >= size / 2
    });
    cluster.cut_power("n1");
    let state = ended(&cluster, &merge, || ());
    let log = fs::read_to_string(class.path("results/merge.log")).unwrap_or_default();
    assert!(state.contains("JobState=COMPLETED"), "{state}\n{log}");
    drop(cluster);

    let mut whole = grader();
    whole.arg("class").arg(class.path("class"));
    whole.arg("--out").arg(class.path("out"));
    whole.arg("--specs").arg(class.path("specs"));
    let (code, printed) = ran(&mut whole);
    assert_eq!(code, 0, "{printed}");
    assert_eq!(results(&class.path("results/all")), class.results());
    assert_eq!(class.results().len(), size);
}

#[test]
fn a_node_is_lost_and_no_result_is() {
    if !all_tests() {
        return;
    }
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let class = class();
    let copies = class.path("copies");
    let cluster = Cluster::start(&class.path("slurm"));
    let [array, merge] = submit(&cluster, &class, &copies);

    // Both nodes are half-way through a part.
    let result = |part: &str, place: usize| -> PathBuf {
        class.path(&format!("results/parts/{part}/s{place}.json"))
    };
    wait("the first results", || {
        result("1", 1).exists() && result("2", 2).exists()
    });
    let running = cluster.try_ask(&["squeue", "-h", "-t", "running", "-o", "%N %K"]);
    let lost = running
        .lines()
        .find_map(|line| line.strip_prefix("n1 "))
        .unwrap_or_else(|| panic!("n1 runs a part: {running}"));
    cluster.cut_power("n1");
    let begun: usize = lost.parse().expect("a number");
    assert!(result(lost, begun).exists());
    assert!(!result(lost, begun + SHARDS).exists());

    let state = ended(&cluster, &merge, || let_go(&copies));
    let log = fs::read_to_string(class.path("results/merge.log")).unwrap_or_default();
    assert!(state.contains("JobState=COMPLETED"), "{state}\n{log}");
    assert!(log.contains("8 results merged"), "{log}");
    let again = cluster.try_ask(&["scontrol", "show", "job", &format!("{array}_{lost}")]);
    assert!(again.contains("Restarts=1"), "{again}");
    let log = fs::read_to_string(class.path(&format!("results/part-{lost}.log")));
    let log = log.expect("it is there");
    assert!(log.contains("1 graded now, 1 as before"), "{log}");
    drop(cluster);

    let mut whole = grader();
    whole.arg("class").arg(class.path("class"));
    whole.arg("--out").arg(class.path("out"));
    whole.arg("--specs").arg(class.path("specs"));
    whole.env("TMPDIR", &copies);
    let mut whole = whole.spawn().expect("the grader can be run");
    let mut status = None;
    wait("the whole class", || {
        let_go(&copies);
        status = whole.try_wait().expect("it is a child");
        status.is_some()
    });
    assert_eq!(status.and_then(|status| status.code()), Some(0));
    let results = results(&class.path("results/all"));
    let built = results.values().all(|result| result["exit_code"] != 5);
    assert!(built, "not all have been built: {results:?}");
    assert_eq!(results, class.results());
}
