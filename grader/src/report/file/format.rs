//! Which formats there are, and `--report FORMAT=FILE`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::ValueEnum;

use super::document::Document;
use super::{autolab, classroom50, ctrf, github, gradescope, html, junit, prairielearn, tap};
use crate::report::json::json;

/// A format of report files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Gradescope's `results.json`.
    Gradescope,
    /// Classroom 50's `result.json`.
    Classroom50,
    /// PrairieLearn's `results.json`.
    Prairielearn,
    /// Autolab's lines on standard output.
    Autolab,
    /// A step summary of GitHub Actions, with annotations on standard error.
    Github,
    /// JUnit XML.
    Junit,
    /// Common Test Report Format 1.0.0.
    Ctrf,
    /// Test Anything Protocol, version 14.
    Tap,
    /// The result itself, one object an exercise.
    Json,
    /// A page for people, with pictures to step through.
    Html,
}

impl Format {
    /// The report's text.
    pub(super) fn text(self, document: &Document) -> String {
        match self {
            Self::Gradescope => gradescope::text(document),
            Self::Classroom50 => classroom50::text(document),
            Self::Prairielearn => prairielearn::text(document),
            Self::Autolab => autolab::text(document),
            Self::Github => github::summary(document),
            Self::Junit => junit::text(document),
            Self::Ctrf => ctrf::text(document),
            Self::Tap => tap::text(document),
            Self::Json => document
                .exercises
                .iter()
                .map(|result| json(result) + "\n")
                .collect(),
            Self::Html => html::page(document),
        }
    }

    /// True for what is written anew after each scenario: Gradescope shows
    /// nothing at all of what its time limit ends, but for what the file then
    /// holds.
    pub(super) const fn is_written_early(self) -> bool {
        matches!(self, Self::Gradescope)
    }
}

/// A report file that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileReport {
    /// Its format.
    pub format: Format,
    /// Where it goes; `-` is standard output, after everything else.
    pub path: PathBuf,
}

impl FromStr for FileReport {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some((format, path)) = text.split_once('=').filter(|(_, path)| !path.is_empty()) else {
            return Err("write it as FORMAT=FILE, such as junit=report.xml".to_owned());
        };
        let known: Vec<String> = Format::value_variants()
            .iter()
            .filter_map(|format| Some(format.to_possible_value()?.get_name().to_owned()))
            .collect();
        let format = Format::from_str(format, false).map_err(|_| {
            format!(
                "there is no format `{format}`; use one of: {}",
                known.join(", ")
            )
        })?;
        Ok(Self {
            format,
            path: PathBuf::from(path),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_named_by_format_and_file() {
        let report: FileReport = "junit=a=b.xml".parse().expect("it is well-formed");
        assert_eq!(report.format, Format::Junit);
        assert_eq!(report.path, PathBuf::from("a=b.xml"));
        let unknown = "xunit=a".parse::<FileReport>().expect_err("no such format");
        assert!(unknown.contains("gradescope, classroom50"), "{unknown}");
        assert!("junit=".parse::<FileReport>().is_err());
    }
}
