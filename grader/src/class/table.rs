//! A class's marks for gradebooks, as CSV.

use super::record::Record;

/// A gradebook's way of importing marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gradebook {
    /// Canvas: students are matched by login.
    Canvas,
    /// Moodle: students are matched by ID number.
    Moodle,
}

impl Gradebook {
    /// The option that asks for it.
    #[must_use]
    pub const fn option(self) -> &'static str {
        match self {
            Self::Canvas => "--canvas",
            Self::Moodle => "--moodle",
        }
    }
}

/// The marks of all submissions. `title` names the assignment, for Canvas with
/// its number in parentheses. Whoever was not graded, by no fault of their
/// own, is left out: no mark is better than a wrong one.
#[must_use]
pub fn gradebook(format: Gradebook, records: &[Record], title: &str) -> String {
    let mut rows: Vec<Vec<String>> = Vec::new();
    let max = records
        .iter()
        .map(|record| record.max_score)
        .max()
        .unwrap_or(0);
    match format {
        Gradebook::Canvas => {
            let head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"];
            rows.push(
                head.iter()
                    .map(ToString::to_string)
                    .chain([inert(title)])
                    .collect(),
            );
            let mut possible = vec!["    Points Possible".to_owned()];
            possible.resize(head.len(), String::new());
            possible.push(max.to_string());
            rows.push(possible);
        }
        Gradebook::Moodle => {
            rows.push(
                ["ID number", "Grade", "Feedback"]
                    .map(str::to_owned)
                    .to_vec(),
            );
        }
    }
    for record in records
        .iter()
        .filter(|record| record.exit_code != super::grader::GRADER_ERROR)
    {
        let name = inert(&record.name);
        let score = record.score.to_string();
        rows.push(match format {
            Gradebook::Canvas => {
                let empty = String::new;
                vec![name.clone(), empty(), empty(), name, empty(), score]
            }
            Gradebook::Moodle => vec![name, score, inert(&feedback(record))],
        });
    }
    csv_text(rows)
}

/// These rows as CSV.
pub(super) fn csv_text(rows: Vec<Vec<String>>) -> String {
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .from_writer(Vec::new());
    for row in rows {
        writer.write_record(&row).expect("memory can be written to");
    }
    let bytes = writer.into_inner().expect("memory can be written to");
    String::from_utf8(bytes).expect("it was made of strings")
}

/// Never empty: in Moodle feedback alone wipes marks, and so may marks without.
pub(super) fn feedback(record: &Record) -> String {
    let lost = record.results.iter().flat_map(|result| {
        let scenarios = result["scenarios"].as_array().cloned().unwrap_or_default();
        scenarios
            .into_iter()
            .filter(|scenario| scenario["verdict"] == "fail")
    });
    let lost: Vec<String> = lost
        .filter_map(|scenario| Some(scenario["id"].as_str()?.to_owned()))
        .collect();
    match (&record.message, lost.is_empty()) {
        (Some(message), _) if record.results.is_empty() => message.clone(),
        (_, true) => "nothing lost".to_owned(),
        (_, false) => format!("lost: {}", lost.join(", ")),
    }
}

/// A cell that no spreadsheet takes for a formula.
pub(super) fn inert(cell: &str) -> String {
    match cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{cell}"),
        false => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::record::Key;
    use super::*;

    fn record(name: &str, exit_code: u8) -> Record {
        let key = Key {
            submission: String::new(),
            specs: String::new(),
            grader: String::new(),
            options: String::new(),
        };
        let result = json!({
            "score": 80, "max_score": 100,
            "scenarios": [{ "id": "short-writes", "verdict": "fail" }],
        });
        Record::new(name, key, exit_code, vec![result], None)
    }

    #[test]
    fn canvas_has_its_columns() {
        let text = gradebook(Gradebook::Canvas, &[record("ada", 1)], "Processes (42)");
        let expected = "Student,ID,SIS User ID,SIS Login ID,Section,Processes (42)\n    Points \
                        Possible,,,,,100\nada,,,ada,,80\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn moodle_always_has_feedback() {
        let text = gradebook(Gradebook::Moodle, &[record("ada", 1)], "");
        assert_eq!(
            text,
            "ID number,Grade,Feedback\nada,80,lost: short-writes\n"
        );
    }

    #[test]
    fn formulas_are_inert_and_grader_errors_no_marks() {
        let records = [record("=cmd|'/c'", 1), record("bob", 70)];
        let text = gradebook(Gradebook::Moodle, &records, "");
        assert!(text.contains("\n'=cmd"), "{text}");
        assert!(!text.contains("bob"), "{text}");
    }
}
