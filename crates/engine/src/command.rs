//! What people may order, in one enum: the API, feature codes, rights and the control channel are columns beside it.
use crate::explain::{EntryFacts, Explanation};
use serde::{Deserialize, Serialize};
use switchboard_model::{AgentActivity, AgentId, AgentPresence, CallId, Instant};

/// An order. `id` comes back with the answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Command {
    /// Chosen by who orders.
    pub id: u64,
    /// What.
    pub what: Order,
}

/// What is ordered.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case")]
pub enum Order {
    /// To the floor: this agent takes calls.
    AgentReady {
        /// Who.
        agent: AgentId,
    },
    /// To the floor: this agent takes no calls.
    AgentNotReady {
        /// Who.
        agent: AgentId,
    },
    /// To the floor: every agent's state.
    Agents,
    /// To the floor: why does this entry wait, and for whom?
    Explain {
        /// The entry, as its shard told it.
        entry: EntryFacts,
    },
    /// To a shard: who waits?
    Waiting,
    /// To a shard: every call's state.
    Calls,
    /// To a shard: take no new calls.
    Drain,
    /// To a shard: end what still runs.
    EndAll,
}

/// An answer.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Answer {
    /// The order's id.
    pub id: u64,
    /// What.
    pub what: Reply,
}

/// What is answered.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "snake_case")]
pub enum Reply {
    /// Done.
    Done,
    /// Not in this state, or no such thing.
    Refused {
        /// Why.
        why: String,
    },
    /// Every agent.
    Agents {
        /// In the order of their numbers.
        agents: Vec<AgentShown>,
    },
    /// Who waits in this shard.
    Waiting {
        /// Longest first.
        entries: Vec<EntryFacts>,
    },
    /// Every call of this shard.
    Calls {
        /// In the order of their ids.
        calls: Vec<CallShown>,
    },
    /// Why.
    Explanation(Explanation),
}

/// An agent, as a board shows him.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AgentShown {
    /// Who.
    pub agent: AgentId,
    /// His agent ID.
    pub agent_id: String,
    /// Whether he takes calls.
    pub presence: AgentPresence,
    /// What he is doing.
    pub activity: AgentActivity,
    /// Since when.
    pub since: Instant,
    /// How many telephones of his are registered.
    pub contacts: usize,
}

/// A call, as a board shows it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CallShown {
    /// Which.
    pub call: CallId,
    /// In which state.
    pub state: String,
    /// The caller's number, masked.
    pub from: String,
    /// The number that was dialled before the call was diverted, masked; none if it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_dialled: Option<String>,
    /// When it came.
    pub arrived: Instant,
}
