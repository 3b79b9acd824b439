//! The written order in which callers are served, and by whom of those who come later each can still be overtaken.
//!
//! ```text
//!   served first: smallest (came − priority offset), then smallest key      keys are unique, so the order is total
//!   overtaken: a caller of offset a, by one of offset b who comes at most b − a seconds later; by nobody after that
//! ```
use crate::Config;
use serde::Serialize;
use switchboard_model::{Language, QueueId};

/// The order, in words.
pub const ORDER: [&str; 2] = [
    "callers: smallest time of arrival − priority offset over all queues an agent may serve, then who came first (keys are unique)",
    "agents: best rank (0 is best: 9 − level, summed over what is asked; a trainee's is 20 worse), then the team's rule, then the key",
];

/// By whom callers of a queue can be overtaken.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Precedence {
    /// The queue.
    pub queue: String,
    /// Its priority offset in seconds.
    pub offset_s: u32,
    /// Queues of greater offset that share an agent with it, with the latest later arrival that still goes first, in seconds.
    pub overtaken_by: Vec<(String, u32)>,
}

/// For every queue.
pub fn precedence(config: &Config) -> Vec<Precedence> {
    let served = |queue: QueueId, agent| {
        let Some(profile) = config.layout.profile(agent) else { return false };
        let mut lines = Language::ALL.into_iter().filter_map(|l| config.layout.line(queue, l));
        lines.any(|line| (0..config.layout.step_count(line)).any(|s| config.layout.rank(line, s, profile).is_some()))
    };
    let shared = |a: QueueId, b: QueueId| config.agents.iter().any(|g| !g.gone && served(a, g.id) && served(b, g.id));
    let of = |q: &crate::config::QueueConfig| {
        let offset_s = q.queue.priority_offset_s;
        let greater = config.queues.iter().filter(|o| o.queue.priority_offset_s > offset_s);
        let overtaken_by = greater
            .filter(|o| shared(q.queue.id, o.queue.id))
            .map(|o| (o.queue.name.clone(), o.queue.priority_offset_s - offset_s))
            .collect();
        Precedence { queue: q.queue.name.clone(), offset_s, overtaken_by }
    };
    config.queues.iter().map(of).collect()
}
