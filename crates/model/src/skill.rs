//! What an agent can do, and what a caller needs.
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A skill, numbered once by name and never renumbered.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SkillId(pub u16);

/// Proficiency, 0 (no) to 9 (teaches it).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Level(u8);

impl Level {
    /// `None` above 9.
    pub const fn new(level: u8) -> Option<Level> {
        if level <= 9 { Some(Level(level)) } else { None }
    }
    /// 0 to 9.
    pub const fn value(self) -> u8 {
        self.0
    }
}

/// `lang.cmn >= 3`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Need {
    /// Which skill.
    pub skill: SkillId,
    /// How well at the least.
    pub at_least: Level,
}

/// An agent's skills. Two agents with equal `Skills` cannot be told apart by any need.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Skills(pub BTreeMap<SkillId, Level>);

impl Skills {
    /// Whether every need is met.
    pub fn meet(&self, needs: &[Need]) -> bool {
        needs.iter().all(|n| self.level(n.skill) >= n.at_least.value())
    }
    /// The level in a skill; 0 if he has none.
    pub fn level(&self, skill: SkillId) -> u8 {
        self.0.get(&skill).map_or(0, |l| l.value())
    }
}
