//! What an instructor can do about what is missing.

use std::path::Path;

use serde::Serialize;

use super::machine::Tier;

/// Where the grader runs, as far as it can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// A job of GitHub's.
    GithubRunner,
    /// Gradescope's container.
    Gradescope,
    /// Any other container.
    Container,
    /// A machine, real or virtual.
    Machine,
}

impl Place {
    /// Looks around.
    #[must_use]
    pub fn here() -> Self {
        if std::env::var_os("GITHUB_ACTIONS").is_some() {
            Self::GithubRunner
        } else if Path::new("/autograder/run_autograder").exists() {
            Self::Gradescope
        } else if ["/.dockerenv", "/run/.containerenv"]
            .iter()
            .any(|mark| Path::new(mark).exists())
        {
            Self::Container
        } else {
            Self::Machine
        }
    }

    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::GithubRunner => "a GitHub runner",
            Self::Gradescope => "Gradescope",
            Self::Container => "a container",
            Self::Machine => "a machine of its own",
        }
    }
}

/// What to do for a tier that does not hold in full; `None` if nothing can
/// or need be done.
#[must_use]
pub fn advice(tier: &Tier, place: Place) -> Option<&'static str> {
    if tier.holds() || !tier.used {
        return None;
    }
    let works = tier.parts.iter().all(|part| part.works || !part.needed);
    Some(match (tier.tier, works, place) {
        ("T0", false, Place::Container) => {
            "start the container with --cap-add=SYS_PTRACE --security-opt seccomp=unconfined, or \
             with Docker 20.10 or later on Linux 5.11 or later"
        }
        ("T0", false, Place::GithubRunner) => {
            "use the label ubuntu-24.04 or later, and no container of an older distribution"
        }
        ("T0", false, Place::Gradescope) => {
            "choose the newest Ubuntu as the base image; if it still fails, grade on a machine of \
             your own"
        }
        ("T0", false, Place::Machine) => {
            "use Linux 5.11 or later, and set /proc/sys/kernel/yama/ptrace_scope to 1 or less"
        }
        ("T0", true, Place::Container | Place::Gradescope) => {
            "the kernel is the host's: without Landlock 6 (Linux 6.12) grade only one submission \
             in a container, with nothing in it that students may not see"
        }
        ("T0", true, Place::GithubRunner) => {
            "give each submission a job of its own, and keep secrets and the solution out of it"
        }
        ("T0", true, Place::Machine) => {
            "use Linux 6.12 or later with landlock in the list of /sys/kernel/security/lsm (kernel \
             parameter lsm=); until then grade as a user that owns nothing else"
        }
        ("T1", _, Place::GithubRunner) => {
            "run the grader by sudo; without, T0 alone holds, which suffices for one submission a \
             job"
        }
        ("T1", _, Place::Container | Place::Gradescope) => {
            "run the grader as the container's root, with --cap-add=SYS_PTRACE; without, T0 alone \
             holds"
        }
        _ => "run the grader as root; without, T0 alone holds",
    })
}
