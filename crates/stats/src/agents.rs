//! Every agent's states, so that each of his seconds is in exactly one cell.
//!
//! ```text
//!   AgentState  AgentState      AgentState                         now or the window's end
//!   ├─ idle ────┼─ ringing ─────┼─ talking ────────────────────────┤
//! ```
//! A state lasts until the next one, or until now. A window takes the part of it that lies inside. Milliseconds are rounded
//! once, after the sum.
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use switchboard_model::{AgentActivity, AgentId, AgentPresence, Instant, QueueId};

/// The one cell an agent's second is in: what he does, or, if nothing, whether he could be given a call.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentTime {
    /// 签出
    LoggedOut,
    /// 空闲: ready, and nothing to do.
    Idle,
    /// 示忙, whatever the reason.
    NotReady,
    /// 振铃
    Ringing,
    /// 通话
    Talking,
    /// 话后处理
    AfterCallWork,
}

impl AgentTime {
    /// The cell of a state.
    pub fn of(presence: AgentPresence, activity: AgentActivity) -> AgentTime {
        match (activity, presence) {
            (AgentActivity::Ringing, _) => AgentTime::Ringing,
            (AgentActivity::Talking, _) => AgentTime::Talking,
            (AgentActivity::AfterCallWork, _) => AgentTime::AfterCallWork,
            (AgentActivity::Idle, AgentPresence::LoggedOut) => AgentTime::LoggedOut,
            (AgentActivity::Idle, AgentPresence::Ready) => AgentTime::Idle,
            (AgentActivity::Idle, AgentPresence::NotReady) => AgentTime::NotReady,
            (AgentActivity::Idle, AgentPresence::NotReadyRona) => AgentTime::NotReady,
            (AgentActivity::Idle, AgentPresence::NotReadyDevice) => AgentTime::NotReady,
        }
    }
    /// Its word in reports.
    pub fn word(self) -> &'static str {
        match self {
            AgentTime::LoggedOut => "logged_out",
            AgentTime::Idle => "idle",
            AgentTime::NotReady => "not_ready",
            AgentTime::Ringing => "ringing",
            AgentTime::Talking => "talking",
            AgentTime::AfterCallWork => "after_call_work",
        }
    }
}

/// What an agent is, and since when.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StateNow {
    /// Since when.
    pub since: Instant,
    /// Whether he takes calls.
    pub presence: AgentPresence,
    /// What he is doing.
    pub activity: AgentActivity,
}

/// One agent's states, in the order in which they were told.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
struct Agent {
    states: Vec<StateNow>,
    /// The queue of the last call he picked up, to which his after-call work belongs.
    queue: Option<QueueId>,
}

/// After-call work that has just ended.
pub(crate) struct Worked {
    pub(crate) queue: Option<QueueId>,
    pub(crate) ms: u64,
}

/// All agents' states.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct AgentLog(BTreeMap<AgentId, Agent>);

impl AgentLog {
    pub(crate) fn picked_up(&mut self, agent: AgentId, queue: QueueId) {
        self.0.entry(agent).or_default().queue = Some(queue);
    }

    pub(crate) fn add(&mut self, agent: AgentId, state: StateNow) -> Option<Worked> {
        let agent = self.0.entry(agent).or_default();
        let last = agent.states.last().copied();
        agent.states.push(state);
        let last = last.filter(|s| s.activity == AgentActivity::AfterCallWork && s.activity != state.activity)?;
        let run = agent.states.iter().rev().skip(1).take_while(|s| s.activity == last.activity);
        let began = run.last().map_or(last.since, |s| s.since);
        Some(Worked { queue: agent.queue, ms: state.since.ms_since(began) })
    }

    /// Each agent's state as last told.
    pub fn now(&self) -> impl Iterator<Item = (AgentId, StateNow)> {
        self.0.iter().filter_map(|(&id, agent)| Some((id, *agent.states.last()?)))
    }

    /// For each agent the milliseconds of the window spent in each cell. Nothing is spent after `now`.
    pub fn times(&self, from: Instant, to: Instant, now: Instant) -> BTreeMap<AgentId, BTreeMap<AgentTime, u64>> {
        let to = to.min(now);
        let mut all = BTreeMap::new();
        for &id in self.0.keys() {
            let mut micros: BTreeMap<AgentTime, u64> = BTreeMap::new();
            for (cell, part) in self.micros(id, from, to).filter(|(_, part)| *part > 0) {
                *micros.entry(cell).or_default() += part;
            }
            if !micros.is_empty() {
                all.insert(id, micros.into_iter().map(|(cell, us)| (cell, us / 1000)).collect());
            }
        }
        all
    }

    /// One agent's microseconds in each cell between these moments, one entry a state.
    pub(crate) fn micros(&self, agent: AgentId, from: Instant, to: Instant) -> impl Iterator<Item = (AgentTime, u64)> {
        let states = self.0.get(&agent).map_or(&[][..], |a| &a.states);
        states.iter().enumerate().map(move |(i, state)| {
            let until = states.get(i + 1).map_or(to, |next| next.since).min(to).micros();
            let part = until.saturating_sub(state.since.max(from).micros());
            (AgentTime::of(state.presence, state.activity), part)
        })
    }

    /// Forgets the states that were over before this moment.
    pub(crate) fn forget(&mut self, before: Instant) {
        for agent in self.0.values_mut() {
            let over = agent.states.iter().rposition(|s| s.since <= before).unwrap_or(0);
            agent.states.drain(..over);
        }
    }
}
