//! The pages in a real browser, by keyboard alone: stepping through an
//! interleaving, a class sorted and searched, phones, dark colours, hostile
//! texts. With `KIT_TESTS=all`; `HTML_PICTURES=DIR` keeps pictures of them.

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use support::browser::{Browser, Scripts};
use support::{Build, all_tests, build, course, grader};
use tempfile::TempDir;

/// A name and a record that would run if they were taken for markup, with words
/// that no phone has room for.
const HOSTILE_NAME: &str = "<img src=x onerror=alert(1)>wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww";
const HOSTILE_RECORD: &str =
    "</script><img src=x onerror=alert(2)>wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww";

/// What shows a step of the schedule that fails.
const FAILING: &str = ".stepper:nth-child(1)";
const PASSING: &str = ".stepper:nth-child(2)";

/// An exercise with one scenario, `short-writes`, with a record that is hostile.
struct Exercise {
    folder: TempDir,
}

impl Exercise {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let specs = folder.path().join("specs/forkwrite");
        fs::create_dir_all(&specs).expect("the test's own");
        let scenario = course().join("specs/forkwrite/short-writes.yaml");
        let text = fs::read_to_string(scenario).expect("it is there");
        let tame = "{ record: a, times: 12 }";
        assert!(text.contains(tame), "{text}");
        let text = text.replace(tame, &format!("{{ record: {HOSTILE_RECORD:?} }}"));
        fs::write(specs.join("short-writes.yaml"), text).expect("the test's own");
        let rubric = "format: 1\nexercise: forkwrite\ntitle: One\nprogram: forkwrite\n\
                      max-points: 20\nscenarios:\n  - { id: short-writes, points: 20 }\n";
        fs::write(specs.join("rubric.yaml"), rubric).expect("the test's own");
        Self { folder }
    }

    fn path(&self, within: &str) -> PathBuf {
        self.folder.path().join(within)
    }

    /// A program of the corpus as somebody's submission.
    fn put(&self, name: &str, source: &str) -> PathBuf {
        let folder = self.path("class").join(name);
        fs::create_dir_all(&folder).expect("the test's own");
        build(Path::new(source), Build::Cc, &folder.join("forkwrite"));
        folder
    }

    fn run(&self, arguments: &[&str]) {
        let output = grader()
            .args(arguments)
            .arg("--specs")
            .arg(self.path("specs"))
            .current_dir(self.folder.path())
            .output()
            .expect("the grader can be run");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{said}");
    }

    /// The page of a submission that locks each write, not each record.
    fn graded(&self) -> PathBuf {
        self.put(HOSTILE_NAME, "wrong/lock_per_write.c");
        let submission = format!("class/{HOSTILE_NAME}");
        self.run(&["grade", &submission, "--report", "html=report.html"]);
        self.path("report.html")
    }
}

/// True if the tests with a browser are asked for.
fn asked_for() -> bool {
    if !all_tests() {
        println!("this needs chromium: run it with KIT_TESTS=all");
    }
    all_tests()
}

/// Nothing was fetched but the page, run, or refused.
fn assert_quiet(browser: &mut Browser) {
    let requests = browser.happened("Network.requestWillBeSent");
    let fetched = requests.iter().map(|request| &request["request"]["url"]);
    let fetched: Vec<_> = fetched.collect();
    assert_eq!(fetched.len(), 1, "{fetched:?}");
    for kind in [
        "Page.javascriptDialogOpening",
        "Runtime.exceptionThrown",
        "Log.entryAdded",
    ] {
        let happened = browser.happened(kind);
        assert!(happened.is_empty(), "{kind}: {happened:?}");
    }
    assert_eq!(browser.see("refused"), json!([]));
    assert_eq!(browser.see("document.images.length"), 0);
    assert_eq!(
        browser.see("document.querySelectorAll('[onerror]').length"),
        0
    );
}

/// No page scrolls sideways on a phone, and dark colours are dark.
fn assert_fits(browser: &mut Browser, name: &str) {
    let background = "getComputedStyle(document.body).backgroundColor";
    let overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
    browser.look(1280, "light");
    let light = browser.see(background);
    browser.picture(&format!("{name}-light"));
    browser.look(1280, "dark");
    assert_ne!(browser.see(background), light);
    browser.picture(&format!("{name}-dark"));
    browser.look(360, "light");
    assert_eq!(browser.see(overflow), 0);
    browser.picture(&format!("{name}-phone"));
    browser.look(1280, "light");
}

/// FILE's content at each step, from the first to the last, by arrow keys.
fn contents(browser: &mut Browser, panel: &str) -> Vec<String> {
    browser.tab_to(&format!("{panel} input[type=range]"));
    browser.press("Home");
    let place = format!("{panel} .place");
    let steps = browser.text(&place);
    let steps = steps.strip_prefix("0 of ").expect("it is at the start");
    let steps: usize = steps.parse().expect("it is a number");
    let file = format!("{panel} .file");
    let mut contents = vec![browser.text(&file)];
    for step in 1..=steps {
        browser.press("ArrowRight");
        assert_eq!(browser.text(&place), format!("{step} of {steps}"));
        contents.push(browser.text(&file));
    }
    contents
}

#[test]
fn arrow_keys_step_through_both_interleavings() {
    if !asked_for() {
        return;
    }
    let exercise = Exercise::new();
    let page = exercise.graded();
    let mut browser = Browser::start();
    browser.load(&page);
    let failing = contents(&mut browser, FAILING);
    assert!(!failing[0].contains("img"), "{failing:?}");
    let last = failing.last().expect("there is a step");
    let whole = format!("{}\n", "b".repeat(20));
    assert!(
        last.contains("bbbb") && !last.contains(&whole),
        "{failing:?}"
    );
    let held = "[...document.querySelectorAll('.stepper:nth-child(1) .holds')].length > 0";
    assert_eq!(browser.see(held), true, "nobody holds the lock");
    for mark in [".tag.fault", ".tag.bad", ".tag.decides", ".tag.lock"] {
        assert!(!browser.text(&format!("{FAILING} {mark}")).is_empty());
    }

    let passing = contents(&mut browser, PASSING);
    let last = passing.last().expect("there is a step");
    assert!(
        last.contains(HOSTILE_RECORD) && last.contains(&whole),
        "{passing:?}"
    );

    // Buttons and the table of steps take the same keys.
    let place = format!("{PASSING} .place");
    browser.press("Home");
    browser.tab_to(&format!("{PASSING} .controls button:last-of-type"));
    browser.press("Enter");
    assert!(browser.text(&place).starts_with("1 of "));
    browser.tab_to(&format!("{PASSING} .steps-scroll"));
    browser.press("ArrowDown");
    assert!(browser.text(&place).starts_with("2 of "));
    browser.press("ArrowUp");
    browser.press("ArrowLeft");
    assert!(browser.text(&place).starts_with("0 of "));
    browser.press("End");
    assert_eq!(
        browser.text(&place),
        format!("{0} of {0}", passing.len() - 1)
    );
    let current = format!("{PASSING} tr[aria-current=step] th");
    assert_eq!(browser.text(&current), (passing.len() - 1).to_string());
    let outline = browser.see("getComputedStyle(document.activeElement).outlineStyle");
    assert_ne!(outline, "none");
}

#[test]
fn a_report_fits_everywhere_and_hostile_texts_stay_texts() {
    if !asked_for() {
        return;
    }
    let exercise = Exercise::new();
    let page = exercise.graded();
    let mut browser = Browser::start();
    browser.look(1280, "light");
    browser.load(&page);
    assert!(browser.text("h1").contains(HOSTILE_NAME));
    assert_eq!(browser.text(".verdict"), "FAIL");
    browser.tab_to(&format!("{FAILING} input[type=range]"));
    browser.press("End");
    assert_fits(&mut browser, "report");
    assert_quiet(&mut browser);

    // The policy is in force: what were to get in would not run.
    let intruder = "{ const script = document.createElement('script'); \
                    script.textContent = 'window.ran = true'; document.body.append(script); \
                    window.ran === undefined }";
    assert_eq!(browser.see(intruder), true);
}

#[test]
fn without_its_script_a_report_can_still_be_read() {
    if !asked_for() {
        return;
    }
    let exercise = Exercise::new();
    let page = exercise.graded();
    let mut browser = Browser::start();
    browser.scripts(Scripts::Off);
    browser.load(&page);
    let seen = browser.see("document.body.innerText");
    let text = seen.as_str().expect("it is a text");
    for part in [
        "0 of 20 points",
        "The pictures need JavaScript",
        "FAIL",
        "every record must stand in FILE",
        "cut after 1 of 21 bytes",
        "The interleaving and what was printed",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    browser.look(360, "light");
    browser.picture("report-no-script");
}

#[test]
fn a_class_is_sorted_and_searched_by_keyboard() {
    if !asked_for() {
        return;
    }
    let exercise = Exercise::new();
    exercise.put("ada", "right/plain.c");
    exercise.put("bob", "wrong/lock_per_write.c");
    exercise.put(HOSTILE_NAME, "wrong/no_loop.c");
    fs::create_dir_all(exercise.path("class/cy")).expect("the test's own");
    exercise.run(&["class", "class", "--out", "out", "--html", "class.html"]);
    let mut browser = Browser::start();
    browser.look(1280, "light");
    browser.load(&exercise.path("class.html"));
    let first = "#submissions tbody tr:not([hidden]) th";
    assert_eq!(browser.text(first), HOSTILE_NAME);
    assert!(browser.text(".score").starts_with("4 submissions"));

    // By marks: who has most is last, then first.
    let marks = "#submissions th:nth-child(2)";
    let sorted = format!("document.querySelector({marks:?}).getAttribute('aria-sort')");
    browser.tab_to(&format!("{marks} button"));
    browser.press("Enter");
    assert_eq!(browser.see(&sorted), "ascending");
    assert_ne!(browser.text(first), "ada");
    browser.press("Enter");
    assert_eq!(browser.see(&sorted), "descending");
    assert_eq!(browser.text(first), "ada");

    browser.load(&exercise.path("class.html"));
    assert_fits(&mut browser, "class");
    browser.tab_to("input[type=search]");
    for key in ["b", "o", "b"] {
        browser.press(key);
    }
    assert_eq!(browser.text(first), "bob");
    assert_eq!(browser.text("[aria-live]"), "1 of 4 shown");
    assert_quiet(&mut browser);
}
