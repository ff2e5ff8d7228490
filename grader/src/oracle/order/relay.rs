//! The order of `relay`: one process after the other, round after round.

use super::lines::{Broken, Line};

pub(super) fn expected(processes: u32, rounds: u32) -> Vec<String> {
    (0..rounds)
        .flat_map(|round| (0..processes).map(move |process| format!("turn {round} {process}")))
        .collect()
}

pub(super) fn out_of_order(lines: &[Line<'_>], processes: u32) -> Option<Broken> {
    let right = |index: usize| {
        let (index, processes) = (index as u32, processes.max(1));
        format!("turn {} {}", index / processes, index % processes)
    };
    let mut numbered = lines.iter().enumerate();
    let (index, line) = numbered.find(|(index, line)| line.text != right(*index))?;
    Some(Broken {
        expected: "the processes in turn, 0 to N-1, in every round".to_owned(),
        actual: format!(
            "line {} is \"{}\", where it was \"{}\"'s turn",
            index + 1,
            line.text,
            right(index)
        ),
        offset: Some(line.offset),
    })
}
