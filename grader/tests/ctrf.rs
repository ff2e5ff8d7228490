//! What `--report ctrf=FILE` writes is CTRF, by the schema of CTRF's own
//! implementation: npm's package `ctrf`, which `.ci/run` installs.

mod support;

use std::process::Command;

use serde_json::Value;
use support::class::{Class, ran};
use support::{all_tests, grader};

/// Checks the file that it is given against the schema of the version that
/// stands there.
const CHECK: &str = "
    const report = JSON.parse(require('fs').readFileSync(process.argv[1]));
    const { specVersion } = report;
    const { valid, errors } = require('ctrf').validate(report, { specVersion });
    console.log(valid ? 'valid' : JSON.stringify(errors));
";

/// What the check says of a file of the test.
fn checked(class: &Class, file: &str) -> String {
    let root = Command::new("npm").args(["root", "--global"]).output();
    let root = root.expect("there is npm; install it, or unset KIT_TESTS");
    let root = String::from_utf8_lossy(&root.stdout).into_owned();
    let mut node = Command::new("node");
    node.env("NODE_PATH", root.trim());
    ran(node.args(["-e", CHECK]).arg(class.path(file))).1
}

/// The report on somebody of the class.
fn reported(class: &Class, name: &str) -> Value {
    let report = class.path(&format!("{name}.ctrf"));
    let mut command = grader();
    command
        .arg("grade")
        .arg(class.path(&format!("class/{name}")));
    command.arg("--specs").arg(class.path("specs"));
    command.arg("--witness-dir").arg(class.path("witnesses"));
    let option = format!("ctrf={}", report.display());
    ran(command.args(["--exercise", "forkwrite", "--report", &option]));
    let text = std::fs::read_to_string(report).expect("it was written");
    serde_json::from_str(&text).expect("it is JSON")
}

#[test]
fn reports_are_valid_by_the_schema() {
    if !all_tests() {
        println!("this needs npm's package `ctrf`: run it with KIT_TESTS=all");
        return;
    }
    let class = Class::new();
    class.put("dan", "wrong/no_append.c");
    for (name, status, raw) in [
        ("ada", "passed", "pass"),
        ("dan", "failed", "fail"),
        ("cy", "failed", "not graded"),
    ] {
        let mut report = reported(&class, name);
        let tests = report["results"]["tests"].clone();
        assert_eq!(tests[0]["status"], status, "{report}");
        assert_eq!(tests[0]["rawStatus"], raw, "{report}");
        assert_eq!(checked(&class, &format!("{name}.ctrf")), "valid\n");

        // What CTRF has no key for is not let through.
        report["results"]["tests"][0]["points"] = 5.into();
        class.write("other.ctrf", &report.to_string());
        let said = checked(&class, "other.ctrf");
        assert!(said.contains("additional properties"), "{said}");
    }
}
