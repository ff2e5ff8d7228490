//! Damaged files are refused in words: nothing panics, hangs or grows.

use std::path::Path;
use std::time::Instant;

use grader::spec::{Rubric, Scenario};

use crate::base::{GOOD, parse};

/// A generator of numbers that is the same everywhere (xorshift64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).expect("below a usize")
    }
}

#[test]
fn changed_characters() {
    const NEW: &[char] = &[
        ':', '-', ' ', '\n', '"', '\'', '{', '}', '[', ']', '#', '&', '*', '!', '|', '>', '%', '?',
        ',', '\t', '\r', '\0', 'é', '\u{feff}', '\u{2028}', '0', '~', '@', '`', '\\',
    ];
    let good: Vec<char> = GOOD.chars().collect();
    let mut numbers = Numbers(0x5eed);
    for _ in 0..1500 {
        let mut text = good.clone();
        for _ in 0..=numbers.below(3) {
            let place = numbers.below(text.len());
            match numbers.below(3) {
                0 => text[place] = NEW[numbers.below(NEW.len())],
                1 => text.insert(place, NEW[numbers.below(NEW.len())]),
                _ => text.truncate(place + 1),
            }
        }
        let text: String = text.into_iter().collect();
        if let Err(error) = parse(&text) {
            let shown = error.to_string();
            assert!(shown.contains("\nhelp: "), "{shown}");
            assert!(
                !shown.contains(|c: char| c.is_control() && c != '\n'),
                "{shown:?}"
            );
        }
        let _ = Rubric::parse(Path::new("x/rubric.yaml"), &text);
    }
}

#[test]
fn large_and_repetitive() {
    let begin = Instant::now();
    let bomb: String = (1..30)
        .map(|level| {
            format!(
                "a{level}: &a{level} [{}]\n",
                vec![format!("*a{}", level - 1); 9].join(", ")
            )
        })
        .collect();
    let size = 1 << 18;
    let texts = [
        format!("a0: &a0 [x]\n{bomb}"),
        "[".repeat(size),
        "{".repeat(size),
        "- ".repeat(size / 2),
        "? ".repeat(size / 2),
        "a: ".repeat(size / 3),
        "\"".repeat(size),
        "x".repeat(size),
        (0..size / 10)
            .map(|number| format!("k{number}: 1\n"))
            .collect(),
        format!("cases: [{}]", "{}, ".repeat(size / 4)),
    ];
    for text in texts {
        let error = Scenario::parse(Path::new("x.yaml"), &text).expect_err("no scenario");
        assert!(
            error.to_string().len() < 2000,
            "{}",
            error.to_string().len()
        );
    }
    assert!(begin.elapsed().as_secs() < 60, "{:?}", begin.elapsed());
}
