//! What an oracle needs of its case, and where it makes no sense.

use crate::spec::path::FieldPath;
use crate::spec::problem::Problem;
use crate::spec::types::{Argument, Case, FileKind, Oracle, Rule, StrategyKind};

/// Checks the oracles of a case, which stand at `path`.
pub(super) fn check(case: &Case, path: &FieldPath) -> Result<(), Problem> {
    for (index, oracle) in case.oracles.iter().enumerate() {
        let path = path.entry(index);
        let rule = path.field("rule");
        if case
            .oracles
            .iter()
            .take(index)
            .any(|earlier| earlier.rule == oracle.rule)
        {
            return Err(Problem::value(
                &rule,
                "this rule is judged already",
                "name a rule once a case",
            ));
        }
        check_status(oracle, &path)?;
        if oracle.only_by_fault && case.faults.is_none() {
            return Err(Problem::name(
                &path.field("only-by-fault"),
                "there are no faults in this case",
                "remove it, or add `faults`",
            ));
        }
        check_control(oracle.rule, case, &rule)?;
        check_file(oracle.rule, case, &rule)?;
        check_records(oracle.rule, case, &rule)?;
    }
    Ok(())
}

fn check_status(oracle: &Oracle, path: &FieldPath) -> Result<(), Problem> {
    match (oracle.rule, oracle.status) {
        (Rule::ExitStatus, None) => Err(Problem::value(
            &path.field("rule"),
            "exit-status needs the field `status`",
            "add `status: 0`",
        )),
        (Rule::ExitStatus, Some(_)) | (_, None) => Ok(()),
        (_, Some(_)) => Err(Problem::name(
            &path.field("status"),
            "goes only with rule exit-status",
            "remove it, or judge it by a rule of its own",
        )),
    }
}

/// Some rules are read from the steps, and a native round has none.
fn check_control(rule: Rule, case: &Case, path: &FieldPath) -> Result<(), Problem> {
    let from_steps = matches!(rule, Rule::Writers | Rule::Reaped | Rule::SharedLock);
    if from_steps && case.strategy.kind == StrategyKind::Native {
        return Err(Problem::value(
            path,
            "cannot be judged with strategy native",
            "judge it in a case of strategy exhaustive or pct",
        ));
    }
    Ok(())
}

fn check_file(rule: Rule, case: &Case, path: &FieldPath) -> Result<(), Problem> {
    let ends_early = matches!(case.file.kind, FileKind::Limited | FileKind::Full);
    match rule {
        Rule::RecordsUntilFull if !ends_early => Err(Problem::value(
            path,
            "records-until-full needs a FILE of kind limited or full",
            "use rule records",
        )),
        Rule::Records if ends_early || case.file.kind == FileKind::MissingFolder => {
            Err(Problem::value(
                path,
                "the records cannot all be in a FILE of this kind",
                "use rule records-until-full, or exit-status with `status: 1`",
            ))
        }
        _ => Ok(()),
    }
}

fn check_records(rule: Rule, case: &Case, path: &FieldPath) -> Result<(), Problem> {
    let least = match rule {
        Rule::ExitStatus | Rule::Reaped => return Ok(()),
        Rule::Records | Rule::RecordsUntilFull => 1,
        Rule::Writers | Rule::SharedLock => 2,
    };
    let records = case
        .args
        .iter()
        .filter(|argument| argument.record.is_some())
        .count();
    if records < least {
        let some = if least == 1 {
            "a record"
        } else {
            "at least two records"
        };
        return Err(Problem::value(
            path,
            format!("needs {some} among the arguments, there are {records}"),
            "add `- record: some text` to args",
        ));
    }
    if !case.args.iter().any(Argument::is_file) {
        return Err(Problem::value(
            path,
            "needs FILE among the arguments",
            "add `- file: true` to args",
        ));
    }
    Ok(())
}
