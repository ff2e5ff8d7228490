//! `grader watch` in a terminal: what is saved is graded, keys show what is
//! lost, and the terminal is as it was afterwards.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use support::class::Class;
use support::processes::{Process, processes};
use support::terminal::Terminal;
use support::{Build, build, grader, submissions};

/// How long processes may take to start or to go away.
const PROCESSES: Duration = Duration::from_secs(60);
/// Between two looks at `/proc`.
const POLL: Duration = Duration::from_millis(10);
/// Builds what the tests write.
const MAKEFILE: &str = "all:\n\tcc -O1 -g -pthread -o forkwrite src/student.c\n";

/// A folder to work in, of a name that no other has, with the specs of one
/// scenario beside it.
struct Desk {
    around: Class,
    name: String,
}

impl Desk {
    fn new(name: &str) -> Self {
        let desk = Self {
            around: Class::empty(),
            name: format!("watched-{name}-{}", std::process::id()),
        };
        fs::create_dir(desk.path("")).expect("the test's own");
        desk
    }

    /// A Makefile with a program of the corpus.
    fn made(name: &str, source: &str) -> Self {
        let desk = Self::new(name);
        desk.write("Makefile", MAKEFILE);
        let common = fs::read_to_string(submissions().join("common.h"));
        desk.write("common.h", &common.expect("it is there"));
        desk.save(source);
        desk
    }

    fn path(&self, within: &str) -> PathBuf {
        self.around.path(&self.name).join(within)
    }

    fn write(&self, within: &str, text: &str) {
        let path = Path::new(&self.name).join(within);
        self.around.write(path.to_str().expect("it is UTF-8"), text);
    }

    /// Saves a program of the corpus as editors do: a new file in place of the
    /// old.
    fn save(&self, source: &str) {
        let text = fs::read_to_string(submissions().join(source)).expect("it is there");
        self.write("src/.student.c.new", &text);
        let [new, old] = ["src/.student.c.new", "src/student.c"].map(|file| self.path(file));
        fs::rename(new, old).expect("the test's own");
    }

    fn watch(&self, path: &Path) -> Command {
        let mut command = grader();
        command
            .arg("watch")
            .arg(path)
            .current_dir(self.around.path(""));
        command.arg("--specs").arg(self.around.path("specs"));
        command
    }

    /// The processes that run something of this desk.
    fn processes(&self) -> Vec<String> {
        let is_ours = |process: &Process| {
            let is_here = |path: PathBuf| path.to_string_lossy().contains(&self.name);
            is_here(process.program()) || is_here(process.folder())
        };
        let ours = processes().filter(is_ours);
        ours.map(|process| process.name()).collect()
    }

    /// Waits until it runs a process of this name, or no more.
    fn await_process(&self, name: &str, runs: bool) {
        let deadline = Instant::now() + PROCESSES;
        while self.processes().iter().any(|process| process == name) != runs {
            assert!(Instant::now() < deadline, "{name}: {:?}", self.processes());
            thread::sleep(POLL);
        }
    }
}

#[test]
fn a_repair_is_graded_when_it_is_saved() {
    let desk = Desk::made("repair", "wrong/no_append.c");
    let mut terminal = Terminal::start(&mut desk.watch(&desk.path("")));
    terminal.expect("== grading\n");
    terminal.expect("forkwrite: score 0 of 5\n");
    terminal.expect("FAIL           0/5  single");
    terminal.expect("q: end\n");
    assert!(terminal.is_taken());
    for key in ["n", " ", "p"] {
        terminal.press(key);
        terminal.expect("lost scenario 1 of 1\n");
        for part in ["records ", "expected ", "step  P0", "open FILE", "hint "] {
            terminal.expect(part);
        }
    }
    // The witness is of what was saved, not of the copy that was graded.
    let witness = format!(".grade/{}/single.witness", desk.name);
    assert!(terminal.printed().contains(&witness));
    let text = fs::read_to_string(desk.around.path(&witness)).expect("it is there");
    let named = format!("submission: {}", desk.path("").display());
    assert!(text.contains(&named), "{text}");

    desk.write("src/student.c", "int main(\n");
    terminal.expect("== saved: src/student.c\n");
    terminal.expect("does not build");
    terminal.expect("src/student.c:1");
    terminal.expect("waiting for the next save");
    terminal.press("n");
    terminal.expect("lost scenario 1 of 1\n");

    desk.save("right/plain.c");
    terminal.expect("== saved: src/student.c\n");
    terminal.expect("won         single         was: records\n");
    terminal.expect("forkwrite: score 5 of 5\n");
    terminal.expect("pass           5/5  single");
    terminal.expect("q: end\n");
    terminal.press("n");
    terminal.expect("no scenario is lost\n");
    terminal.press("r");
    terminal.expect("== grading again\n");
    terminal.expect("as before in every scenario\n");
    terminal.expect("q: end\n");
    assert!(!desk.path("forkwrite").exists());
    terminal.press("q");
    assert_eq!(terminal.end().code(), Some(0));
}

#[test]
fn a_save_ends_the_grading_that_is_under_way() {
    let desk = Desk::made("again", "../hostile/sleeps_for_ever.c");
    let hostile = submissions().join("../hostile/hostile.h");
    let hostile = fs::read_to_string(hostile).expect("it is there");
    desk.write("src/hostile.h", &hostile);
    let mut terminal = Terminal::start(&mut desk.watch(&desk.path("")));
    terminal.expect("== grading\n");
    desk.await_process("forkwrite", true);
    desk.write("Makefile", "all:\n\tsleep 1000\n");
    terminal.expect("== saved: Makefile\n");
    desk.await_process("forkwrite", false);
    desk.await_process("sleep", true);
    desk.save("right/plain.c");
    terminal.expect("== saved: src/student.c\n");
    desk.await_process("sleep", true);
    desk.write("Makefile", MAKEFILE);
    terminal.expect("== saved: Makefile\n");
    terminal.expect("forkwrite: score 5 of 5\n");
    desk.await_process("sleep", false);
    // Of those that were ended nothing is told.
    assert_eq!(terminal.printed().matches("score").count(), 1);
    terminal.press("r");
    terminal.expect("== grading again\n");
    terminal.press("\x03");
    assert_eq!(terminal.end().code(), Some(0));
    desk.await_process("forkwrite", false);
}

#[test]
fn a_program_is_graded_when_it_is_compiled() {
    let desk = Desk::new("compiled");
    let program = desk.path("forkwrite");
    build(Path::new("right/plain.c"), Build::Cc, &program);
    let mut terminal = Terminal::start(&mut desk.watch(&program));
    terminal.expect("forkwrite: score 5 of 5\n");
    terminal.expect("q: end\n");
    build(Path::new("wrong/no_append.c"), Build::Cc, &program);
    terminal.expect("== saved: the program\n");
    terminal.expect("lost        single         records\n");
    terminal.expect("q: end\n");
    terminal.signal(Signal::SIGTERM);
    assert_eq!(terminal.end().code(), Some(0));
}

#[test]
fn building_a_package_is_no_save() {
    let desk = Desk::new("package");
    let manifest = "[package]\nname = \"forkwrite\"\nedition = \"2024\"\n[workspace]\n";
    desk.write("Cargo.toml", manifest);
    desk.write("src/main.rs", "fn main() {}\n");
    let mut terminal = Terminal::start(&mut desk.watch(&desk.path("")));
    terminal.expect("forkwrite: score 0 of 5\n");
    terminal.expect("q: end\n");
    desk.write("src/main.rs", "fn main() { std::process::exit(1) }\n");
    terminal.expect("== saved: src/main.rs\n");
    terminal.expect("forkwrite: score 0 of 5\n");
    terminal.expect("q: end\n");
    assert_eq!(terminal.printed().matches("== ").count(), 2);
    terminal.press("q");
    assert_eq!(terminal.end().code(), Some(0));
}

#[test]
fn what_no_save_changes_ends_it() {
    let desk = Desk::made("scenario", "right/plain.c");
    let mut command = desk.watch(&desk.path(""));
    let mut terminal = Terminal::start(command.args(["--only", "no-such-scenario"]));
    terminal.expect("nothing selected: there is no scenario `no-such-scenario`");
    terminal.expect("help: ");
    assert_eq!(terminal.end().code(), Some(4));
}

#[test]
fn without_a_terminal_it_says_so() {
    let desk = Desk::new("nowhere");
    let mut command = desk.watch(&desk.path(""));
    let output = command
        .stdin(Stdio::null())
        .output()
        .expect("it can be run");
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("standard input is no terminal"), "{said}");
    assert!(said.contains("\nhelp: start it in a terminal"), "{said}");
}
