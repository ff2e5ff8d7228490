//! The page of a class. The script only sorts and searches its last table.

use maud::{Markup, html};

use super::shell::Page;
use super::tally::{Count, Tally, lost};
use crate::class::Record;
use crate::report::{escape, paint};

const SCRIPT: &str = include_str!("class.js");
const TITLE: &str = "Marks of a class";

/// The most that is shown of why somebody has no marks.
const MESSAGE_CHARS: usize = 400;

/// The page.
#[must_use]
pub fn page(records: &[Record]) -> String {
    let tally = Tally::of(records);
    let all = paint::count(records.len() as u64, "submission");
    let page = Page {
        title: TITLE,
        body: html! {
            header {
                h1 { (TITLE) }
                p.score { (all)
                    @if let Some(median) = tally.median { ", median " (median) " %" } }
            }
            main {
                (chart("Distribution of marks", "marks", &tally.bands))
                (chart("Scenarios by how many lose them", "scenario", &tally.scenarios))
                (chart("Findings by how many have them", "rule", &tally.findings))
                section {
                    h2 { "Submissions" }
                    div.scroll { (submissions(records)) }
                }
            }
        },
        data: None,
        script: SCRIPT,
    };
    page.text()
}

/// Counts as bars, longest where the count is highest.
fn chart(title: &str, what: &str, counts: &[Count]) -> Markup {
    let most = counts.iter().map(|count| count.number).max().unwrap_or(0);
    html! {
        section {
            h2 { (title) }
            @if most == 0 { p { "None." } }
            @else {
                table.chart {
                    thead { tr { th scope="col" { (what) } th scope="col" { "how many" }
                        td {} } }
                    tbody { @for count in counts { tr {
                        th scope="row" { (escape::one_line(&count.what))
                            @if !count.more.is_empty() {
                                span.title { ": " (escape::one_line(&count.more)) } } }
                        td.number { (count.number) }
                        td { (bar(count.number * 100 / most)) }
                    } } }
                }
            }
        }
    }
}

fn bar(percent: usize) -> Markup {
    html! {
        svg.bar viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" {
            rect width=(percent) height="10" {}
        }
    }
}

fn submissions(records: &[Record]) -> Markup {
    html! {
        table #submissions {
            thead { tr {
                th scope="col" aria-sort="ascending" { "name" }
                th scope="col" { "marks" }
                th scope="col" { "lost" }
            } }
            tbody { @for record in records { tr {
                th scope="row" { (escape::one_line(&record.name)) }
                td.number data-key=(record.score) { (marks(record)) }
                td data-key=(lost(record).len()) { (losses(record)) }
            } } }
        }
    }
}

fn marks(record: &Record) -> Markup {
    html! {
        @match record.exit_code {
            0 | 1 => { (record.score) " of " (record.max_score) },
            5 => span.verdict.fail { "not graded" },
            _ => span.verdict.error { "error" },
        }
    }
}

fn losses(record: &Record) -> String {
    let lost = lost(record);
    match &record.message {
        Some(message) if record.results.is_empty() => {
            escape::lines(&message.chars().take(MESSAGE_CHARS).collect::<String>())
        }
        _ if lost.is_empty() => "nothing".to_owned(),
        _ => escape::one_line(&lost.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tally::samples::record;
    use super::*;

    #[test]
    fn it_can_be_read_without_its_script_and_names_are_text() {
        let records = [
            record("<img src=x onerror=alert(1)>", 20, &[]),
            record("bob", 5, &["single"]),
        ];
        let page = page(&records);
        for part in [
            "2 submissions, median 100 %",
            "<th scope=\"row\">&lt;img src=x onerror=alert(1)&gt;</th>",
            "<td class=\"number\" data-key=\"5\">5 of 20</td><td data-key=\"1\">single</td>",
            "records<span class=\"title\">: each once</span>",
        ] {
            assert!(page.contains(part), "{part}: {page}");
        }
        assert!(!page.contains("<img"));
    }
}
