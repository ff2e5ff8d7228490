//! The witnesses of a result, and taking them to another folder with it.

use std::fs;
use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use super::record::Record;
use crate::error::{Error, Result};
use crate::save::replace;

/// The folder of all witnesses, in a folder of results.
pub(super) const FOLDER: &str = "witnesses";

/// Has the findings of a result in `from` name their witnesses in `to`; gives
/// where each file is and where it belongs.
pub(super) fn of(record: &mut Record, from: &Path, to: &Path) -> Vec<(PathBuf, PathBuf)> {
    let name = record.name.clone();
    let mut files = Vec::new();
    for witness in named(&mut record.results) {
        let Some(within) = witness.as_str().and_then(|path| within(path, &name)) else {
            continue;
        };
        let place = |folder: &Path| folder.join(FOLDER).join(&name).join(&within);
        files.push((place(from), place(to)));
        *witness = Value::from(place(to).to_string_lossy());
    }
    files
}

/// Every `findings[].witness` of these results.
pub(super) fn named(results: &mut [Value]) -> impl Iterator<Item = &mut Value> {
    let scenarios = results
        .iter_mut()
        .filter_map(|result| result.get_mut("scenarios")?.as_array_mut());
    let findings = scenarios
        .flatten()
        .filter_map(|scenario| scenario.get_mut("findings")?.as_array_mut());
    findings
        .flatten()
        .filter_map(|finding| finding.get_mut("witness"))
}

/// A witness's path within its submission's folder. What leads to that has
/// changed if the results were copied from another machine.
pub(super) fn within(path: &str, name: &str) -> Option<PathBuf> {
    let parts: Vec<Component> = Path::new(path).components().collect();
    let ours = |pair: &[Component]| pair[0].as_os_str() == FOLDER && pair[1].as_os_str() == name;
    let at = parts.windows(2).rposition(ours)?;
    let rest = &parts[at + 2..];
    let plain = |part: &Component| matches!(part, Component::Normal(_));
    (!rest.is_empty() && rest.iter().all(plain)).then(|| rest.iter().collect())
}

/// Copies a witness, whole or not at all.
pub(super) fn copy(from: &Path, to: &Path) -> Result<()> {
    let same = || Some(fs::canonicalize(from).ok()? == fs::canonicalize(to).ok()?);
    if same() == Some(true) {
        return Ok(());
    }
    let text = fs::read(from).map_err(|cause| Error::Usage {
        message: format!("cannot read the witness {}: {cause}", from.display()),
        help: "copy the folder `witnesses` with the results, or grade that submission again"
            .to_owned(),
    })?;
    replace(to, &text, 0o600)
        .map_err(|cause| Error::grader(format!("write the witness {}", to.display()), cause))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_witness_is_found_wherever_the_results_were_made() {
        let found = |path: &str| within(path, "ada");
        let file = Some(PathBuf::from("single.witness"));
        assert_eq!(found("out/witnesses/ada/single.witness"), file);
        assert_eq!(
            found("/a/witnesses/ada/b/witnesses/ada/single.witness"),
            file
        );
        let several = Some(PathBuf::from("gate/single.witness"));
        assert_eq!(found("x/witnesses/ada/gate/single.witness"), several);
        for other in ["witnesses/bob/x", "witnesses/ada", "witnesses/ada/../x", ""] {
            assert_eq!(found(other), None, "{other}");
        }
    }
}
