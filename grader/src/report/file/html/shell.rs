//! What every page has around it. Its policy lets nothing in but the one
//! style and the one script that are in the page itself.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, PreEscaped, html};
use sha2::{Digest as _, Sha256};

const STYLE: &str = include_str!("style.css");

/// A page.
pub(super) struct Page<'a> {
    pub title: &'a str,
    pub body: maud::Markup,
    /// JSON that [`super::inert`] has made, for the script.
    pub data: Option<String>,
    pub script: &'a str,
}

impl Page<'_> {
    /// The page's text.
    pub fn text(self) -> String {
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(policy(self.script));
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="referrer" content="no-referrer";
                    title { (self.title) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    (self.body)
                    @if let Some(data) = self.data {
                        script type="application/json" id="data" { (PreEscaped(data)) }
                    }
                    script { (PreEscaped(self.script)) }
                }
            }
        };
        page.into_string() + "\n"
    }
}

fn policy(script: &str) -> String {
    format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        source(STYLE),
        source(script)
    )
}

/// A text as a source of Content Security Policy (CSP3, 2.3.1).
fn source(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_the_hash_in_base64() {
        // printf '' | openssl dgst -sha256 -binary | base64
        let empty = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        assert_eq!(source(""), empty);
    }

    #[test]
    fn what_is_put_in_stays_text() {
        let page = Page {
            title: "</title><script>",
            body: html! { p { "<img src=x>" } },
            data: None,
            script: "",
        };
        let text = page.text();
        assert!(
            text.contains("<title>&lt;/title&gt;&lt;script&gt;</title>"),
            "{text}"
        );
        assert!(text.contains("<p>&lt;img src=x&gt;</p>"), "{text}");
    }

    #[test]
    fn styles_and_scripts_do_not_end_early() {
        for text in [STYLE, include_str!("pictures.js"), include_str!("class.js")] {
            assert!(!text.contains("</") && !text.contains("<!--"));
        }
    }
}
