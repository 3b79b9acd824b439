//! What menus must agree with and cannot know: filled by `config`.
use crate::civil::Day;
use crate::menu::Retention;
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
    /// What the engine can do beside queues, menus and languages.
    pub can: Vec<Ability>,
}

/// Something that the language can say and an engine can do or not.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Ability {
    /// Do something for the caller without a person.
    Service,
    /// Verify who he is.
    Verify,
    /// Take a message.
    Voicemail,
    /// Promise to call him back.
    Callback,
    /// Keep the file of a call for as long as its class says.
    Retention,
}

impl Ability {
    /// All of them.
    pub const ALL: [Ability; 5] =
        [Ability::Service, Ability::Verify, Ability::Voicemail, Ability::Callback, Ability::Retention];

    /// The field that asks for it.
    pub fn word(self) -> &'static str {
        match self {
            Ability::Service => "service",
            Ability::Verify => "verify",
            Ability::Voicemail => "voicemail",
            Ability::Callback => "callback",
            Ability::Retention => "retention",
        }
    }
    /// In words.
    pub(crate) fn what(self) -> &'static str {
        match self {
            Ability::Service => "a self-service",
            Ability::Verify => "a verification",
            Ability::Voicemail => "voicemail",
            Ability::Callback => "a callback",
            Ability::Retention => "a retention class of its own",
        }
    }
}

/// What is known of a queue.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct QueueFacts {
    /// How many agents can serve it in each language, overflow steps included.
    pub agents: BTreeMap<Language, u32>,
    /// The calendar of the hours in which it is staffed; always if none.
    pub staffed: Option<String>,
    /// The class by which the files of its calls are kept.
    pub retention: Option<Retention>,
}
