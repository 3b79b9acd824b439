//! What people may order, in one enum; the API, feature codes, rights and OpenAPI are the columns of [`table::COMMANDS`] beside it.
pub mod rights;
pub mod table;

use crate::explain::{AgentExplanation, Decision, EntryFacts, Explanation};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use switchboard_model::{AgentActivity, AgentId, AgentPresence, CallId, Disposed, Instant, Transport};

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
        /// A reason of the centre's list; the first of it if none is said.
        #[serde(default)]
        reason: Option<String>,
        /// Back by himself after so many minutes.
        #[serde(default)]
        minutes: Option<u16>,
        /// Whether he who orders it may also grant it. Not for the outside to say.
        #[serde(skip)]
        by_leader: bool,
    },
    /// To the floor: what he will be when his call and the work after it are over.
    AgentNext {
        /// Who.
        agent: AgentId,
        /// What.
        next: NextState,
        /// Why he will not be ready.
        #[serde(default)]
        reason: Option<String>,
    },
    /// To the floor: the reason he asked for is granted, or not.
    AgentApprove {
        /// Who.
        agent: AgentId,
        /// Whether.
        granted: bool,
    },
    /// To the floor: his after-call work takes longer.
    AcwExtend {
        /// Who.
        agent: AgentId,
    },
    /// To the floor: his after-call work is done.
    AcwDone {
        /// Who.
        agent: AgentId,
    },
    /// To the floor: what his call was about.
    Dispose {
        /// Who.
        agent: AgentId,
        /// One need or more.
        needs: Vec<Disposed>,
    },
    /// To the floor: every agent's state.
    Agents {
        /// Only those in a passing state whose deadline is over.
        #[serde(default, deserialize_with = "zero_or_one")]
        stuck: bool,
    },
    /// To the floor: why does nothing ring at this agent?
    ExplainAgent {
        /// Who.
        agent: AgentId,
    },
    /// To the floor: why was this call given to that agent?
    ExplainMatch {
        /// Which call.
        call: CallId,
    },
    /// To the floor: why does this entry wait, and for whom?
    Explain {
        /// The entry, as its shard told it.
        entry: EntryFacts,
    },
    /// To the floor: in which call does this agent talk?
    CallOf {
        /// Who.
        agent: AgentId,
    },
    /// To the shard of this call: the agent who talks in it wants something done with it.
    OnCall {
        /// Which.
        call: CallId,
        /// Who; refused if it is not the agent of that call.
        agent: AgentId,
        /// What.
        what: CallOrder,
    },
    /// To the floor: our side of each carrier's trunk.
    Trunks,
    /// To a shard: who waits?
    Waiting,
    /// To a shard: every call's state.
    Calls,
    /// To a shard: take no new calls.
    Drain,
    /// To a shard: end what still runs.
    EndAll,
}

/// What an agent promises to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NextState {
    /// He takes calls.
    Ready,
    /// He does not.
    NotReady,
}

/// A query says `stuck=1`, a test may say `true`.
fn zero_or_one<'de, D: serde::Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Said {
        Truth(bool),
        Number(u64),
    }
    Ok(match Said::deserialize(from)? {
        Said::Truth(truth) => truth,
        Said::Number(n) => n != 0,
    })
}

/// What an agent may do with the call he talks in: a row of [`table::COMMANDS`] with [`table::Owner::AgentsCall`] each.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case")]
pub enum CallOrder {
    /// Leave it: out of a consultation or a conference the other takes the caller over; else the call ends.
    HangUp,
    /// The caller hears music until `Retrieve`.
    Hold,
    /// They talk again.
    Retrieve,
    /// Give the caller on without a word.
    Transfer {
        /// An agent ID, a queue, or a number outside that is allowed.
        to: String,
    },
    /// Ask somebody; the caller hears music.
    Consult {
        /// An agent ID, or a number outside that is allowed.
        to: String,
    },
    /// The caller is asked for account and PIN; the agent keeps him and hears nothing of it.
    Verify,
    /// All three hear each other.
    Conference,
    /// The other takes the caller over, and the agent is free.
    Complete,
    /// The other goes; the agent talks to the caller again.
    Back,
}

impl CallOrder {
    /// Its row's name.
    pub fn name(&self) -> &'static str {
        match self {
            CallOrder::HangUp => "hang_up",
            CallOrder::Hold => "hold",
            CallOrder::Retrieve => "retrieve",
            CallOrder::Transfer { .. } => "transfer",
            CallOrder::Consult { .. } => "consult",
            CallOrder::Verify => "verify",
            CallOrder::Conference => "conference",
            CallOrder::Complete => "complete",
            CallOrder::Back => "back",
        }
    }
}

impl Order {
    /// Its row's name; none for what only the node itself asks.
    pub fn name(&self) -> Option<&'static str> {
        match self {
            Order::AgentReady { .. } => Some("agent_ready"),
            Order::AgentNotReady { .. } => Some("agent_not_ready"),
            Order::AgentNext { .. } => Some("agent_next"),
            Order::AgentApprove { .. } => Some("agent_approve"),
            Order::AcwExtend { .. } => Some("acw_extend"),
            Order::AcwDone { .. } => Some("acw_done"),
            Order::Dispose { .. } => Some("dispose"),
            Order::Agents { .. } => Some("agents"),
            Order::ExplainAgent { .. } => Some("explain_agent"),
            Order::ExplainMatch { .. } => Some("explain_match"),
            Order::Explain { .. } => Some("explain"),
            Order::CallOf { .. } => None,
            Order::OnCall { what, .. } => Some(what.name()),
            Order::Trunks => Some("trunks"),
            Order::Waiting => Some("waiting"),
            Order::Calls => Some("calls"),
            Order::Drain => Some("drain"),
            Order::EndAll => Some("end_all"),
        }
    }
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
    /// Not in this state.
    Refused {
        /// Why.
        why: String,
    },
    /// There is no such thing.
    Unknown {
        /// What.
        why: String,
    },
    /// A value that cannot be.
    Wrong {
        /// Of which field.
        field: String,
        /// Which rule it breaks.
        why: String,
    },
    /// The call an agent talks in.
    CallOf {
        /// Which.
        call: CallId,
    },
    /// Every trunk that has SBCs.
    Trunks {
        /// In the order in which they were first known.
        trunks: Vec<TrunkShown>,
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
    /// Why nothing rings at an agent.
    AgentExplanation(AgentExplanation),
    /// Why a call was given to an agent.
    Decision(Decision),
    /// It waits for a leader's word.
    Asked,
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
    /// His team.
    #[serde(default)]
    pub team: String,
    /// Why he is not ready, by the centre's list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_ready_for: Option<String>,
    /// When his state changes by itself, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes_at: Option<Instant>,
    /// The passing state whose deadline is over; none in a healthy centre.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stuck_in: Option<String>,
    /// What he asks for and a leader must grant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asks_for: Option<String>,
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
    /// What the caller has proved in this call: `account_pin`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified: Option<String>,
    /// Who is in it besides the caller: agent IDs, and numbers outside, masked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agents: Vec<String>,
}

/// Our side of a carrier's trunk.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TrunkShown {
    /// Its name.
    pub trunk: String,
    /// Its SBCs.
    pub sbcs: Vec<PeerShown>,
    /// Our registration, if it wants one.
    pub registration: Option<RegistrationShown>,
}

/// One SBC.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PeerShown {
    /// Where.
    pub at: SocketAddr,
    /// By what.
    pub transport: Transport,
    /// `unknown`, `up`, `suspect` or `down`.
    pub health: String,
    /// When it last answered.
    pub heard_at: Option<Instant>,
}

/// Our registration with a carrier.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RegistrationShown {
    /// The public identity.
    pub identity: String,
    /// Until when we are registered; none: we are not.
    pub until: Option<Instant>,
    /// By which SBC.
    pub by: Option<SocketAddr>,
    /// The carrier's Service-Route.
    pub service_route: Vec<String>,
    /// The identities the carrier says are ours.
    pub associated: Vec<String>,
    /// The status of the last refusal, if the last attempt was refused.
    pub refused: Option<u16>,
    /// When we register next.
    pub next_at: Option<Instant>,
}

#[cfg(test)]
mod tests {
    use super::table::{Owner, row};
    use super::*;

    #[test]
    fn every_order_has_its_row() {
        let agent = AgentId(1);
        let call = CallId::new(switchboard_model::ShardId(1), 1);
        for (order, owner) in [
            (Order::AgentReady { agent }, Owner::Floor),
            (Order::AgentNotReady { agent, reason: None, minutes: None, by_leader: false }, Owner::Floor),
            (Order::AgentNext { agent, next: NextState::Ready, reason: None }, Owner::Floor),
            (Order::AgentApprove { agent, granted: true }, Owner::Floor),
            (Order::AcwExtend { agent }, Owner::Floor),
            (Order::AcwDone { agent }, Owner::Floor),
            (Order::Dispose { agent, needs: vec![] }, Owner::Floor),
            (Order::ExplainAgent { agent }, Owner::Floor),
            (Order::ExplainMatch { call }, Owner::Floor),
            (Order::Agents { stuck: false }, Owner::Floor),
            (Order::Trunks, Owner::Floor),
            (Order::OnCall { call, agent, what: CallOrder::HangUp }, Owner::AgentsCall),
            (Order::OnCall { call, agent, what: CallOrder::Hold }, Owner::AgentsCall),
            (Order::OnCall { call, agent, what: CallOrder::Retrieve }, Owner::AgentsCall),
            (Order::OnCall { call, agent, what: CallOrder::Transfer { to: String::new() } }, Owner::AgentsCall),
            (Order::OnCall { call, agent, what: CallOrder::Consult { to: String::new() } }, Owner::AgentsCall),
            (Order::OnCall { call, agent, what: CallOrder::Verify }, Owner::AgentsCall),
            (Order::OnCall { call, agent, what: CallOrder::Conference }, Owner::AgentsCall),
            (Order::OnCall { call, agent, what: CallOrder::Complete }, Owner::AgentsCall),
            (Order::OnCall { call, agent, what: CallOrder::Back }, Owner::AgentsCall),
            (Order::Waiting, Owner::Shards),
            (Order::Calls, Owner::Shards),
            (Order::Drain, Owner::Shards),
            (Order::EndAll, Owner::Shards),
        ] {
            let name = order.name().expect("people may give it");
            assert_eq!(row(name).map(|r| r.owner), Some(owner), "{name}");
        }
        assert_eq!(Order::CallOf { agent }.name(), None);
    }
}
