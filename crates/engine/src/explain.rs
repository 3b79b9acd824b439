//! Why does this caller wait, and for whom?
//!
//! ```text
//!   shard: EntryFacts (what is asked, how long he waits) ──► floor: each agent weighed against it ──► Explanation
//! ```
//! The chosen one can be found again from the explanation alone: the fitting and resting agent of least rank, then least key.
use crate::config::Config;
use serde::{Deserialize, Serialize};
use switchboard_acd::{Agent, weighed, why_not};
use switchboard_matcher::Matcher;
use switchboard_model::{AgentActivity, AgentId, AgentPresence, CallId, Instant, Language, Need, QueueId};

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
        if conf.gone {
            continue;
        }
        match weighed(&conf.skills, needs, conf.trainee) {
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
                lacks: lacks(config, agent.id, needs),
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

fn lacks(config: &Config, agent: AgentId, needs: &[Need]) -> Vec<String> {
    let written = |n: &&Need| format!("{} >= {}", config.skill_name(n.skill), n.at_least.value());
    why_not(&config.agent(agent).skills, needs).iter().map(written).collect()
}

/// What this agent lacks for a line at a step.
pub(crate) fn lacking(config: &Config, agent: AgentId, line: u32, step: usize) -> WhyNot {
    let lacks = lacks(config, agent, config.layout.needs(line, step));
    WhyNot { agent, agent_id: config.agent(agent).agent_id.clone(), lacks }
}

// ── an agent at whom nothing rings ───────────────────────────────────────────────────────────────────────────────────────

/// Why nothing rings at an agent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AgentExplanation {
    /// Who.
    pub agent: AgentId,
    /// His agent ID.
    pub agent_id: String,
    /// Whether he takes calls.
    pub presence: AgentPresence,
    /// What he is doing.
    pub activity: AgentActivity,
    /// When that changes by itself, if it does.
    pub changes_at: Option<Instant>,
    /// The answer in a word.
    pub because: Because,
    /// Each queue and language at each step where somebody waits, and whether he could serve them.
    pub waiting: Vec<LineWaiting>,
}

/// Why nothing rings.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// No telephone of his is registered.
    LoggedOut,
    /// He does not take calls.
    NotReady,
    /// He has a call, or work after one.
    Busy,
    /// Nobody waits.
    NobodyWaits,
    /// Some wait, and he fits none of them as yet.
    NoneFits,
    /// Somebody he fits waits: it will ring as soon as this is read.
    AboutToRing,
}

/// Who waits in one queue and language at one step.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LineWaiting {
    /// The queue's name.
    pub queue: String,
    /// The language.
    pub language: Language,
    /// The overflow step.
    pub step: usize,
    /// How many.
    pub waiting: usize,
    /// What he lacks for them; empty if he fits.
    pub lacks: Vec<String>,
}

/// Looks at every line for an agent.
pub fn explain_agent(config: &Config, matcher: &Matcher, agent: &Agent) -> AgentExplanation {
    let conf = config.agent(agent.id);
    let mut waiting = vec![];
    for line in 0..config.layout.line_count() as u32 {
        let Some((queue, language)) = config.layout.queue_of(line) else { continue };
        for step in 0..config.layout.step_count(line) {
            let n = matcher.waiting(line, step as u8);
            if n > 0 {
                let lacks = lacks(config, agent.id, config.layout.needs(line, step));
                let queue = config.queue(queue).queue.name.clone();
                waiting.push(LineWaiting { queue, language, step, waiting: n, lacks });
            }
        }
    }
    let (presence, activity) = agent.shown();
    let because = because(presence, activity, &waiting);
    let (agent_id, changes_at) = (conf.agent_id.clone(), agent.next_timeout());
    AgentExplanation { agent: agent.id, agent_id, presence, activity, changes_at, because, waiting }
}

/// The answer, from the facts alone.
pub fn because(presence: AgentPresence, activity: AgentActivity, waiting: &[LineWaiting]) -> Because {
    match (presence, activity) {
        (AgentPresence::LoggedOut, _) => Because::LoggedOut,
        (_, AgentActivity::Ringing | AgentActivity::Talking | AgentActivity::AfterCallWork) => Because::Busy,
        (AgentPresence::NotReady | AgentPresence::NotReadyRona | AgentPresence::NotReadyDevice, _) => Because::NotReady,
        (AgentPresence::Ready, AgentActivity::Idle) if waiting.is_empty() => Because::NobodyWaits,
        (AgentPresence::Ready, AgentActivity::Idle) if waiting.iter().all(|w| !w.lacks.is_empty()) => Because::NoneFits,
        (AgentPresence::Ready, AgentActivity::Idle) => Because::AboutToRing,
    }
}

// ── a match that was made ────────────────────────────────────────────────────────────────────────────────────────────────

/// Why a call was given to an agent: who was at rest when it was made.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Decision {
    /// When.
    pub at: Instant,
    /// For which queue.
    pub queue: QueueId,
    /// In which language.
    pub language: Language,
    /// At which overflow step.
    pub step: usize,
    /// Which turn of the agent's it is.
    pub turn: u64,
    /// Whose call, once it was picked up.
    pub call: Option<CallId>,
    /// Who was chosen.
    pub chosen: AgentId,
    /// Those at rest who fitted, best first: rank, then key.
    pub fit: Vec<Candidate>,
    /// Those at rest who did not fit, and what each lacks.
    pub why_not: Vec<WhyNot>,
    /// How many more were at rest and are not listed.
    pub not_shown: usize,
}

/// One who could have been chosen.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Candidate {
    /// Who.
    pub agent: AgentId,
    /// His agent ID.
    pub agent_id: String,
    /// How well he fits; 0 is best.
    pub rank: u8,
    /// His matching key; the smaller goes first.
    pub key: u64,
}

impl Decision {
    /// Decides again from the candidates alone.
    pub fn again(&self) -> Option<AgentId> {
        self.fit.iter().min_by_key(|c| (c.rank, c.key)).map(|c| c.agent)
    }
}
