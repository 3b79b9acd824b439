//! Why does this caller wait, and for whom?
//!
//! ```text
//!   shard: EntryFacts (what is asked, how long he waits) ──► floor: each agent weighed against it ──► Explanation
//! ```
//! The chosen one can be found again from the explanation alone: the fitting and resting agent of least rank, then least key.
use crate::config::Config;
use serde::{Deserialize, Serialize};
use switchboard_acd::{Agent, rank, why_not};
use switchboard_model::{AgentActivity, AgentId, AgentPresence, CallId, Instant, Language, QueueId};

/// A waiting caller, as his shard sees him.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EntryFacts {
    /// Whose.
    pub call: CallId,
    /// In which queue.
    pub queue: QueueId,
    /// In which language.
    pub language: Language,
    /// At which overflow step.
    pub step: usize,
    /// Since when he waits.
    pub since: Instant,
    /// His matching key.
    pub key: u64,
    /// How many of his line came before him.
    pub ahead: usize,
    /// When the next step asks less, if one does.
    pub next_step_at: Option<Instant>,
}

/// The answer to "why?".
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Explanation {
    /// Who was asked about.
    pub entry: EntryFacts,
    /// The queue's name.
    pub queue_name: String,
    /// Who could serve him, best first, and where each is.
    pub fit: Vec<Fit>,
    /// Who could not, and what each lacks.
    pub why_not: Vec<WhyNot>,
    /// Who would be rung now; none while nobody who fits is at rest.
    pub chosen: Option<AgentId>,
}

/// An agent who could serve.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Fit {
    /// Who.
    pub agent: AgentId,
    /// His agent ID.
    pub agent_id: String,
    /// How well he fits; 0 is best.
    pub rank: u8,
    /// His matching key (idle since).
    pub key: u64,
    /// Whether he takes calls.
    pub presence: AgentPresence,
    /// What he is doing.
    pub activity: AgentActivity,
    /// When his state changes by itself, if it does.
    pub changes_at: Option<Instant>,
}

/// An agent who could not.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WhyNot {
    /// Who.
    pub agent: AgentId,
    /// His agent ID.
    pub agent_id: String,
    /// `skill number >= level`, for each need he does not meet.
    pub lacks: Vec<String>,
}

/// Weighs every agent against an entry.
pub fn explain<'a>(config: &Config, agents: impl Iterator<Item = &'a Agent>, entry: EntryFacts) -> Explanation {
    let needs = match config.layout.line(entry.queue, entry.language) {
        Some(line) => config.layout.needs(line, entry.step),
        None => &[],
    };
    let (mut fit, mut why_nots) = (vec![], vec![]);
    for agent in agents {
        let conf = config.agent(agent.id);
        match rank(&conf.skills, needs) {
            Some(rank) => {
                let (presence, activity) = agent.shown();
                fit.push(Fit {
                    agent: agent.id,
                    agent_id: conf.agent_id.clone(),
                    rank,
                    key: agent.idle_key,
                    presence,
                    activity,
                    changes_at: agent.next_timeout(),
                });
            }
            None => why_nots.push(WhyNot {
                agent: agent.id,
                agent_id: conf.agent_id.clone(),
                lacks: why_not(&conf.skills, needs)
                    .iter()
                    .map(|n| format!("{} >= {}", config.skill_name(n.skill), n.at_least.value()))
                    .collect(),
            }),
        }
    }
    fit.sort_by_key(|f| (f.rank, f.key, f.agent));
    let chosen = choose(&fit);
    let queue_name = config.queue(entry.queue).queue.name.clone();
    Explanation { entry, queue_name, fit, why_not: why_nots, chosen }
}

/// Decides again from an explanation's facts alone.
pub fn choose(fit: &[Fit]) -> Option<AgentId> {
    fit.iter()
        .filter(|f| f.presence == AgentPresence::Ready && f.activity == AgentActivity::Idle)
        .min_by_key(|f| (f.rank, f.key))
        .map(|f| f.agent)
}
