//! What a display needs once a second.
use crate::{Answer, By, Formula, Question, StateNow};
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;
use switchboard_model::{AgentId, Instant, QueueId};

use crate::Fold;

/// The centre at one moment.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Live {
    /// Which moment.
    pub now: Instant,
    /// Calls that have not asked for a person.
    pub in_menu: u64,
    /// Calls with an agent.
    pub with_agent: u64,
    /// All queues together.
    pub all: LiveQueue,
    /// Each queue that has or had callers.
    pub queues: Vec<LiveQueue>,
    /// Each agent's state and since when.
    pub agents: BTreeMap<AgentId, StateNow>,
}

/// A queue at one moment.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct LiveQueue {
    /// Which; none for all together.
    pub queue: Option<QueueId>,
    /// Callers who wait, those rung for among them.
    pub waiting: u64,
    /// Those of them for whom an agent's telephone rings.
    pub ringing: u64,
    /// How long the one who waits longest has waited.
    pub longest_wait_ms: Option<u64>,
    /// The level of the last minutes, with its formula, and in its counts the calls answered, abandoned and failed.
    pub level: Answer,
}

impl LiveQueue {
    pub(crate) fn new(fold: &Fold, queue: Option<QueueId>, now: Instant, window: Duration, ask: Ask) -> LiveQueue {
        // The second that has begun belongs to the window, so that a call answered now is seen now.
        let to = now + Duration::from_secs(1);
        let question = Question {
            queue,
            from: to - window,
            to,
            within_s: ask.within_s,
            formula: ask.formula,
            by: By::End,
            short_s: ask.short_s,
        };
        let mut live =
            LiveQueue { queue, waiting: 0, ringing: 0, longest_wait_ms: None, level: fold.answer(&question, now) };
        for (since, ringing) in fold.waits_now(queue) {
            live.waiting += 1;
            live.ringing += u64::from(ringing);
            live.longest_wait_ms = live.longest_wait_ms.max(Some(now.ms_since(since)));
        }
        live
    }
}

/// How a display asks for the level.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Ask {
    /// X, in seconds.
    pub within_s: u32,
    /// By which formula; `F8` is made for this.
    pub formula: Formula,
    /// Abandons of at most so many seconds are short ones.
    pub short_s: u32,
}
