//! What a call holds, beside its state: should the state be lost to a panic, exactly this is freed.
//!
//! ```text
//!   caller leg ── dialog, stream          entry ── place in a line        met ── the right to ring an agent
//!   agent leg  ── dialog, stream, agent's turn
//! ```
//! `met` is the matcher's value and derived: it is not written, and made anew after a restart.
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use switchboard_matcher::{Entry, Match};
use switchboard_model::{AgentId, Language, QueueId, StreamId};
use switchboard_sip::DialogId;
use switchboard_wire::sdp::Negotiated;

/// Everything that must be given back when the call is over.
#[derive(Debug, Serialize, Deserialize)]
pub struct Holdings {
    /// The caller's leg.
    pub caller: Leg,
    /// The agent's leg, while one is rung or talks.
    pub agent: Option<AgentLeg>,
    /// The second port, lent with the call so that an agent can always be rung.
    pub agent_slot: u32,
    /// The place in a queue: resting, or held by a match.
    pub entry: Option<EntryHold>,
    /// The right to ring: there while an agent is rung.
    #[serde(skip)]
    pub met: Option<Match>,
}

/// One party's dialog and stream.
#[derive(Debug, Serialize, Deserialize)]
pub struct Leg {
    /// SIP's side; none once it is gone.
    pub dialog: Option<DialogId>,
    /// The RTP port lent to it.
    pub stream: StreamId,
    /// That port's address, as our SDP says it.
    pub local: SocketAddr,
    /// What was agreed; none before that.
    pub negotiated: Option<Negotiated>,
    /// SDP's `o=` session id.
    pub sdp_id: u64,
    /// SDP's `o=` version, of the last SDP we sent.
    pub sdp_version: u64,
    /// Our offer that is not answered yet.
    pub offered: Option<Bytes>,
}

impl Leg {
    /// Whether this party has us on hold: it does not want to hear us.
    pub fn holds_us(&self) -> bool {
        use switchboard_wire::sdp::Direction::{Inactive, RecvOnly, SendOnly, SendRecv};
        match self.negotiated.as_ref().map(|n| n.direction) {
            Some(RecvOnly | Inactive) => true,
            Some(SendRecv | SendOnly) | None => false,
        }
    }
}

/// The agent's leg.
#[derive(Debug, Serialize, Deserialize)]
pub struct AgentLeg {
    /// Who.
    pub agent: AgentId,
    /// Which turn of his.
    pub turn: u64,
    /// His dialog and stream.
    pub leg: Leg,
}

/// A place in a queue.
#[derive(Debug, Serialize, Deserialize)]
pub struct EntryHold {
    /// In which queue.
    pub queue: QueueId,
    /// In which language.
    pub language: Language,
    /// The overflow step.
    pub step: u8,
    /// The place itself.
    pub key: u64,
    /// The matcher's handle: derived, made anew after a restart.
    #[serde(skip)]
    pub handle: Option<Entry>,
}
