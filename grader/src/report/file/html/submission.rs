//! The page of a submission. All that it says can be read without its script,
//! which only adds the pictures.

use maud::{Markup, html};

use super::super::document::{Document, Test};
use super::inert;
use super::pictures::Pair;
use super::shell::Page;
use crate::finding::{Finding, GradeResult, Verdict};
use crate::picture::Taken;
use crate::report::lost_mark::evidence;
use crate::report::terminal::claim;
use crate::report::{escape, jail, paint};

const SCRIPT: &str = include_str!("pictures.js");

/// The page.
pub(in crate::report::file) fn page(document: &Document) -> String {
    let name = escape::one_line(&document.submission);
    let pairs = document.pictures.iter();
    let pairs = pairs.map(|(_, _, taken)| taken.as_ref().ok().map(Pair::new));
    let pairs: Vec<Option<Pair>> = pairs.collect();
    let lost: Vec<Test<'_>> = document.tests();
    let lost = lost
        .iter()
        .filter(|test| !test.scenario.findings.is_empty());
    let page = Page {
        title: &name,
        body: html! {
            header {
                h1 { (name) }
                p.score { (lines(&document.headline())) }
                noscript { p { "The pictures need JavaScript; all else is here." } }
            }
            main {
                @for result in &document.exercises { (marks(result, document.exercises.len())) }
                @for test in lost { (lost_scenario(*test, document)) }
            }
        },
        data: Some(inert::json(&pairs)),
        script: SCRIPT,
    };
    page.text()
}

/// The marks of one exercise.
fn marks(result: &GradeResult, exercises: usize) -> Markup {
    let warning = result.jail.as_ref().and_then(jail::warning);
    let heading = format!(
        "{}: {} of {}",
        result.exercise, result.score, result.max_score
    );
    let several = exercises > 1;
    html! {
        section {
            h2 { (lines(&heading)) }
            table.marks {
                caption { "Marks by scenario" }
                thead { tr { th scope="col" { "verdict" } th scope="col" { "marks" }
                    th scope="col" { "scenario, and what the verdict rests on" } } }
                tbody { @for scenario in &result.scenarios { tr {
                    td { (word(scenario.verdict)) }
                    td.number { (scenario.points) "/" (scenario.max_points)
                        @if scenario.bonus { " bonus" } }
                    th scope="row" {
                        @let test = Test { exercise: &result.exercise, scenario, several };
                        @if scenario.findings.is_empty() { (escape::one_line(&scenario.id)) }
                        @else { a href={ "#" (anchor(test)) } { (escape::one_line(&scenario.id)) } }
                        span.title { ": " (escape::one_line(&scenario.title)) }
                        p.bound { (lines(&claim(scenario))) }
                    }
                } } }
            }
            @if let Some(warning) = warning { p.warning { (lines(&warning)) } }
        }
    }
}

fn word(verdict: Verdict) -> Markup {
    html! { span class={ "verdict " (verdict.word()) } { (paint::word(verdict)) } }
}

/// The id of a lost scenario's section: names are the course's, but of any
/// characters.
fn anchor(test: Test<'_>) -> String {
    let name = format!("lost-{}-{}", test.exercise, test.scenario.id);
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    name.chars().map(plain).collect()
}

/// A lost scenario with its findings and its picture.
fn lost_scenario(test: Test<'_>, document: &Document) -> Markup {
    let (exercise, scenario) = (test.exercise, test.scenario);
    let mut pictures = document.pictures.iter();
    let at = pictures.position(|(of, id, _)| of == exercise && *id == scenario.id);
    html! {
        section.lost id=(anchor(test)) {
            h2 { (word(scenario.verdict)) " " (lines(&test.full_name())) }
            @for finding in &scenario.findings { (found(finding, &document.replay)) }
            @if let Some(at) = at { (picture(at, &document.pictures[at].2)) }
            @for finding in &scenario.findings { (as_text(finding)) }
        }
    }
}

/// Where the script puts the picture, or why there is none.
fn picture(at: usize, taken: &Taken) -> Markup {
    html! {
        @match taken {
            Ok(_) => div.picture data-picture=(at) {},
            Err(why) => p.help { "No picture: " (lines(why)) },
        }
    }
}

fn found(finding: &Finding, replay: &str) -> Markup {
    let failure = &finding.failure;
    html! {
        dl {
            dt { "rule" } dd { b { (lines(&failure.rule)) } ": " (lines(&failure.message)) }
            dt { "expected" } dd { (lines(&failure.expected)) }
            dt { "actual" } dd { (lines(&failure.actual)) }
            @if let Some(passes_if) = &finding.passes_if {
                dt { "nearest" } dd { (lines(passes_if)) }
            }
            @if let Some(witness) = &finding.witness {
                @let witness = escape::shell_word(&witness.to_string_lossy());
                dt { "replay" } dd { code { (lines(replay)) " " (lines(&witness)) } }
            }
        }
    }
}

/// The interleaving for those who would rather read it, or have no script.
fn as_text(finding: &Finding) -> Markup {
    let text = finding.execution.as_ref().map(|execution| {
        let text = evidence(execution, finding.failure.step);
        anstream::adapter::strip_str(&text).to_string()
    });
    html! {
        @if let Some(text) = text {
            details {
                summary { "The interleaving and what was printed, as text" }
                pre tabindex="0" { (text) }
            }
        }
    }
}

/// Text of any origin, made safe to show.
fn lines(text: &str) -> String {
    escape::lines(text)
}

#[cfg(test)]
mod tests {
    use super::super::super::document::samples;
    use super::super::pictures::samples::picture;
    use super::*;

    #[test]
    fn without_its_script_it_still_says_everything() {
        let mut document = samples::graded();
        let taken = Ok(picture());
        let of = ("forkwrite".to_owned(), "short-writes".to_owned(), taken);
        document.pictures.push(of);
        let page = page(&document);
        for part in [
            "<p class=\"score\">5 of 25 points</p>",
            "<span class=\"verdict fail\">FAIL</span>",
            "1 execution, every interleaving, no fault",
            "<dt>expected</dt><dd>27 bytes: &quot;log\\n&quot;",
            "cargo replay .grade/short-writes.witness",
            "5  |                  write FILE 17 = 8  &lt;--",
            "<div class=\"picture\" data-picture=\"0\"></div>",
        ] {
            assert!(page.contains(part), "{part}: {page}");
        }
    }

    #[test]
    fn what_does_not_build_has_a_page_and_nothing_in_it_is_markup() {
        let mut document = samples::refused();
        document.submission = "<img src=x onerror=alert(1)>".to_owned();
        let page = page(&document);
        assert!(
            page.contains("does not build: &lt;b&gt;]]&gt;&amp;"),
            "{page}"
        );
        assert!(
            page.contains("<h1>&lt;img src=x onerror=alert(1)&gt;</h1>"),
            "{page}"
        );
        assert!(!page.contains("<img"));
    }
}
