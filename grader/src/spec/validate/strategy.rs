//! What a case's strategy keeps.

use crate::spec::path::FieldPath;
use crate::spec::problem::Problem;
use crate::spec::types::{Case, FileKind, Strategy, StrategyKind};

use super::field::{Given, KindField, fit_kind};

/// Checks the strategy of the case at `path`.
pub(super) fn check(case: &Case, path: &FieldPath) -> Result<(), Problem> {
    check_fields(&case.strategy, &path.field("strategy"))?;
    check_native(case, path)
}

fn check_fields(strategy: &Strategy, path: &FieldPath) -> Result<(), Problem> {
    use StrategyKind::{Exhaustive, Native, Pct};
    let field = |name, given, kinds, needed| KindField {
        name,
        given,
        kinds,
        needed,
    };
    let controlled: &[StrategyKind] = &[Exhaustive, Pct];
    let fields = [
        field(
            "preemptions",
            Given::from(&strategy.preemptions),
            &[Exhaustive],
            None,
        ),
        field(
            "executions",
            Given::from(&strategy.executions),
            controlled,
            Some("20000"),
        ),
        field(
            "steps",
            Given::from(&strategy.steps),
            controlled,
            Some("400"),
        ),
        field("depth", Given::from(&strategy.depth), &[Pct], Some("3")),
        field(
            "rounds",
            Given::from(&strategy.rounds),
            &[Native],
            Some("5"),
        ),
    ];
    fit_kind(path, &strategy.kind, &fields)
}

/// Without control there is nothing to inject, and a FIFO's reader is timed by
/// the kernel: `native` and `fifo` belong together.
fn check_native(case: &Case, path: &FieldPath) -> Result<(), Problem> {
    let native = case.strategy.kind == StrategyKind::Native;
    let fifo = case.file.kind == FileKind::Fifo;
    if fifo != native {
        let (place, message, help) = if fifo {
            (
                "file",
                "a fifo can only be tried with strategy native",
                "write `kind: native` in strategy, or `kind: regular` here",
            )
        } else {
            (
                "strategy",
                "native is only for a FILE of kind fifo",
                "write `kind: exhaustive` here, or `kind: fifo` in file",
            )
        };
        return Err(Problem::value(
            &path.field(place).field("kind"),
            message,
            help,
        ));
    }
    if native && case.faults.is_some() {
        return Err(Problem::name(
            &path.field("faults"),
            "nothing can be injected with strategy native",
            "remove it: the signals of a native round are real",
        ));
    }
    Ok(())
}
