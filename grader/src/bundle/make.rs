//! Making a bundle.

use std::fs;
use std::path::PathBuf;

use super::content::Content;
use super::pack;
use super::platform::Platform;
use super::program::{Linkage, linkage};
use crate::error::{Error, Result};
use crate::spec;

/// What a static grader is built with. C's own library is linked in, while
/// `--target` keeps what runs in the compiler as it was.
const STATIC_BUILD: &str = "RUSTFLAGS=\"-C target-feature=+crt-static\" cargo build --release \
                            --target x86_64-unknown-linux-gnu -p grader";

/// What is to be made.
#[derive(Debug, Clone)]
pub struct Request {
    /// For whom.
    pub platform: Platform,
    /// Where it goes: a zip archive if it is called so, else a folder.
    pub out: PathBuf,
    /// The exercise; all if not given.
    pub exercise: Option<String>,
    /// The folder of the exercises; found by itself if not given.
    pub specs: Option<PathBuf>,
    /// The grader that is packed; this one if not given.
    pub grader: Option<PathBuf>,
    /// Whether a grader that needs a C library is packed too.
    pub dynamic: Dynamic,
}

/// What becomes of a grader that is not static.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dynamic {
    /// It is an error, with the command that builds another.
    Refused,
    /// It is packed.
    Packed,
}

/// What was made.
#[derive(Debug, PartialEq, Eq)]
pub struct Bundle {
    /// How many files it holds.
    pub files: usize,
    /// The exercises, by name.
    pub exercises: Vec<String>,
    /// What the grader needs of the machine that it will run on, if anything.
    pub needs: Option<String>,
}

/// Makes a bundle.
///
/// # Errors
/// [`Error::Usage`] if the grader to be packed is not static, or the bundle
/// cannot be written.
pub fn make(request: &Request) -> Result<Bundle> {
    let path = match &request.grader {
        Some(path) => path.clone(),
        None => std::env::current_exe()
            .map_err(|cause| Error::grader("find the grader's own program", cause))?,
    };
    let unusable = |cause: &dyn std::fmt::Display| Error::Usage {
        message: format!("cannot pack the grader {}: {cause}", path.display()),
        help: format!("build it with\n    {STATIC_BUILD}\nand name it with --grader FILE"),
    };
    let grader = fs::read(&path).map_err(|cause| unusable(&cause))?;
    let needs = match linkage(&grader).map_err(|cause| unusable(&cause))? {
        Linkage::Static => None,
        Linkage::Dynamic(version) => Some(match version {
            Some(version) => format!("glibc {version} or later"),
            None => "the C library that it was built with".to_owned(),
        }),
    };
    if let (Some(needs), Dynamic::Refused) = (&needs, request.dynamic) {
        let cause = format!("it is not static, it needs {needs}");
        return Err(unusable(&cause));
    }
    let specs = spec::find_specs(request.specs.as_deref())?;
    let content = Content::new(grader, &specs, request.exercise.as_deref())?;
    let names = content.exercises.iter();
    let exercises = names.map(|exercise| exercise.rubric.exercise.clone());
    let exercises = exercises.collect();
    let members = request.platform.members(content);
    let members = members.map_err(|cause| Error::grader("pack the bundle", cause))?;
    pack::write(&members, &request.out).map_err(|cause| Error::Usage {
        message: format!("cannot write the bundle {}: {cause}", request.out.display()),
        help: "name a new folder, or a file that ends in .zip, with --out".to_owned(),
    })?;
    Ok(Bundle {
        files: members.len(),
        exercises,
        needs,
    })
}
