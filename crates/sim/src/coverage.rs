//! What a seed set has been through: every arrow named in the state files' docs, every cause, every law's guard.
//!
//! The arrows are read from the docs themselves (`A | B => C | D`), so that a state whose doc names an arrow nobody ever takes, or
//! takes one its doc does not name, is found.
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use switchboard_model::CAUSES;

/// What was taken, and how often.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Coverage {
    /// `Waiting => Ringing`.
    pub arrows: BTreeMap<String, u64>,
    /// By their words.
    pub causes: BTreeMap<String, u64>,
    /// By law: how often there was something to check.
    pub guards: BTreeMap<String, u64>,
}

impl Coverage {
    /// Adds another's.
    pub fn add(&mut self, other: &Coverage) {
        for (mine, theirs) in
            [(&mut self.arrows, &other.arrows), (&mut self.causes, &other.causes), (&mut self.guards, &other.guards)]
        {
            for (name, n) in theirs {
                *mine.entry(name.clone()).or_default() += n;
            }
        }
    }

    /// What a whole set should have been through and has not, and what it has been through that no doc names.
    pub fn missing(&self) -> Vec<String> {
        let named = named_arrows();
        let taken: BTreeSet<String> = self.arrows.keys().cloned().collect();
        let mut missing: Vec<String> =
            named.difference(&taken).map(|a| format!("no seed took the arrow `{a}`")).collect();
        missing.extend(taken.difference(&named).map(|a| format!("a seed took the arrow `{a}`, which no doc names")));
        missing.extend(
            CAUSES
                .iter()
                .filter(|row| !self.causes.contains_key(row.word))
                .map(|row| format!("no call ended with cause `{}`", row.word)),
        );
        missing.extend(
            self.guards
                .iter()
                .filter(|(_, n)| **n == 0)
                .map(|(law, _)| format!("law `{law}` was never asked anything")),
        );
        // Only test builds have the key that makes a call panic.
        if !cfg!(feature = "mutants") {
            missing.retain(|m| !m.contains("`panic => ") && !m.contains("`internal`"));
        }
        missing
    }
}

/// The arrows that the state files' docs name.
pub fn named_arrows() -> BTreeSet<String> {
    let files = [
        include_str!("../../engine/src/call/arriving.rs"),
        include_str!("../../engine/src/call/menu.rs"),
        include_str!("../../engine/src/call/waiting.rs"),
        include_str!("../../engine/src/call/ringing.rs"),
        include_str!("../../engine/src/call/greeting.rs"),
        include_str!("../../engine/src/call/talking.rs"),
        include_str!("../../engine/src/call/held.rs"),
        include_str!("../../engine/src/call/transferring.rs"),
        include_str!("../../engine/src/call/consulting.rs"),
        include_str!("../../engine/src/call/conferring.rs"),
        include_str!("../../engine/src/call/verifying.rs"),
        include_str!("../../engine/src/call/outside.rs"),
        include_str!("../../engine/src/call/ending.rs"),
    ];
    let mut arrows = BTreeSet::new();
    for line in files.iter().flat_map(|text| text.lines()) {
        let Some(doc) = line.trim_start().strip_prefix("///").or_else(|| line.strip_prefix("//!")) else { continue };
        for quoted in doc.split('`').skip(1).step_by(2) {
            let Some((from, to)) = quoted.split_once("=>") else { continue };
            for from in from.split('|').map(str::trim) {
                for to in to.split('|').map(str::trim) {
                    if from != to {
                        arrows.insert(format!("{from} => {to}"));
                    }
                }
            }
        }
    }
    arrows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_docs_name_the_arrows() {
        let arrows = named_arrows();
        for arrow in [
            "Arriving => Menu",
            "Menu => Waiting",
            "Waiting => Ringing",
            "Ringing => Waiting",
            "Talking => Over",
            "Ending => Over",
        ] {
            assert!(arrows.contains(arrow), "{arrow} is not among {arrows:?}");
        }
    }
}
