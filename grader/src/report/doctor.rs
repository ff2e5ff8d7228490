//! What the machine gives: for people, and as JSON of the schema
//! `process-sync/doctor/1`.

use serde::Serialize;

use crate::jail::{Part, Place, Tier, advice};
use crate::report::{escape, paint};

/// Name and version of the shape below.
pub const SCHEMA: &str = "process-sync/doctor/1";

#[derive(Debug, Serialize)]
struct Document<'a> {
    schema: &'static str,
    grading_works: bool,
    place: Place,
    tiers: Vec<Described<'a>>,
}

#[derive(Debug, Serialize)]
struct Described<'a> {
    #[serde(flatten)]
    tier: &'a Tier,
    holds: bool,
    help: Option<&'static str>,
}

/// True if all is there without which nothing can be graded.
#[must_use]
pub fn works(tiers: &[Tier]) -> bool {
    let mut parts = tiers.iter().flat_map(|tier| &tier.parts);
    parts.all(|part| part.works || !part.needed)
}

/// `tiers` as one line of JSON, without a line end.
#[must_use]
pub fn json(tiers: &[Tier], place: Place) -> String {
    let describe = |tier| Described {
        tier,
        holds: tier.holds(),
        help: advice(tier, place),
    };
    let document = Document {
        schema: SCHEMA,
        grading_works: works(tiers),
        place,
        tiers: tiers.iter().map(describe).collect(),
    };
    serde_json::to_string(&document).expect("strings and booleans always serialise")
}

/// `tiers` for people.
#[must_use]
pub fn report(tiers: &[Tier], place: Place) -> String {
    let mut text = String::new();
    for tier in tiers {
        let (style, word) = match (tier.holds(), tier.used) {
            (true, true) => (paint::GOOD, "holds"),
            (false, true) => (paint::BAD, "incomplete"),
            (true, false) => (paint::QUIET, "there, not used"),
            (false, false) => (paint::QUIET, "not there, not used"),
        };
        let word = paint::paint(style, word);
        text.push_str(&format!("{}  {}: {word}\n", tier.tier, tier.title));
        tier.parts
            .iter()
            .for_each(|part| text.push_str(&line(part)));
        if let Some(help) = advice(tier, place) {
            text.push_str(&format!("    help: {help}\n"));
        }
        text.push('\n');
    }
    let (style, word) = match works(tiers) {
        true => (paint::GOOD, "grading works here"),
        false => (paint::BAD, "nothing can be graded here"),
    };
    let word = paint::paint(style, word);
    text.push_str(&format!("{word}; this seems to be {}\n", place.words()));
    text
}

fn line(part: &Part) -> String {
    let word = match (part.works, part.needed) {
        (true, _) => "yes",
        (false, false) => "no",
        (false, true) => "NO",
    };
    let detail = match part.detail.as_str() {
        "" => String::new(),
        detail => format!(" ({})", escape::one_line(detail)),
    };
    format!("    {word:<4} {}{detail}\n", part.what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tiers(traced: bool, landlock: bool) -> Vec<Tier> {
        let part = |what, works, needed, detail: &str| Part {
            what,
            works,
            detail: detail.to_owned(),
            needed,
        };
        vec![Tier {
            tier: "T0",
            title: "without any privilege",
            used: true,
            parts: vec![
                part("processes can be traced", traced, true, ""),
                part("files are held", landlock, false, "version 7"),
            ],
        }]
    }

    fn plain(tiers: &[Tier]) -> String {
        anstream::adapter::strip_str(&report(tiers, Place::Machine)).to_string()
    }

    #[test]
    fn what_holds_is_said_shortly() {
        let expected = "T0  without any privilege: holds\n    yes  processes can be traced\n    \
                        yes  files are held (version 7)\n\n\
                        grading works here; this seems to be a machine of its own\n";
        assert_eq!(plain(&tiers(true, true)), expected);
    }

    #[test]
    fn what_is_missing_comes_with_what_to_do() {
        let text = plain(&tiers(true, false));
        assert!(
            text.contains("incomplete") && text.contains("help: use Linux 6.12"),
            "{text}"
        );
        assert!(text.contains("grading works here"), "{text}");
        let text = plain(&tiers(false, false));
        assert!(
            text.contains("NO   processes") && text.contains("ptrace_scope"),
            "{text}"
        );
        assert!(text.contains("nothing can be graded here"), "{text}");
    }

    #[test]
    fn programs_can_read_it() {
        let text = json(&tiers(true, false), Place::GithubRunner);
        let start = r#"{"schema":"process-sync/doctor/1","grading_works":true,"place":"github-runner","tiers":[{"tier":"T0","#;
        assert!(text.starts_with(start), "{text}");
        assert!(
            text.contains(r#""holds":false,"help":"give each submission a job"#),
            "{text}"
        );
    }
}
