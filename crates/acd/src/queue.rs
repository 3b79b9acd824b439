//! A business queue as policy sees it.
use serde::{Deserialize, Serialize};
use std::time::Duration;
use switchboard_model::{Need, QueueId};

/// A queue: whom its callers need, and how patience is spent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Queue {
    /// Its number; its place in the configuration.
    pub id: QueueId,
    /// Its name, as operations staff write it.
    pub name: String,
    /// What an agent must have for it, the caller's language apart.
    pub needs: Vec<Need>,
    /// What is asked of an agent after the caller has waited; in order of time. At most [`Queue::STEPS_MAX`] − 1.
    pub steps: Vec<Step>,
    /// Seconds by which its callers count as having come earlier. Age always counts, so nobody starves.
    pub priority_offset_s: u32,
    /// Callers who may wait at once in one language; the next one is told that it is full.
    pub max_waiting: u32,
    /// Longest wait, in seconds.
    pub max_wait_s: u32,
    /// What happens then.
    pub at_max_wait: AtMaxWait,
    /// Before that, callers may go over to another queue.
    pub overflow: Option<Overflow>,
}

impl Queue {
    /// Steps of one queue, the first (its `needs`) included: the matcher keeps that many lists a line.
    pub const STEPS_MAX: usize = 4;
    /// A day's head start is more than any queue needs, and keeps keys far from underflow (30 days are kept free).
    pub const PRIORITY_OFFSET_S_MAX: u32 = 86_400;
    /// Callers of one queue and language, so that memory is bounded by the configuration.
    pub const MAX_WAITING_MAX: u32 = 100_000;

    /// What an agent must have at this step, the language apart.
    pub fn needs_at(&self, step: usize) -> &[Need] {
        if step == 0 { &self.needs } else { &self.steps[step - 1].needs }
    }
    /// How many steps there are, the first included.
    pub fn step_count(&self) -> usize {
        1 + self.steps.len()
    }
}

/// What happens to a caller at the end of the longest wait. Queues and prompts are named, not numbered: what a reload takes away is simply
/// not found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum AtMaxWait {
    /// The call ends with `waited_too_long`.
    HangUp,
    /// This prompt is said, and the call ends with `waited_too_long`. Who is found an agent meanwhile is served.
    Say(String),
    /// He goes over to this queue, and waits there as long as one may there. If it is full, the call ends with `waited_too_long`.
    Queue(String),
}

/// A caller who has waited so long goes over to another queue, in the place he came by; while that is full he stays and tries again.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Overflow {
    /// How long he has waited in this queue.
    pub after: Duration,
    /// Where to.
    pub queue: String,
}

/// An overflow step: from this wait on, these needs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Step {
    /// How long the caller has waited in this queue.
    pub after: Duration,
    /// What an agent must have from then on.
    pub needs: Vec<Need>,
}
