//! A roster from a file: who was to be there, and when.
//!
//! ```text
//!   agent,from,to
//!   8001,2026-12-06T09:00,2026-12-06T17:30
//!   8002,09:00,17:30                           of the record's last day
//! ```
//! Moments are read like those of `--from`. A line of an unknown agent, of no length, or that overlaps another of the same agent is
//! refused with its number: half a roster would make a figure that nobody can check.
use crate::moment::When;
use crate::{Names, StoreError};
use std::path::Path;
use switchboard_model::Instant;
use switchboard_stats::Shift;

/// The most shifts a roster may have: 1 000 people, a month, two a day.
const SHIFTS_MAX: usize = 62_000;

/// Reads it. `last` is the moment of the record's last event.
pub(crate) fn read(path: &Path, names: &Names, last: Instant) -> Result<Vec<Shift>, StoreError> {
    let text = std::fs::read_to_string(path).map_err(StoreError::io(path))?;
    let bad = |line: usize, why: String| StoreError::Roster { path: path.to_owned(), line, why };
    let mut shifts: Vec<(Shift, usize)> = Vec::new();
    for (i, row) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = i + 1;
        let cells: Vec<&str> = row.split(',').map(|cell| cell.trim().trim_matches('"')).collect();
        if row.trim().is_empty() || line == 1 && cells.first() == Some(&"agent") {
            continue;
        }
        let [agent, from, to] = cells[..] else {
            return Err(bad(line, format!("has {} cells; it takes three: agent ID, from, to", cells.len())));
        };
        let known = names.agents.iter().find(|(_, name)| *name == agent).map(|(&id, _)| id);
        let agent = known.ok_or_else(|| bad(line, format!("the record knows no agent `{agent}`")))?;
        let at = |word: &str| word.parse::<When>().map(|at| at.resolve(last)).map_err(|e| bad(line, e.to_string()));
        let shift = Shift { agent, from: at(from)?, to: at(to)? };
        if shift.from >= shift.to {
            return Err(bad(line, "the shift ends before it begins, or has no length".to_owned()));
        }
        if shifts.len() == SHIFTS_MAX {
            return Err(bad(line, format!("a roster has at most {SHIFTS_MAX} shifts: give it in parts")));
        }
        shifts.push((shift, line));
    }
    shifts.sort_unstable();
    for pair in shifts.windows(2) {
        let ((before, first), (after, second)) = (pair[0], pair[1]);
        if before.agent == after.agent && after.from < before.to {
            let (line, other) = (first.max(second), first.min(second));
            return Err(bad(line, format!("overlaps the shift of the same agent in line {other}")));
        }
    }
    if shifts.is_empty() {
        return Err(bad(1, "there is no shift in it".to_owned()));
    }
    Ok(shifts.into_iter().map(|(shift, _)| shift).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchboard_model::AgentId;

    fn check(text: &str, says: &str) {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join("roster.csv");
        std::fs::write(&path, text).expect("a folder of ours");
        let names = Names { agents: [(AgentId(1), "8001".to_owned())].into(), ..Names::default() };
        let found = read(&path, &names, Instant::from_millis(1_800_000_000_000));
        let said = found.map_or_else(|e| e.to_string(), |shifts| format!("{} shifts", shifts.len()));
        assert!(said.contains(says), "{text:?}: {said}");
    }

    #[test]
    fn a_line_that_is_no_shift_is_named() {
        check("\u{feff}agent,from,to\r\n8001,09:00,12:00\r\n\"8001\",12:00,17:30\r\n", "2 shifts");
        check("8001,2026-12-06T09:00+08:00,2026-12-06T17:30+08:00\n", "1 shifts");
        check("agent,from,to\n", "line 1: there is no shift");
        check("8001,09:00,12:00\n8009,09:00,12:00\n", "line 2: the record knows no agent `8009`");
        check("8001,09:00\n", "line 1: has 2 cells");
        check("8001,09:00,soon\n", "line 1: ");
        check("8001,12:00,09:00\n", "line 1: the shift ends before it begins");
        check(
            "agent,from,to\n8001,09:00,12:00\n8001,13:00,14:00\n8001,11:59,12:30\n",
            "line 4: overlaps the shift of the same agent in line 2",
        );
    }
}
