//! Whether an agent takes calls, and why not.
//!
//! ```text
//!   LoggedOut ──► Ready ◄──────────────► NotReady(reason of the centre's list, or his telephone's failure)
//!                   │ asks for a reason that needs approval                 │ back_at: ready by himself
//!                   └── Asks, at most 10 minutes ──► granted: NotReady      └── none: until somebody says so
//! ```
use serde::{Deserialize, Serialize};
use std::time::Duration;
use switchboard_model::Instant;

/// Whether he takes calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Presence {
    /// No telephone of his is registered.
    LoggedOut,
    /// Takes calls.
    Ready,
    /// Does not; `back_at` is when he is put back by himself, if ever.
    NotReady {
        /// Why.
        reason: Reason,
        /// When he is ready again without anybody's doing.
        back_at: Option<Instant>,
    },
}

/// Why an agent does not take calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Reason {
    /// He or a supervisor said so, for this reason of the centre's list.
    Asked(ReasonId),
    /// He let it ring, or refused it.
    Rona,
    /// His telephone failed.
    Device,
}

/// A reason of the centre's list, by number; kept by name over a reload.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
pub struct ReasonId(pub u16);

/// A reason for which an agent may be not ready.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReasonRule {
    /// Its name: `lunch`.
    pub name: String,
    /// After so long he is ready again by himself; none: until he says so.
    pub at_most: Option<Duration>,
    /// Whether a team leader must grant it.
    pub approval: bool,
}

impl ReasonRule {
    /// The list of a centre that has none: one reason, without limit.
    pub fn only() -> Vec<ReasonRule> {
        vec![ReasonRule { name: "break".to_owned(), at_most: None, approval: false }]
    }
}

/// He has asked for a reason that must be granted, and takes calls meanwhile.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Asks {
    /// For what.
    pub reason: ReasonId,
    /// For how long.
    pub for_: Option<Duration>,
    /// Who has not been answered by then asks in vain.
    pub until: Instant,
}

/// How long a request stays: a leader who has not seen it in ten minutes will not.
pub const ASKS_FOR: Duration = Duration::from_secs(600);

/// What he will be when his call and the work after it are over.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Next {
    /// Ready, whatever he was.
    Ready,
    /// Not ready, for this reason, for so long.
    NotReady(ReasonId, Option<Duration>),
}
