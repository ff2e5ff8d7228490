//! GitHub Actions: a step summary in Markdown, and annotations as workflow
//! commands.

use super::document::Document;

/// GitHub drops a summary of more than 1 MiB.
const SUMMARY_MAX_BYTES: usize = 1 << 20;
/// And all annotations of a step after ten of a kind.
const ANNOTATIONS_MAX: usize = 10;

/// The step summary.
pub(super) fn summary(document: &Document) -> String {
    let mut text = format!("## {}\n\n", inert(&document.submission));
    text.push_str(&format!("**{}**\n\n", inert(&document.headline())));
    let tests = document.tests();
    if !tests.is_empty() {
        text.push_str("| scenario | verdict | points | |\n|---|---|---:|---|\n");
    }
    for test in &tests {
        text.push_str(&format!(
            "| {} | {} | {}/{} | {} |\n",
            inert(&test.name()),
            test.scenario.verdict.word(),
            test.scenario.points,
            test.scenario.max_points,
            inert(&test.scenario.title)
        ));
    }
    for test in tests.iter().filter(|test| !test.passed()) {
        let diagnosis = test.diagnosis(&document.replay);
        let fence = fence(&diagnosis);
        let details = format!(
            "\n<details><summary>{}</summary>\n\n{fence}text\n{diagnosis}{fence}\n\n</details>\n",
            inert(&test.full_name())
        );
        if text.len() + details.len() > SUMMARY_MAX_BYTES {
            text.push_str("\nThe rest is too long to be shown here.\n");
            break;
        }
        text.push_str(&details);
    }
    text
}

/// The annotations, one a lost mark.
pub(super) fn annotations(document: &Document) -> String {
    let tests = document.tests();
    let lost = tests.iter().filter(|test| !test.passed()).map(|test| {
        let title = property(&format!("{} (0/{})", test.name(), test.scenario.max_points));
        format!("::error title={title}::{}\n", data(&test.message()))
    });
    let refused = document.refusal.iter().map(|refusal| {
        let title = if refusal.submission {
            "not graded"
        } else {
            "grader error"
        };
        format!("::error title={title}::{}\n", data(&refusal.message))
    });
    refused.chain(lost).take(ANNOTATIONS_MAX).collect()
}

/// Text that Markdown and HTML take for text, on one line.
fn inert(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\n' | '\r' | '\t' => out.push(' '),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '#' | '|' | '!' | '~' | '@' | ':' => {
                out.push_str(&format!("&#{};", u32::from(letter)));
            }
            letter if letter.is_control() => {}
            letter => out.push(letter),
        }
    }
    out
}

/// A code fence that the text does not end.
fn fence(text: &str) -> String {
    let longest = text
        .split(|letter| letter != '`')
        .map(str::len)
        .max()
        .unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

/// A command's message.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A command's property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::document::samples;
    use super::*;

    #[test]
    fn a_lost_mark_is_an_annotation() {
        let expected = "::error title=short-writes (0/20)::each record stands in FILE as one whole \
                        line, exactly once\n\
                        ::error title=holder-killed (0/10)::short-writes failed\n";
        assert_eq!(annotations(&samples::graded()), expected);
    }

    #[test]
    fn text_cannot_begin_a_command_or_a_tag() {
        let annotations = annotations(&samples::refused());
        assert_eq!(annotations.lines().count(), 1, "{annotations}");
        assert!(annotations.contains("%25,:%0Ahelp"), "{annotations}");
        let summary = summary(&samples::refused());
        assert!(!summary.contains("<b>"), "{summary}");
        assert!(!summary.contains('\u{1b}'), "{summary}");
    }

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        assert_eq!(fence("a ```` b"), "`````");
        assert_eq!(fence(""), "```");
    }
}
