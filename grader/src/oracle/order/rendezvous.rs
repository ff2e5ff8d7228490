//! The order of `rendezvous`: no departure before the round's last arrival, no
//! arrival before the last departure of the round before.

use super::lines::{Broken, Line};

pub(super) fn expected(processes: u32, rounds: u32) -> Vec<String> {
    (0..rounds)
        .flat_map(|round| (0..processes).map(move |process| (round, process)))
        .flat_map(|(round, process)| {
            [
                format!("arrive {round} {process}"),
                format!("depart {round} {process}"),
            ]
        })
        .collect()
}

pub(super) fn out_of_order(lines: &[Line<'_>], processes: u32) -> Option<Broken> {
    for (index, line) in lines.iter().enumerate() {
        let round = line.numbers().first().copied().unwrap_or(0);
        // What all processes must have written before this line.
        let (before, why) = if line.begins_with("depart") {
            (
                format!("arrive {round}"),
                "all arrive before anybody departs",
            )
        } else if let Some(last) = round.checked_sub(1) {
            (
                format!("depart {last}"),
                "all depart before anybody arrives in the next round",
            )
        } else {
            continue;
        };
        let needed = (0..processes).map(|process| format!("{before} {process}"));
        let there = |wanted: &String| lines[..index].iter().any(|line| line.text == wanted);
        if let Some(missing) = needed.into_iter().find(|wanted| !there(wanted)) {
            return Some(Broken {
                expected: why.to_owned(),
                actual: format!("\"{}\" comes before \"{missing}\"", line.text),
                offset: Some(line.offset),
            });
        }
    }
    None
}
