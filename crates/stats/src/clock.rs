//! From where to where a wait is measured: six clocks, of which one is the rule.
//!
//! ```text
//!   HumanRequested ── Queued ──────────── PickedUp ── AgentIdAnnounced ── Connected
//!   request           queue               pickup      agent-id            sound
//! ```
//! A wait that a clock never saw begin (refused at the door of the queue) begins where it ends. Where no announcement was made, the
//! clock of the announcement stops when sound flows. Who hangs up between the pick-up and the end of a later clock has given up.
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use switchboard_model::What;

macro_rules! clocks {
    ($($(#[$meta:meta])* $name:ident $id:literal $text:literal)+) => {
        /// A clock.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
        pub enum Clock {
            $($(#[$meta])* #[doc = $text] #[serde(rename = $id)] $name,)+
        }
        impl Clock {
            /// All of them, the rule first.
            pub const ALL: &[Clock] = &[$(Clock::$name,)+];
            /// Its name, as users type it.
            pub fn id(self) -> &'static str {
                match self { $(Clock::$name => $id,)+ }
            }
            /// What is printed beside a figure.
            pub fn text(self) -> &'static str {
                match self { $(Clock::$name => $text,)+ }
            }
        }
    };
}

clocks! {
    #[default]
    RequestPickup "request-pickup" "transfer to human (转人工) → agent picks up (接起)"
    QueuePickup "queue-pickup" "enters the queue (进队列) → agent picks up (接起)"
    RequestSound "request-sound" "transfer to human (转人工) → sound both ways (双向通话)"
    QueueSound "queue-sound" "enters the queue (进队列) → sound both ways (双向通话)"
    RequestAgentId "request-agent-id" "transfer to human (转人工) → agent ID announced (报工号)"
    QueueAgentId "queue-agent-id" "enters the queue (进队列) → agent ID announced (报工号)"
}

impl Clock {
    /// Whether it runs from entering the queue.
    pub fn from_queue(self) -> bool {
        matches!(self, Clock::QueuePickup | Clock::QueueSound | Clock::QueueAgentId)
    }

    /// The events that stop it, by their words; the first that comes does.
    pub fn stopped_by(self) -> &'static [&'static str] {
        match self {
            Clock::RequestPickup | Clock::QueuePickup => &["picked_up"],
            Clock::RequestSound | Clock::QueueSound => &["connected"],
            Clock::RequestAgentId | Clock::QueueAgentId => &["agent_id_announced", "connected"],
        }
    }

    pub(crate) fn stops_at(self, what: &What) -> bool {
        let word = match what {
            What::PickedUp { .. } => "picked_up",
            What::AgentIdAnnounced { .. } => "agent_id_announced",
            What::Connected { .. } => "connected",
            _ => return false,
        };
        self.stopped_by().contains(&word)
    }
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for Clock {
    type Err = String;
    fn from_str(text: &str) -> Result<Clock, String> {
        let known: Vec<&str> = Clock::ALL.iter().map(|c| c.id()).collect();
        let found = Clock::ALL.iter().find(|c| c.id() == text).copied();
        found.ok_or_else(|| format!("`{text}` is no clock; there are {}", known.join(", ")))
    }
}
