//! The platforms, and the files that each needs around the common content.

use std::io;

use clap::ValueEnum;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::content::Content;
use super::pack::{Member, tar};
use crate::digest;
use crate::spec::Exercise;

/// A platform that there are bundles for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Platform {
    /// An autograder's zip
    Gradescope,
    /// The folder of an assignment's autograder
    Classroom50,
    /// An action, and a workflow that uses it
    Github,
    /// A question that is graded externally
    Prairielearn,
    /// An autograder's Makefile and archive
    Autolab,
}

impl Platform {
    /// The bundle's files.
    ///
    /// # Errors
    /// If they cannot be put into an archive.
    pub(super) fn members(self, content: Content) -> io::Result<Vec<Member>> {
        let Content { members, exercises } = content;
        Ok(match self {
            Self::Gradescope => with(members, gradescope()),
            Self::Classroom50 => with(members, classroom50()),
            Self::Github => with(members, github()),
            Self::Prairielearn => {
                let members = members.into_iter().map(|member| member.within("tests"));
                with(members.collect(), prairielearn(&exercises))
            }
            Self::Autolab => {
                let run = Member::program("run.sh", include_str!("files/autolab/run.sh"));
                let members = members.into_iter().chain([run]);
                let members: Vec<Member> =
                    members.map(|member| member.within("autograde")).collect();
                autolab(tar(&members)?, &exercises)
            }
        })
    }
}

fn with(mut members: Vec<Member>, own: Vec<Member>) -> Vec<Member> {
    members.extend(own);
    members
}

fn gradescope() -> Vec<Member> {
    vec![
        Member::program("setup.sh", include_str!("files/gradescope/setup.sh")),
        Member::program(
            "run_autograder",
            include_str!("files/gradescope/run_autograder"),
        ),
        Member::file("README.md", include_str!("files/gradescope/README.md")),
    ]
}

fn classroom50() -> Vec<Member> {
    vec![
        Member::program(
            "autograder.py",
            include_str!("files/classroom50/autograder.py"),
        ),
        Member::file("README.md", include_str!("files/classroom50/README.md")),
    ]
}

fn github() -> Vec<Member> {
    vec![
        Member::file("action.yml", include_str!("files/github/action.yml")),
        Member::program("run.sh", include_str!("files/github/run.sh")),
        Member::file("workflow.yml", include_str!("files/github/workflow.yml")),
        Member::file("README.md", include_str!("files/github/README.md")),
    ]
}

fn prairielearn(exercises: &[Exercise]) -> Vec<Member> {
    let titles: Vec<&str> = exercises
        .iter()
        .map(|exercise| exercise.rubric.title.as_str())
        .collect();
    let names: Vec<&str> = exercises
        .iter()
        .map(|exercise| exercise.rubric.exercise.as_str())
        .collect();
    let info = json!({
        "uuid": uuid(&names.join(" ")),
        "title": titles.join("; "),
        "topic": "Processes",
        "type": "v3",
        "singleVariant": true,
        "gradingMethod": "External",
        "externalGradingOptions": {
            "enabled": true,
            "image": "prairielearn/grader-c",
            "entrypoint": "/grade/tests/run.sh",
            "timeout": 600,
            "enableNetworking": false,
        },
    });
    let sources = exercises
        .iter()
        .map(|exercise| format!("{}.c", exercise.rubric.program));
    let sources: Vec<String> = sources.chain(["Makefile".to_owned()]).collect();
    let question = format!(
        "<pl-question-panel>\n  <p>{}</p>\n  <pl-file-upload file-names=\"{}\"></pl-file-upload>\n\
         </pl-question-panel>\n\n<pl-submission-panel>\n  \
         <pl-external-grader-results></pl-external-grader-results>\n</pl-submission-panel>\n",
        html(&titles.join("; ")),
        html(&sources.join(", "))
    );
    let info = serde_json::to_string_pretty(&info).expect("strings always serialise") + "\n";
    vec![
        Member::file("info.json", info),
        Member::file("question.html", question),
        Member::program("tests/run.sh", include_str!("files/prairielearn/run.sh")),
        Member::file("README.md", include_str!("files/prairielearn/README.md")),
    ]
}

fn autolab(archive: Vec<u8>, exercises: &[Exercise]) -> Vec<Member> {
    let problems = exercises.iter().map(|exercise| {
        let rubric = &exercise.rubric;
        format!("- `{}`: {} points\n", rubric.exercise, rubric.max_points)
    });
    let readme = include_str!("files/autolab/README.md").to_owned();
    let readme: String = std::iter::once(readme).chain(problems).collect();
    vec![
        Member::file(
            "autograde-Makefile",
            include_str!("files/autolab/autograde-Makefile"),
        ),
        Member::file("autograde.tar", archive),
        Member::file("README.md", readme),
    ]
}

/// A question's number, the same for the same exercises: made by their names
/// (RFC 9562, version 8).
fn uuid(names: &str) -> String {
    let digest = digest::hex(Sha256::new_with_prefix(names));
    let part = |from: usize, length: usize| &digest[from..from + length];
    format!(
        "{}-{}-8{}-8{}-{}",
        part(0, 8),
        part(8, 4),
        part(12, 3),
        part(15, 3),
        part(18, 12)
    )
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}
