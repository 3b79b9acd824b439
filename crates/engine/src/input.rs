//! What can happen to a shard or to the floor.
use crate::command::Command;
use crate::config::SharedConfig;
use crate::lookup::Answer;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use switchboard_matcher::Match;
use switchboard_media::Fact;
use switchboard_model::{AgentId, CallId, FlowId, Instant, RingEnd, TrunkId};

/// One thing that happened to a shard.
#[derive(Debug)]
pub enum ShardInput<'a> {
    /// A SIP message.
    Datagram {
        /// By which connection.
        flow: FlowId,
        /// From where.
        from: SocketAddr,
        /// Its bytes.
        bytes: &'a [u8],
    },
    /// A connection is gone, or nothing can be sent there.
    FlowLost {
        /// By which way.
        flow: FlowId,
        /// To where.
        to: SocketAddr,
    },
    /// The media thread has something to say about a call.
    Media(CallId, Fact),
    /// The floor says that an agent was found.
    Matched(Matched),
    /// The floor answers who asked for an agent.
    Claimed(Claimed),
    /// The floor answers who asked how a number outside is called.
    Ways(Ways),
    /// A back-end answered this question of this call.
    LookedUp(CallId, u32, Answer),
    /// A new configuration.
    Config(SharedConfig),
    /// An order.
    Command(Command),
    /// `next_timeout` has come.
    Timeout,
}

/// One thing that happened to the floor.
#[derive(Debug)]
pub enum FloorInput<'a> {
    /// A SIP message outside any call.
    Datagram {
        /// By which connection.
        flow: FlowId,
        /// From where.
        from: SocketAddr,
        /// Its bytes.
        bytes: &'a [u8],
    },
    /// A connection is gone, or nothing can be sent there.
    FlowLost {
        /// By which way.
        flow: FlowId,
        /// To where.
        to: SocketAddr,
    },
    /// A shard's word.
    FromShard(ToFloor),
    /// A new configuration.
    Config(SharedConfig),
    /// An order.
    Command(Command),
    /// `next_timeout` has come.
    Timeout,
}

/// Floor → shard: an entry of yours and an agent have found each other; ring him.
#[derive(Debug)]
pub struct Matched {
    /// The right to ring.
    pub met: Match,
    /// Who.
    pub agent: AgentId,
    /// Which turn of his this is.
    pub turn: u64,
    /// Where he can be reached; empty if nowhere any more.
    pub contacts: Vec<AgentContact>,
}

/// Shard → floor: this call wants this very agent. Answered by [`Claimed`], or lost; the call waits for it two seconds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claim {
    /// Whom.
    pub agent: AgentId,
    /// Who asks.
    pub call: CallId,
    /// Comes back with the answer.
    pub claim: u32,
}

/// Floor → shard: he is yours to ring, or why not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claimed {
    /// Whom.
    pub agent: AgentId,
    /// Who asked.
    pub call: CallId,
    /// Which asking this answers.
    pub claim: u32,
    /// His turn, and where he can be reached.
    pub outcome: Result<(u64, Vec<AgentContact>), NotClaimed>,
}

/// Shard → floor: by which of this trunk's SBCs can a call go out now? Answered by [`Ways`], or lost; the call waits for it two seconds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AskWays {
    /// Which.
    pub trunk: TrunkId,
    /// Who asks.
    pub call: CallId,
    /// Comes back with the answer.
    pub ask: u32,
}

/// Floor → shard: by these, the first one first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ways {
    /// Who asked.
    pub call: CallId,
    /// Which asking this answers.
    pub ask: u32,
    /// None if the trunk has no SBC.
    pub ways: Vec<WayOut>,
}

/// By which SBC a call goes out.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WayOut {
    /// Where.
    pub at: SocketAddr,
    /// By which transport.
    pub flow: FlowId,
    /// What the registrar there wants it to pass (Service-Route, RFC 3608), nearest first.
    pub routes: Vec<String>,
}

/// Why an agent cannot be had.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotClaimed {
    /// No telephone of his is registered.
    LoggedOut,
    /// He is rung, talks, or finishes what a call left behind.
    Busy,
    /// His telephone did not answer or failed a moment ago.
    Away,
}

/// Where an agent's telephone is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AgentContact {
    /// What to put into the Request-URI.
    pub uri: String,
    /// Where to send it.
    pub address: SocketAddr,
    /// By which connection.
    pub flow: FlowId,
}

/// Shard → floor. Each is a fact with a turn; a late one changes nothing.
#[derive(Debug)]
pub enum ToFloor {
    /// The matcher gave a match into this thread's hand: tell both sides.
    Taken {
        /// The match.
        met: Match,
        /// When it was made: who came to rest later could not be chosen.
        at: Instant,
    },
    /// The matcher says that an agent who asked to leave has left.
    Left(switchboard_matcher::Chair),
    /// A call wants this very agent.
    Claim(Claim),
    /// A call wants to go out by a trunk.
    AskWays(AskWays),
    /// He picked up.
    PickedUp {
        /// Who.
        agent: AgentId,
        /// In which turn.
        turn: u64,
        /// For which call.
        call: CallId,
    },
    /// The ringing ended without a conversation.
    RingEnded {
        /// Who.
        agent: AgentId,
        /// In which turn.
        turn: u64,
        /// How.
        end: RingEnd,
    },
    /// The conversation is over.
    TalkOver {
        /// Who.
        agent: AgentId,
        /// In which turn.
        turn: u64,
    },
}
