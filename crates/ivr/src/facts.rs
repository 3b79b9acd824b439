//! What menus must agree with and cannot know: filled by `config`.
use crate::civil::Day;
use std::collections::{BTreeMap, BTreeSet};
use switchboard_model::Language;

/// The world around the menus.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Facts {
    /// Which queues exist.
    pub queues: BTreeMap<String, QueueFacts>,
    /// The menus that dialled numbers lead to. If none of them exists: `main`, or else every menu no other menu leads to. A name
    /// that is no menu is for whoever filled this to report, at the number that leads there.
    pub entries: BTreeSet<String>,
    /// The day on which the menus would go live; waivers that end before it do not count. Without a day none has ended: for the
    /// simulator, which has none, and for nobody else.
    pub today: Option<Day>,
}

/// What is known of a queue.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct QueueFacts {
    /// How many agents can serve it in each language, overflow steps included.
    pub agents: BTreeMap<Language, u32>,
}
