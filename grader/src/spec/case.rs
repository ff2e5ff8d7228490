//! What a case's arguments come to.

use super::types::{Argument, Case, File, Oracle, Rule};

/// The program's status for wrong arguments (design: the assignment).
pub const USAGE_STATUS: u8 = 2;

impl Argument {
    /// The argument's length in bytes; `None` for the name of FILE.
    #[must_use]
    pub fn length_bytes(&self) -> Option<u64> {
        if let Some(record) = &self.record {
            let times = u64::from(self.times.unwrap_or(1));
            return Some((record.len() as u64).saturating_mul(times));
        }
        self.text.as_ref().map(|text| text.len() as u64)
    }

    /// True if the name of FILE goes here.
    #[must_use]
    pub const fn is_file(&self) -> bool {
        self.file.is_some()
    }

    /// The record, if it is one.
    #[must_use]
    pub fn as_record(&self) -> Option<String> {
        let record = self.record.as_ref()?;
        Some(record.repeat(self.times.unwrap_or(1) as usize))
    }
}

impl File {
    /// What FILE holds at the start.
    #[must_use]
    pub fn content(&self) -> Vec<u8> {
        let content = self.content.as_deref().unwrap_or_default();
        content
            .repeat(self.times.unwrap_or(1) as usize)
            .into_bytes()
    }
}

impl Case {
    /// The records among the arguments, in their order, without newlines.
    #[must_use]
    pub fn records(&self) -> Vec<Vec<u8>> {
        self.args
            .iter()
            .filter_map(Argument::as_record)
            .map(String::into_bytes)
            .collect()
    }

    /// The numbers among the arguments, in their order.
    #[must_use]
    pub fn numbers(&self) -> Vec<u32> {
        let texts = self
            .args
            .iter()
            .filter_map(|argument| argument.text.as_ref());
        texts.filter_map(|text| text.parse().ok()).collect()
    }

    /// The rule that says when a process has to wait.
    #[must_use]
    pub fn exercise(&self) -> Option<Rule> {
        self.oracles.iter().find_map(|oracle| oracle.of)
    }

    /// The arguments, the program's name left out, with `file_name` for FILE.
    #[must_use]
    pub fn arguments(&self, file_name: &str) -> Vec<String> {
        self.args
            .iter()
            .map(|argument| {
                argument
                    .as_record()
                    .or_else(|| argument.text.clone())
                    .unwrap_or_else(|| file_name.to_owned())
            })
            .collect()
    }

    /// The oracle of this rule, if the case has it.
    #[must_use]
    pub fn oracle(&self, rule: Rule) -> Option<&Oracle> {
        self.oracles.iter().find(|oracle| oracle.rule == rule)
    }

    /// True if the case tries wrong arguments.
    #[must_use]
    pub fn expects_usage_error(&self) -> bool {
        self.oracle(Rule::ExitStatus)
            .is_some_and(|oracle| oracle.status == Some(USAGE_STATUS))
    }
}

impl Rule {
    /// True for the rules that say what the lines of an exercise are.
    #[must_use]
    pub const fn is_order(self) -> bool {
        matches!(self, Self::Gate | Self::Rendezvous | Self::Relay)
    }
}
