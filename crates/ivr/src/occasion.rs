//! When a menu says something beside its choices, and what the day is like.
//!
//! ```text
//!   on entering, in this order        at other times
//!     emergency PLAN                    queue_full      the queue he asked for is full
//!     holiday │ closed                  systems_down    the service he asked for has failed
//!     systems_down                      elderly         he was silent once, and the menu says `on_silence`
//!     elderly
//! ```
//! A notice that leads nowhere (no `then`) is heard, and the next one follows; after the last the menu begins.
use serde::{Deserialize, Serialize};
use std::fmt;

/// An occasion for a notice.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Occasion {
    /// This emergency plan is in force.
    Emergency(String),
    /// It is a holiday of the menu's calendar; a menu without words for that says that it is closed.
    Holiday,
    /// It is outside the menu's hours.
    Closed,
    /// The bank's systems are down, or the service that was asked for has failed.
    SystemsDown,
    /// The caller stands on the bank's list of elderly customers, or has been silent where silence means the same.
    Elderly,
    /// The queue he asked for is full.
    QueueFull,
}

/// What holds for the whole centre at a time, set by those who run it: no file of the menus says it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Conditions {
    /// The emergency plan in force.
    pub emergency: Option<String>,
    /// Whether the bank's systems are down.
    pub systems_down: bool,
}

/// Who enters a menu.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Visitor {
    /// Anybody.
    #[default]
    Anybody,
    /// A caller on the bank's list of customers of 65 and more.
    Elderly,
}

impl fmt::Display for Occasion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Occasion::Emergency(plan) => f.pad(&format!("emergency {plan}")),
            Occasion::Holiday => f.pad("holiday"),
            Occasion::Closed => f.pad("closed"),
            Occasion::SystemsDown => f.pad("systems down"),
            Occasion::Elderly => f.pad("elderly"),
            Occasion::QueueFull => f.pad("queue full"),
        }
    }
}
