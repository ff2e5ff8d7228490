//! The manifests of `deploy/kubernetes` are Jobs of the API, to the last field,
//! and share the class out as the grader does.

use std::fs;
use std::path::Path;

use k8s_openapi::api::batch::v1::Job;
use serde_json::Value;

/// A manifest as it is written, and as the API has it.
fn manifest(name: &str) -> (Value, Job) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/kubernetes");
    let text = fs::read_to_string(path.join(name)).expect("it is there");
    let written = serde_yaml::from_str(&text).expect("it is YAML");
    let job: Job = serde_yaml::from_str(&text).expect("it is a Job");
    (written, job)
}

#[test]
fn every_field_is_known_to_the_api() {
    for name in ["grade.yaml", "merge.yaml"] {
        let (written, job) = manifest(name);
        // What the API does not know is lost on the way.
        let back = serde_json::to_value(&job).expect("it serialises");
        assert_eq!(back, written, "{name}");
    }
}

#[test]
fn every_part_is_graded_once() {
    let (_, job) = manifest("grade.yaml");
    let spec = job.spec.expect("it has one");
    assert_eq!(spec.completion_mode.as_deref(), Some("Indexed"));
    let completions = spec.completions.expect("it has as many");
    let pod = spec.template.spec.expect("it has one");
    assert_eq!(pod.restart_policy.as_deref(), Some("Never"));
    let [container] = &pod.containers[..] else {
        panic!("one container");
    };
    let variables = container.env.as_deref().unwrap_or_default();
    let shards = variables.iter().find(|variable| variable.name == "SHARDS");
    let shards = shards.and_then(|variable| variable.value.clone());
    assert_eq!(shards, Some(completions.to_string()));

    // The last pod's command, with a grader that says what it is asked for.
    let command = container.command.as_deref().expect("it has one");
    let [shell, option, script] = command else {
        panic!("a shell's command: {command:?}");
    };
    let script = format!(
        "grader() {{ echo \"$@\"; }}; {}",
        script.replace("exec ", "")
    );
    let output = std::process::Command::new(shell)
        .args([option, &script])
        .env("JOB_COMPLETION_INDEX", (completions - 1).to_string())
        .env("SHARDS", completions.to_string())
        .output()
        .expect("there is a shell");
    let asked = String::from_utf8_lossy(&output.stdout);
    let part = format!("--out /results/parts/{completions} --shard {completions}/{completions} ");
    assert!(asked.contains(&part), "{asked}");
}

#[test]
fn a_failure_that_would_come_again_is_not_tried_again() {
    let (_, job) = manifest("grade.yaml");
    let spec = job.spec.expect("it has one");
    assert!(spec.backoff_limit_per_index.is_some());
    let rules = spec.pod_failure_policy.expect("it has one").rules;
    let codes = rules.iter().find_map(|rule| rule.on_exit_codes.as_ref());
    let codes = codes.expect("a rule for codes");
    // A grader error (70) is tried again.
    assert_eq!(codes.values, [2, 3, 4, 6]);
    assert_eq!(codes.container_name.as_deref(), Some("grader"));
}
