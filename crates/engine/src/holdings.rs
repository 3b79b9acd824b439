//! What a call holds, beside its state: should the state be lost to a panic, exactly this is freed.
//!
//! ```text
//!   caller leg ── dialog, stream          entry ── place in a line        met ── the right to ring an agent
//!   agent leg  ── dialog, stream, agent's turn
//!   second     ── the same of one whom the agent brings in, with a port of his own
//! ```
//! `met` is the matcher's value and derived: it is not written, and made anew after a restart.
use crate::effects::Party;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use switchboard_matcher::{Entry, Match};
use switchboard_model::{AgentId, Instant, Language, Number, QueueId, StreamId};
use switchboard_sip::DialogId;
use switchboard_wire::sdp::Negotiated;

/// Everything that must be given back when the call is over.
#[derive(Debug, Serialize, Deserialize)]
pub struct Holdings {
    /// The caller's leg.
    pub caller: Leg,
    /// The agent's leg, while one is rung or talks.
    pub agent: Option<AgentLeg>,
    /// The one whom the agent brings in, or a number outside to which the caller was given on.
    pub second: Option<Second>,
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
    /// How its first key came.
    pub keys_by: Option<KeysBy>,
}

/// The two ways of a key. A gateway may use both for one press, so the first that is seen is the only one that counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum KeysBy {
    /// Telephone-events, or tones in the sound.
    Sound,
    /// SIP INFO.
    Info,
}

impl Holdings {
    /// A party's leg.
    pub fn leg_mut(&mut self, party: Party) -> Option<&mut Leg> {
        match party {
            Party::Caller => Some(&mut self.caller),
            Party::Agent => self.agent.as_mut().map(|a| &mut a.leg),
            Party::Second => self.second.as_mut().and_then(|s| s.leg.as_mut()),
        }
    }
}

impl Leg {
    /// Whether a key that came this way counts: INFO only where no telephone-events were agreed, and never both ways.
    pub fn takes_key(&mut self, by: KeysBy) -> bool {
        let events = self.negotiated.as_ref().is_some_and(|n| n.telephone_event.is_some());
        if by == KeysBy::Info && events {
            return false;
        }
        *self.keys_by.get_or_insert(by) == by
    }

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
    /// Since when sound flows between him and the caller.
    pub connected: Option<Instant>,
}

/// The one whom an agent brings in.
#[derive(Debug, Serialize, Deserialize)]
pub struct Second {
    /// Who.
    pub who: Who,
    /// The RTP port lent for him.
    pub slot: u32,
    /// His dialog and stream; none while the floor is asked for him.
    pub leg: Option<Leg>,
    /// Since when he and the caller hear each other.
    pub connected: Option<Instant>,
    /// Whether his telephone was told of as ringing for the caller, and the end of that not yet.
    pub ringing_told: bool,
}

/// Who is brought in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Who {
    /// A colleague.
    Agent {
        /// Who.
        agent: AgentId,
        /// Which asking of the floor.
        claim: u32,
        /// Which turn of his; none while the floor is asked.
        turn: Option<u64>,
    },
    /// A number outside.
    Outside(Number),
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

#[cfg(test)]
mod tests {
    use super::*;
    use switchboard_wire::sdp;

    #[test]
    fn a_key_counts_by_one_way_only() {
        use KeysBy::{Info, Sound};
        let local: SocketAddr = ([192, 0, 2, 1], 4000).into();
        let leg = |events: bool| {
            let lines = if events { " 101\r\na=rtpmap:101 telephone-event/8000" } else { "" };
            let offer = format!(
                "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 5000 RTP/AVP 8{lines}\r\n"
            );
            let (_, negotiated) = sdp::answer(offer.as_bytes(), local, 1, 1).expect("agreement");
            let stream = StreamId { slot: 0, generation: 1 };
            let negotiated = Some(negotiated);
            Leg { dialog: None, stream, local, negotiated, sdp_id: 1, sdp_version: 1, offered: None, keys_by: None }
        };
        let check = |events: bool, ways: &[KeysBy], taken: &[bool]| {
            let mut leg = leg(events);
            let got: Vec<bool> = ways.iter().map(|by| leg.takes_key(*by)).collect();
            assert_eq!(got, taken, "{events} {ways:?}");
        };
        check(true, &[Info, Sound, Info, Sound], &[false, true, false, true]);
        check(false, &[Info, Sound, Info], &[true, false, true]);
        check(false, &[Sound, Info, Sound], &[true, false, true]);
    }
}
