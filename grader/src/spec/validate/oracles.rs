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
        check_order(oracle, case, &path)?;
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

/// The fields of the rules about lines with numbers.
fn check_order(oracle: &Oracle, case: &Case, path: &FieldPath) -> Result<(), Problem> {
    if oracle.partial && !oracle.rule.is_order() {
        return Err(Problem::name(
            &path.field("partial"),
            "goes only with the rules gate, rendezvous and relay",
            "remove it",
        ));
    }
    match (oracle.rule, oracle.of) {
        (Rule::SharedWait, Some(rule)) if rule.is_order() => {}
        (Rule::SharedWait, _) => {
            return Err(Problem::value(
                &path.field("rule"),
                "shared-wait needs to know when a process has to wait",
                "add `of: gate`, `of: rendezvous` or `of: relay`",
            ));
        }
        (_, None) => {}
        (_, Some(_)) => {
            return Err(Problem::name(
                &path.field("of"),
                "goes only with the rule shared-wait",
                "remove it",
            ));
        }
    }
    let numbered =
        oracle.rule.is_order() || matches!(oracle.rule, Rule::GateFull | Rule::SharedWait);
    if numbered && case.numbers().len() != 2 {
        return Err(Problem::value(
            &path.field("rule"),
            format!(
                "needs two numbers among the arguments, N and K or ROUNDS, there are {}",
                case.numbers().len()
            ),
            "write args: FILE, then `- text: \"3\"` and `- text: \"2\"`",
        ));
    }
    let dies = case
        .faults
        .as_ref()
        .is_some_and(|faults| !faults.deaths.is_empty());
    if matches!(oracle.rule, Rule::RecordsOfSurvivors | Rule::DeathIsTold) && !dies {
        return Err(Problem::value(
            &path.field("rule"),
            "nobody is killed in this case",
            "add `deaths: [writer]` to faults",
        ));
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
    let from_steps = matches!(
        rule,
        Rule::Writers
            | Rule::Reaped
            | Rule::SharedLock
            | Rule::SharedWait
            | Rule::RecordsOfSurvivors
            | Rule::DeathIsTold
    );
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
        Rule::ExitStatus
        | Rule::Reaped
        | Rule::DeathIsTold
        | Rule::Gate
        | Rule::GateFull
        | Rule::Rendezvous
        | Rule::Relay
        | Rule::SharedWait => return Ok(()),
        Rule::Records | Rule::RecordsUntilFull => 1,
        Rule::Writers | Rule::SharedLock | Rule::RecordsOfSurvivors => 2,
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
