//! A gradebook made of a roster: its own students, with the marks of those who
//! handed in.

use super::grader::GRADER_ERROR;
use super::record::Record;
use super::roster::{Roster, Whose, column};
use super::table::{Gradebook, csv_text, feedback, inert};

/// Canvas's word for who needs no mark.
const EXCUSED: &str = "EX";
/// Canvas's row of the marks to be had.
const POSSIBLE: &str = "Points Possible";

/// A roster with marks.
#[derive(Debug)]
pub struct Filled {
    /// The gradebook, as CSV.
    pub text: String,
    /// Which submissions are in no row of it, and why.
    pub warnings: Vec<String>,
}

/// The roster's gradebook. Who has handed in nothing, is excused, or was not
/// graded by no fault of their own, keeps what the roster says.
#[must_use]
pub fn filled(roster: &Roster, records: &[Record], title: &str) -> Filled {
    let mut warnings = Vec::new();
    let mut marked: Vec<Option<&Record>> = vec![None; roster.rows.len()];
    let mut doubled = vec![false; roster.rows.len()];
    for record in records {
        let name = &record.name;
        match roster.whose(name) {
            Whose::Nobodys => warnings.push(format!("`{name}` is nobody's in the roster")),
            Whose::Several => warnings.push(format!("`{name}` fits several rows of the roster")),
            Whose::Row(row) => match marked[row] {
                None => marked[row] = Some(record),
                Some(other) => {
                    let both = format!("`{}` and `{name}` are of one row", other.name);
                    warnings.push(format!("{both} of the roster: it is left as it was"));
                    doubled[row] = true;
                }
            },
        }
    }
    for (record, doubled) in marked.iter_mut().zip(doubled) {
        if doubled || record.is_some_and(|record| record.exit_code == GRADER_ERROR) {
            *record = None;
        }
    }
    let rows = match roster.platform {
        Gradebook::Canvas => canvas(roster, &marked, title),
        Gradebook::Moodle => moodle(roster, &marked),
    };
    Filled {
        text: csv_text(rows),
        warnings,
    }
}

/// The columns up to the section, and the assignment's.
fn canvas(roster: &Roster, marked: &[Option<&Record>], title: &str) -> Vec<Vec<String>> {
    let header = &roster.header;
    let students = column(header, "Section").map_or(0, |section| section + 1);
    let own = header.iter().position(|name| is_of(name, title));
    let title = own.map_or(title, |at| &header[at]);
    let row = |cells: &[String], mark: String| {
        let cells = cells[..students].iter().map(|cell| kept(cell));
        cells.chain([mark]).collect()
    };
    let max = marked.iter().flatten().map(|record| record.max_score).max();
    let max = max.map_or_else(String::new, |max| max.to_string());
    let mut rows: Vec<Vec<String>> = vec![row(header, inert(title))];
    for (cells, record) in roster.rows.iter().zip(marked) {
        let before = own.map_or("", |at| &cells[at]);
        let mark = match record {
            _ if cells[0].trim() == POSSIBLE && before.is_empty() => max.clone(),
            Some(record) if before.trim() != EXCUSED => record.score.to_string(),
            _ => kept(before),
        };
        rows.push(row(cells, mark));
    }
    rows
}

/// True if a column's name is the assignment's, with or without its number.
fn is_of(name: &str, title: &str) -> bool {
    let number = |rest: &str| {
        let rest = rest
            .strip_prefix(" (")
            .and_then(|rest| rest.strip_suffix(')'));
        rest.is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
    };
    name == title || name.strip_prefix(title).is_some_and(number)
}

/// A worksheet as it was but for marks and feedback; else whom Moodle knows by
/// what, with both.
fn moodle(roster: &Roster, marked: &[Option<&Record>]) -> Vec<Vec<String>> {
    let header = &roster.header;
    let place = |name| column(header, name);
    if let (Some(grade), Some(comments)) = (place("Grade"), place("Feedback comments")) {
        let mut rows = vec![header.clone()];
        for (cells, record) in roster.rows.iter().zip(marked) {
            let mut cells: Vec<String> = cells.iter().map(|cell| kept(cell)).collect();
            if let Some(record) = record {
                cells[grade] = record.score.to_string();
                cells[comments] = inert(&feedback(record));
            }
            rows.push(cells);
        }
        return rows;
    }
    let keys = ["ID number", "Email address"].into_iter();
    let keys: Vec<usize> = keys.filter_map(place).collect();
    let of_keys = |cells: &[String]| keys.iter().map(|&at| kept(&cells[at])).collect();
    let mut head: Vec<String> = of_keys(header);
    head.extend(["Grade", "Feedback"].map(str::to_owned));
    let mut rows = vec![head];
    for (cells, record) in roster.rows.iter().zip(marked) {
        // A row without a mark could wipe the one that is there.
        if let Some(record) = record {
            let mut row: Vec<String> = of_keys(cells);
            row.extend([record.score.to_string(), inert(&feedback(record))]);
            rows.push(row);
        }
    }
    rows
}

/// A cell of the roster. Numbers, and the `-` for none, are no formulas.
fn kept(cell: &str) -> String {
    match cell == "-" || cell.parse::<f64>().is_ok() {
        true => cell.to_owned(),
        false => inert(cell),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_assignments_column_is_known_by_its_title() {
        for name in ["Fork", "Fork (42)"] {
            assert!(is_of(name, "Fork"), "{name}");
        }
        for name in ["Fork 2", "Fork (late)", "Forks (42)", ""] {
            assert!(!is_of(name, "Fork"), "{name}");
        }
        assert!(is_of("Fork (42)", "Fork (42)"));
    }

    #[test]
    fn formulas_are_inert_and_numbers_stay() {
        assert_eq!(kept("=1+1"), "'=1+1");
        for cell in ["-", "-1.5", "Lovelace, Ada"] {
            assert_eq!(kept(cell), cell);
        }
    }
}
