//! What the board shows whether or not anything happens there: the configured queues with their targets, the agents' names.
use std::time::Duration;
use switchboard_model::{AgentId, QueueId};
use switchboard_stats::Formula;
use switchboard_store::Target;

/// The centre as the board shows it.
#[derive(Clone, PartialEq, Debug)]
pub struct Plan {
    /// Its name.
    pub centre: String,
    /// The queues, in the order of the configuration.
    pub queues: Vec<QueuePlan>,
    /// The agents.
    pub agents: Vec<AgentPlan>,
    /// Of how many last seconds the level is.
    pub window: Duration,
    /// By which formula; `F8` counts who waits too long at once.
    pub formula: Formula,
    /// Abandons of at most so many seconds are short ones.
    pub short_s: u32,
}

/// A queue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QueuePlan {
    /// Its number.
    pub id: QueueId,
    /// Its name.
    pub name: String,
    /// "Y % within X".
    pub target: Target,
}

/// An agent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AgentPlan {
    /// His number.
    pub id: AgentId,
    /// His agent ID (工号).
    pub agent_id: String,
    /// His name.
    pub name: String,
}
