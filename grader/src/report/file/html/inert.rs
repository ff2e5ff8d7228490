//! JSON in the middle of HTML.

use serde::Serialize;

/// `value` as JSON that no HTML parser takes for anything but text, whatever
/// its strings hold. The characters occur in strings only, so that writing
/// them out changes no value.
pub(super) fn json(value: &impl Serialize) -> String {
    let plain = serde_json::to_string(value).expect("strings and numbers always serialise");
    let mut inert = String::with_capacity(plain.len());
    for c in plain.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                inert.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => inert.push(c),
        }
    }
    inert
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_the_script_and_nothing_is_changed() {
        let hostile = "</script><!-- <img src=x> &amp; \u{2028}\u{2029} \" \\";
        let text = json(&hostile);
        assert!(
            !text.contains(['<', '>', '&', '\u{2028}', '\u{2029}']),
            "{text}"
        );
        let back: String = serde_json::from_str(&text).expect("it is JSON");
        assert_eq!(back, hostile);
    }
}
