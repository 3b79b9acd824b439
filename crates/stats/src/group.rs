//! Waits by what they have in common: queue, skill, team, agent, trunk, or the choice that led to a person.
//!
//! ```text
//!   a wait that is over ──► Wait{queue, trunk, agent, exit, since, until, how, ms} ──► those of a group ──► Waits ──► every figure
//! ```
//! Kept only where it was asked for ([`crate::Fold::keeping_waits`]): the board needs none of it, and a report reads the record
//! anyway. A group is a set of numbers, so that *skill* (the queues that need it) and *team* (its agents) are no ideas of this crate.
use crate::{By, Question, WaitEnd, Waits};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use switchboard_model::{AgentId, Instant, QueueId, TrunkId};

/// What waits are sorted by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Per {
    /// The queue it ended in.
    Queue,
    /// What that queue asks of an agent.
    Skill,
    /// The team of the agent who picked up; of who was not picked up nobody's.
    Team,
    /// The agent who picked up.
    Agent,
    /// The trunk it came by.
    Trunk,
    /// The menu and key by which he asked for a person.
    MenuChoice,
}

/// One of them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Group {
    /// What it is one of.
    pub per: Per,
    /// What it is called.
    pub name: String,
    /// The numbers of its queues, agents or trunk; the exit, as `main.0`.
    pub of: BTreeSet<String>,
}

/// A wait that is over, or is not (then `end` is none, and it lasts until now).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Wait {
    /// The queue.
    pub queue: QueueId,
    /// The trunk, if the call's arrival is in the record.
    pub trunk: Option<TrunkId>,
    /// Who picked up.
    pub agent: Option<AgentId>,
    /// The menu and key it left by: `main.0`.
    pub exit: String,
    /// Since when.
    pub since: Instant,
    /// The second in which it ended.
    pub until_s: u64,
    /// How.
    pub end: WaitEnd,
    /// How long.
    pub ms: u64,
}

impl Group {
    /// Whether a wait with these is one of its.
    pub fn has(&self, queue: QueueId, trunk: Option<TrunkId>, agent: Option<AgentId>, exit: &str) -> bool {
        match self.per {
            Per::Queue | Per::Skill => self.of.contains(&queue.to_string()),
            Per::Team | Per::Agent => agent.is_some_and(|a| self.of.contains(&a.to_string())),
            Per::Trunk => trunk.is_some_and(|t| self.of.contains(&t.to_string())),
            Per::MenuChoice => self.of.contains(exit),
        }
    }

    /// The group's waits that a question selects. The question's queue does not matter.
    pub fn waits(&self, all: &[Wait], question: &Question) -> Waits {
        let (from, to) = (question.from.seconds(), question.to.seconds());
        let mut sum = Waits::default();
        for w in all.iter().filter(|w| self.has(w.queue, w.trunk, w.agent, &w.exit)) {
            let second = if question.by == By::End { w.until_s } else { w.since.seconds() };
            if (from..to).contains(&second) {
                sum.add(w.end, w.ms);
            }
        }
        sum
    }
}

impl Per {
    /// All of them.
    pub const ALL: [Per; 6] = [Per::Queue, Per::Skill, Per::Team, Per::Agent, Per::Trunk, Per::MenuChoice];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Per::Queue => "queue",
            Per::Skill => "skill",
            Per::Team => "team",
            Per::Agent => "agent",
            Per::Trunk => "trunk",
            Per::MenuChoice => "menu-choice",
        }
    }
}

impl fmt::Display for Per {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Per {
    type Err = String;
    fn from_str(text: &str) -> Result<Per, String> {
        let known: Vec<&str> = Per::ALL.iter().map(|p| p.word()).collect();
        let found = Per::ALL.into_iter().find(|p| p.word() == text);
        found.ok_or_else(|| format!("nothing is sorted by `{text}`; there are {}", known.join(", ")))
    }
}
