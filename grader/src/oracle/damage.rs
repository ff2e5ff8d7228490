//! What can be wrong with FILE's content, seen from its bytes alone.

/// What is wrong with FILE; the most telling thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Damage<'a> {
    /// FILE does not start with the old content.
    OldContent,
    /// After `kept` bytes of the record comes something else: `then`.
    Torn {
        record: usize,
        kept: usize,
        then: &'a [u8],
        /// The rest of the record is a line of its own.
        rest_elsewhere: bool,
    },
    /// Only the last `kept` bytes of the record are there.
    Tail { record: usize, kept: usize },
    /// There is nothing of the record.
    Missing { record: usize },
    /// The record is there once too often.
    Repeated { record: usize, times: usize },
    /// A line that is no record, while all records are there.
    Foreign { line: &'a [u8] },
}

/// Lines against records.
pub(super) struct Lines<'a> {
    /// For each record whether it has its line.
    pub placed: Vec<bool>,
    /// Records whose line is there once more than it should.
    pub repeated: Vec<usize>,
    /// Pieces that are no record; the last may lack its newline.
    pub strays: Vec<&'a [u8]>,
}

impl<'a> Lines<'a> {
    /// Gives each record its line, in the order of the lines.
    pub(super) fn sort(rest: &'a [u8], records: &[Vec<u8>]) -> Self {
        let mut lines = Self {
            placed: vec![false; records.len()],
            repeated: Vec::new(),
            strays: Vec::new(),
        };
        for piece in rest.split_inclusive(|byte| *byte == b'\n') {
            let Some(line) = piece.strip_suffix(b"\n") else {
                lines.strays.push(piece);
                continue;
            };
            let mut equal = (0..records.len()).filter(|r| records[*r] == line);
            let first = equal.clone().next();
            match (equal.find(|r| !lines.placed[*r]), first) {
                (Some(record), _) => lines.placed[record] = true,
                (None, Some(record)) => lines.repeated.push(record),
                (None, None) => lines.strays.push(piece),
            }
        }
        lines
    }
}

/// Finds what is wrong, if anything is.
pub(super) fn find<'a>(
    initial: &[u8],
    content: &'a [u8],
    records: &[Vec<u8>],
) -> Option<Damage<'a>> {
    let Some(rest) = content.strip_prefix(initial) else {
        return Some(Damage::OldContent);
    };
    let lines = Lines::sort(rest, records);
    let missing: Vec<usize> = (0..records.len()).filter(|r| !lines.placed[*r]).collect();
    let strays = &lines.strays;
    cut_before_a_whole_line(strays, &missing, records)
        .or_else(|| only_a_tail(strays, &missing, records))
        .or_else(|| longest_beginning(strays, &missing, records))
        .or_else(|| {
            missing
                .first()
                .map(|record| Damage::Missing { record: *record })
        })
        .or_else(|| {
            let record = *lines.repeated.first()?;
            let extra = lines.repeated.iter().filter(|r| **r == record).count();
            let due = records.iter().filter(|r| **r == records[record]).count();
            let times = due + extra;
            Some(Damage::Repeated { record, times })
        })
        .or_else(|| strays.first().map(|line| Damage::Foreign { line }))
}

/// A record with its newline.
pub(super) fn line_of(record: &[u8]) -> Vec<u8> {
    [record, b"\n"].concat()
}

fn torn<'a>(
    strays: &[&'a [u8]],
    record: usize,
    line: &[u8],
    stray: &'a [u8],
    kept: usize,
) -> Damage<'a> {
    Damage::Torn {
        record,
        kept,
        then: &stray[kept..],
        rest_elsewhere: strays.contains(&&line[kept..]),
    }
}

/// A beginning of a missing record, and right after it a whole record.
fn cut_before_a_whole_line<'a>(
    strays: &[&'a [u8]],
    missing: &[usize],
    records: &[Vec<u8>],
) -> Option<Damage<'a>> {
    missing.iter().find_map(|record| {
        let line = line_of(&records[*record]);
        strays.iter().find_map(|stray| {
            let next = records.iter().map(|next| line_of(next));
            let mut kept = next.filter_map(|next| stray.strip_suffix(next.as_slice()));
            let kept = kept.find(|kept| !kept.is_empty() && line.starts_with(kept))?;
            Some(torn(strays, *record, &line, stray, kept.len()))
        })
    })
}

/// A stray line that is the end of a missing record: its beginning was
/// overwritten.
fn only_a_tail<'a>(
    strays: &[&'a [u8]],
    missing: &[usize],
    records: &[Vec<u8>],
) -> Option<Damage<'a>> {
    missing.iter().find_map(|record| {
        let line = line_of(&records[*record]);
        let tail = strays.iter().find(|s| s.len() >= 2 && line.ends_with(s))?;
        // Its beginning may be there as well, elsewhere.
        let head = line.len() - tail.len();
        let beginning = strays.iter().find(|s| s.starts_with(&line[..head]));
        Some(match beginning {
            Some(stray) => torn(strays, *record, &line, stray, head),
            None => Damage::Tail {
                record: *record,
                kept: tail.len(),
            },
        })
    })
}

/// The stray line that shares the longest beginning with a missing record.
fn longest_beginning<'a>(
    strays: &[&'a [u8]],
    missing: &[usize],
    records: &[Vec<u8>],
) -> Option<Damage<'a>> {
    let mut best: Option<(usize, usize, &'a [u8])> = None;
    for record in missing {
        let line = line_of(&records[*record]);
        for stray in strays {
            let same = line.iter().zip(*stray).take_while(|(a, b)| a == b).count();
            if same > best.map_or(0, |(_, kept, _)| kept) {
                best = Some((*record, same, stray));
            }
        }
    }
    let (record, kept, stray) = best?;
    Some(torn(
        strays,
        record,
        &line_of(&records[record]),
        stray,
        kept,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::testing::facts;

    #[test]
    fn every_way_to_lose_a_byte_is_found() {
        let right = b"old\nalpha\nbeta\n";
        let facts = facts("old\n", &["alpha", "beta"]);
        for index in 0..right.len() {
            let mut content = right.to_vec();
            content.remove(index);
            let failure = find(&facts.initial, &content, &facts.records);
            assert!(failure.is_some(), "byte {index}");
        }
    }

    #[test]
    fn every_order_of_whole_lines_is_right() {
        let facts = facts("old\n", &["a", "ab", "a"]);
        for content in ["old\na\na\nab\n", "old\na\nab\na\n", "old\nab\na\na\n"] {
            let damage = find(&facts.initial, content.as_bytes(), &facts.records);
            assert_eq!(damage, None, "{content:?}");
        }
    }

    #[test]
    fn an_exact_cut_is_preferred_to_a_longer_likeness() {
        let facts = facts("", &["aaaa", "aab"]);
        let damage = find(b"", b"aaab\n", &facts.records);
        let torn = Damage::Torn {
            record: 0,
            kept: 1,
            then: b"aab\n",
            rest_elsewhere: false,
        };
        assert_eq!(damage, Some(torn));
    }
}
