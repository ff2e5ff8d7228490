//! What a scenario keeps.

use crate::spec::path::FieldPath;
use crate::spec::problem::Problem;
use crate::spec::types::Scenario;

use super::field::{name, not_empty, one_line, unique};
use super::{arguments, faults, file, oracles, strategy};

/// Checks a scenario whose file is called `file_name`, `.yaml` left out.
pub fn scenario(scenario: &Scenario, file_name: &str) -> Result<(), Problem> {
    let top = FieldPath::top();
    name(&top.field("id"), &scenario.id)?;
    if scenario.id != file_name {
        return Err(Problem::value(
            &top.field("id"),
            format!(
                "the id is `{}`, but the file is called {file_name}.yaml",
                scenario.id
            ),
            format!(
                "write `id: {file_name}`, or rename the file to {}.yaml",
                scenario.id
            ),
        ));
    }
    one_line(&top.field("title"), &scenario.title)?;
    name(&top.field("program"), &scenario.program)?;
    let cases = top.field("cases");
    let names = scenario.cases.iter().map(|case| case.name.as_str());
    unique(names, |index| cases.entry(index).field("name"))?;
    for (index, case) in scenario.cases.iter().enumerate() {
        let path = cases.entry(index);
        name(&path.field("name"), &case.name)?;
        arguments::check(case, &path.field("args"))?;
        file::check(case, &path.field("file"))?;
        strategy::check(case, &path)?;
        faults::check(case, &path.field("faults"))?;
        oracles::check(case, &path.field("oracles"))?;
    }
    for (index, hint) in scenario.hints.iter().enumerate() {
        not_empty(&top.field("hints").entry(index), hint)?;
    }
    Ok(())
}
