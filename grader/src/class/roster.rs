//! Who is of the class, by what Canvas or Moodle gave as CSV, and whose a
//! submission is.

use std::fs;
use std::path::Path;

use super::table::Gradebook;
use crate::error::{Error, Result};

/// Separates columns. All three are used, by the exporter's language.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];
/// What students are known by in Canvas, the surest first.
const CANVAS_KEYS: [&str; 4] = ["ID", "SIS User ID", "SIS Login ID", "Student"];
/// The same in Moodle.
const MOODLE_KEYS: [&str; 4] = ["ID number", "Email address", "Username", "Full name"];
/// The number of a participant, in the worksheet of an assignment in Moodle.
const PARTICIPANT: (&str, &str) = ("Identifier", "Participant ");
/// Stands in the names of what Moodle has downloaded, after name and number.
const MOODLE_MARK: &str = "_assignsubmission_";

/// A roster: a table with a row a student.
#[derive(Debug, Clone)]
pub struct Roster {
    pub(super) platform: Gradebook,
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

/// Whose a submission is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// The student's in this row.
    Row(usize),
    Nobodys,
    /// That of more than one, by what is known.
    Several,
}

impl Roster {
    /// Reads a gradebook that Canvas exported, a grade export of Moodle or the
    /// grading worksheet of an assignment there.
    ///
    /// # Errors
    /// [`Error::Usage`] if it cannot be read or is of neither platform.
    pub fn read(path: &Path) -> Result<Self> {
        let unusable = |what: &str| Error::Usage {
            message: format!("cannot use the roster {}: {what}", path.display()),
            help: "give the CSV file that Canvas exports as gradebook, or Moodle as grades or \
                   grading worksheet, with its header in English"
                .to_owned(),
        };
        let text = fs::read_to_string(path).map_err(|cause| unusable(&cause.to_string()))?;
        // Spreadsheets put a byte order mark before it.
        let text = text.trim_start_matches('\u{feff}');
        let header = text.lines().next().unwrap_or_default();
        let separator = SEPARATORS
            .into_iter()
            .max_by_key(|separator| header.bytes().filter(|byte| byte == separator).count());
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(separator.unwrap_or(b','))
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let mut rows = Vec::new();
        for row in reader.records() {
            let row = row.map_err(|cause| unusable(&cause.to_string()))?;
            rows.push(row.iter().map(str::to_owned).collect::<Vec<_>>());
        }
        let header = match rows.is_empty() {
            true => return Err(unusable("it is empty")),
            false => rows.remove(0),
        };
        let has = |name: &str| column(&header, name).is_some();
        let platform = match () {
            () if ["Student", "ID", "Section"].into_iter().all(has) => Gradebook::Canvas,
            () if ["ID number", "Email address", PARTICIPANT.0]
                .into_iter()
                .any(has) =>
            {
                Gradebook::Moodle
            }
            () => return Err(unusable("it has the columns of neither Canvas nor Moodle")),
        };
        for row in &mut rows {
            row.resize(header.len().max(row.len()), String::new());
        }
        Ok(Self {
            platform,
            header,
            rows,
        })
    }

    /// The gradebook that it is of.
    #[must_use]
    pub const fn platform(&self) -> Gradebook {
        self.platform
    }

    /// Whose the submission of this name is: somebody's whose key it is, or
    /// that of whoever the platform has put into the name of a download.
    pub(super) fn whose(&self, submission: &str) -> Whose {
        let keys = match self.platform {
            Gradebook::Canvas => CANVAS_KEYS,
            Gradebook::Moodle => MOODLE_KEYS,
        };
        let by_key = || keys.into_iter().map(|key| self.having(key, submission));
        let found = by_key().find(|found| *found != Whose::Nobodys);
        found.unwrap_or_else(|| match self.platform {
            Gradebook::Canvas => self.of_canvas_download(submission),
            Gradebook::Moodle => self.of_moodle_download(submission),
        })
    }

    /// `lovelaceada_1001_52_forkwrite`, or with `LATE` after the name.
    fn of_canvas_download(&self, submission: &str) -> Whose {
        let parts = submission.split('_').skip(1);
        let parts: Vec<&str> = parts.filter(|part| *part != "LATE").collect();
        let is_number =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        match parts.as_slice() {
            [id, number, _, ..] if is_number(id) && is_number(number) => self.having("ID", id),
            _ => Whose::Nobodys,
        }
    }

    /// `Ada Lovelace_1001_assignsubmission_file_forkwrite`.
    fn of_moodle_download(&self, submission: &str) -> Whose {
        let before = submission.split_once(MOODLE_MARK).map(|(before, _)| before);
        let Some((name, number)) = before.and_then(|before| before.rsplit_once('_')) else {
            return Whose::Nobodys;
        };
        let (column, prefix) = PARTICIPANT;
        let of_number = self.having(column, &format!("{prefix}{number}"));
        match of_number {
            Whose::Nobodys => self.named(name),
            found => found,
        }
    }

    /// The only row that has `value` in this column.
    fn having(&self, name: &str, value: &str) -> Whose {
        match column(&self.header, name) {
            Some(at) => self.only(|row| alike(&row[at], value)),
            None => Whose::Nobodys,
        }
    }

    /// The only row with this full name, whatever columns it is in.
    fn named(&self, name: &str) -> Whose {
        let column = |name| column(&self.header, name);
        let first = column("First name");
        let last = column("Last name").or_else(|| column("Surname"));
        match (column("Full name"), first, last) {
            (Some(at), ..) => self.only(|row| alike(&row[at], name)),
            (None, Some(first), Some(last)) => {
                self.only(|row| alike(&format!("{} {}", row[first].trim(), row[last].trim()), name))
            }
            _ => Whose::Nobodys,
        }
    }

    fn only(&self, fits: impl Fn(&[String]) -> bool) -> Whose {
        let mut rows = self.rows.iter().enumerate().filter(|(_, row)| fits(row));
        match (rows.next(), rows.next()) {
            (Some((at, _)), None) => Whose::Row(at),
            (Some(_), Some(_)) => Whose::Several,
            (None, _) => Whose::Nobodys,
        }
    }
}

/// The place of the column of this name.
pub(super) fn column(header: &[String], name: &str) -> Option<usize> {
    header.iter().position(|other| alike(other, name))
}

/// True if both are the same but for case and the space around; nothing is like
/// nothing.
fn alike(one: &str, other: &str) -> bool {
    let (one, other) = (one.trim(), other.trim());
    !one.is_empty() && one.to_lowercase() == other.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roster(text: &str) -> Result<Roster> {
        let file = tempfile::NamedTempFile::new().expect("a file for the test");
        fs::write(file.path(), text).expect("the test's own");
        Roster::read(file.path())
    }

    #[test]
    fn canvas_students_are_found_by_id_login_name_and_download() {
        let roster = roster(
            "\u{feff}Student;ID;SIS User ID;SIS Login ID;Section;Old (7)\n\
             \"Lovelace, Ada\";1001;s1;ada;A;3\n\"Byron, Bob\";1002;s2;ADA2;A;\nTest;;;;A;\n",
        )
        .expect("it is Canvas's");
        assert_eq!(roster.platform, Gradebook::Canvas);
        let ada = [
            "1001",
            "S1",
            "ada",
            "Lovelace, Ada",
            "lovelaceada_1001_52_fork",
        ];
        for name in ada.into_iter().chain(["lovelaceada_LATE_1001_52_fork-1"]) {
            assert_eq!(roster.whose(name), Whose::Row(0), "{name}");
        }
        for name in ["", "eve", "ada_1001", "x_1001_fork_1"] {
            assert_eq!(roster.whose(name), Whose::Nobodys, "{name}");
        }
        assert_eq!(roster.whose("ada2"), Whose::Row(1));
    }

    #[test]
    fn moodle_students_are_found_by_number_and_name() {
        let worksheet = roster(
            "Identifier,Full name,Email address,Grade,Feedback comments\n\
             Participant 12,Ada Lovelace,ada@example.org,,\n\
             Participant 13,Ada Lovelace,al@example.org,,\n",
        )
        .expect("it is Moodle's");
        let download = "Ada Lovelace_13_assignsubmission_file_fork";
        assert_eq!(worksheet.whose(download), Whose::Row(1));
        assert_eq!(worksheet.whose("ADA@example.org"), Whose::Row(0));
        assert_eq!(worksheet.whose("Ada Lovelace"), Whose::Several);
        let grades = roster("First name,Surname,ID number\nAda,Lovelace,s1\n");
        let grades = grades.expect("it is Moodle's");
        assert_eq!(grades.whose(download), Whose::Row(0));
        assert_eq!(grades.whose("Bob_13_assignsubmission_x"), Whose::Nobodys);
    }

    #[test]
    fn what_is_no_roster_is_refused() {
        for (text, why) in [("", "it is empty"), ("Name,Mark\nada,3\n", "neither")] {
            let error = roster(text).expect_err("it is none").to_string();
            assert!(error.contains(why) && error.contains("\nhelp: "), "{error}");
        }
        assert!(Roster::read(Path::new("/nowhere.csv")).is_err());
    }
}
