//! What happens at an agent's desk while he has a call: his orders, his telephone's REFER, and the second party he brings in.
//!
//! ```text
//!   Act ───────────────┐                    ask ─► floor: Claim ─► Claimed ─► INVITE ─► 180 ─► 200
//!   REFER (RFC 3515) ──┴─► the state          │ not free, no answer, refused
//!                                             └──► given up: the state says what then
//! ```
//! The second party is the same in every state that has one: lent a port, rung, joined or given up here. Which state comes next
//! is not decided here.
use super::Body;
use super::destination::{destination, is_self};
use super::dial::{Dialled, dial};
use super::way_out::WaysLeft;
use crate::command::CallOrder;
use crate::config::planted;
use crate::effects::{Effects, Party};
use crate::holdings::{AgentLeg, Second, Who};
use crate::input::{Claim, Claimed, ToFloor, Ways};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use switchboard_model::{AgentId, Destination, HungUp, Instant, RingEnd, What};
use switchboard_wire::sdp;

/// One thing that happened at a desk.
#[derive(Debug)]
pub enum DeskEvent {
    /// The agent orders.
    Act {
        /// The agent of the call, or the second one.
        by: Party,
        /// What.
        act: CallOrder,
    },
    /// His telephone sends the caller elsewhere.
    Refer {
        /// Where.
        to: String,
    },
    /// The floor's word about an agent who was asked for.
    Claimed(Claimed),
    /// The floor's word about the SBCs by which a number outside can be called.
    Ways(Ways),
    /// The second party's telephone says something provisional.
    Progress(u16),
    /// The second party picked up.
    Answered(Option<Bytes>),
    /// The second party's telephone refused, with what a 3xx leads to.
    Refused(u16, Vec<String>),
}

/// The second party is being rung.
#[derive(Debug, Serialize, Deserialize)]
pub struct Calling {
    /// When the ringing ends.
    until: Instant,
    /// When one who has said nothing is given up; none once he has.
    silent_until: Option<Instant>,
    /// For a number outside: what is left to try.
    left: Option<Box<WaysLeft>>,
}

/// How long the floor's word about a colleague is waited for: it comes in microseconds, or was lost.
const CLAIM_WITHIN: Duration = Duration::from_secs(2);

/// What became of the second party's ringing.
pub enum Outcome {
    /// It goes on.
    Calling(Calling),
    /// He picked up.
    Answered,
    /// He did not; he is given up already.
    Failed(RingEnd),
}

/// Begins to bring somebody in; or says why that cannot be.
pub fn ask(whom: &Destination, body: &mut Body, fx: &mut Effects<'_>) -> Result<Calling, String> {
    assert!(body.holdings.second.is_none(), "{:?} has a second party already", fx.call);
    let slot = fx.ports.lend(&mut fx.counters.port_cursor).ok_or("no RTP port is free; try again")?;
    let (who, left) = match whom {
        Destination::Agent(agent) => {
            let claim = fx.new_claim();
            fx.tell_floor(ToFloor::Claim(Claim { agent: *agent, call: fx.call, claim }));
            (Who::Agent { agent: *agent, claim, turn: None }, None)
        }
        Destination::Outside(number) => match WaysLeft::ask(number, &body.facts, fx) {
            Ok(left) => (Who::Outside(number.clone()), Some(Box::new(left))),
            Err(why) => {
                fx.ports.give_back(slot);
                return Err(why);
            }
        },
        Destination::Queue(queue) => unreachable!("{:?} brings in queue {queue}", fx.call),
    };
    body.holdings.second = Some(Second { who, slot, leg: None, connected: None, ringing_told: false });
    let mut calling = Calling { until: fx.now + CLAIM_WITHIN, silent_until: None, left };
    if calling.left.as_ref().is_some_and(|left| !left.is_asked()) {
        assert!(calling.ring_outside(body, fx), "a gateway is one way");
    }
    Ok(calling)
}

impl Calling {
    fn rung(fx: &Effects<'_>) -> Calling {
        Calling {
            until: fx.now + fx.config.rules.ring_max,
            silent_until: Some(fx.now + fx.config.limits.unreachable_after),
            left: None,
        }
    }

    /// Rings the number outside, for the first time or once more by another way; false if no way is left.
    fn ring_outside(&mut self, body: &mut Body, fx: &mut Effects<'_>) -> bool {
        let left = self.left.as_ref().expect("only a number outside is rung by ways");
        let Some(dialled) = left.dialled(&body.facts, fx) else { return false };
        let second = body.holdings.second.as_mut().expect("who calls somebody holds him");
        if second.leg.is_none() {
            self.until = fx.now + fx.config.outside.ring_max;
        }
        if let Some(dialog) = second.leg.take().and_then(|leg| leg.dialog) {
            // If he is gone already, there is nothing to cancel.
            fx.index.dialogs.remove(&dialog);
            fx.sip.cancel(fx.now, dialog, None);
        }
        second.leg = Some(dial(Some(dialled), Party::Second, second.slot, fx));
        self.silent_until = Some(fx.now + fx.config.limits.unreachable_after);
        true
    }

    /// The floor has said by which SBCs the number can be called.
    pub fn ways(mut self, ways: Ways, body: &mut Body, fx: &mut Effects<'_>) -> Outcome {
        let ours = self.left.as_mut().is_some_and(|left| left.answered(ways.ask, ways.ways));
        match ours && !self.ring_outside(body, fx) {
            true => self.failed(RingEnd::Unreachable, None, body, fx),
            false => Outcome::Calling(self),
        }
    }

    /// When it is given up.
    pub fn deadline(&self) -> Instant {
        self.silent_until.map_or(self.until, |at| at.min(self.until))
    }

    /// The floor has spoken.
    pub fn claimed(self, claimed: Claimed, body: &mut Body, fx: &mut Effects<'_>) -> Outcome {
        let second = body.holdings.second.as_mut().expect("who calls somebody holds him");
        let Who::Agent { agent, claim, turn } = &mut second.who else {
            give_back(&claimed, fx);
            return Outcome::Calling(self);
        };
        if *claim != claimed.claim || turn.is_some() {
            give_back(&claimed, fx);
            return Outcome::Calling(self);
        }
        let (agent, slot) = (*agent, second.slot);
        match claimed.outcome {
            Err(_) => {
                give_up(RingEnd::Busy, None, body, fx);
                Outcome::Failed(RingEnd::Busy)
            }
            Ok((his_turn, contacts)) => {
                *turn = Some(his_turn);
                let whom = contacts
                    .into_iter()
                    .next()
                    .map(|contact| Dialled::agent(contact, body.facts.queue, &body.facts, fx.config));
                let nowhere = whom.is_none();
                let leg = dial(whom, Party::Second, slot, fx);
                body.holdings.second.as_mut().expect("just read").leg = Some(leg);
                if nowhere {
                    give_up(RingEnd::Unreachable, None, body, fx);
                    return Outcome::Failed(RingEnd::Unreachable);
                }
                let _ = agent;
                Outcome::Calling(Calling::rung(fx))
            }
        }
    }

    /// His telephone says something provisional.
    pub fn progress(self, code: u16) -> Outcome {
        // An SBC that says 100 lives, and somebody behind it takes his time; a telephone that says no more than that is none.
        let silent_until = if code > 100 || self.left.is_some() { None } else { self.silent_until };
        Outcome::Calling(Calling { silent_until, ..self })
    }

    /// He picked up, if his answer can be used.
    pub fn answered(self, sdp: Option<Bytes>, body: &mut Body, fx: &mut Effects<'_>) -> Outcome {
        let second = body.holdings.second.as_mut().expect("who rings is held");
        let leg = second.leg.as_mut().expect("who answers was rung");
        let offer = leg.offered.take().expect("our INVITE had an offer");
        let Some(negotiated) = sdp.and_then(|answer| sdp::read_answer(&offer, &answer).ok()) else {
            give_up(RingEnd::DeviceFault, None, body, fx);
            return Outcome::Failed(RingEnd::DeviceFault);
        };
        leg.negotiated = Some(negotiated);
        if let Who::Agent { agent, turn: Some(turn), .. } = second.who {
            fx.tell_floor(ToFloor::PickedUp { agent, turn, call: fx.call });
        }
        Outcome::Answered
    }

    /// His telephone refused.
    pub fn refused(mut self, code: u16, contacts: Vec<String>, body: &mut Body, fx: &mut Effects<'_>) -> Outcome {
        let more = match (&mut self.left, code) {
            (None, _) => false,
            (Some(left), 408 | 503) => left.next_way(),
            // A target that does not do gives its place to the next of the same redirection.
            (Some(left), _) => left.next_target(contacts, fx),
        };
        if more && self.ring_outside(body, fx) {
            return Outcome::Calling(self);
        }
        self.failed(super::ringing::ring_end(code), None, body, fx)
    }

    /// His time is over.
    pub fn timed_out(mut self, body: &mut Body, fx: &mut Effects<'_>) -> Outcome {
        let silent = self.until > fx.now && self.silent_until.is_some_and(|at| at <= fx.now);
        if silent && self.left.as_mut().is_some_and(|left| left.next_way()) && self.ring_outside(body, fx) {
            return Outcome::Calling(self);
        }
        let end = match (&body.holdings.second, self.silent_until) {
            // Not even the floor has spoken.
            (Some(Second { leg: None, .. }), _) | (_, Some(_)) => RingEnd::Unreachable,
            (_, None) => RingEnd::NoAnswer,
        };
        self.failed(end, None, body, fx)
    }

    /// It ends without a conversation. `gone`: his dialog is gone already.
    pub fn failed(self, end: RingEnd, gone: Option<Party>, body: &mut Body, fx: &mut Effects<'_>) -> Outcome {
        give_up(end, gone, body, fx);
        Outcome::Failed(end)
    }
}

/// An agent was claimed for somebody who no longer wants him.
pub fn give_back(claimed: &Claimed, fx: &mut Effects<'_>) {
    if let Ok((turn, _)) = &claimed.outcome {
        fx.tell_floor(ToFloor::RingEnded { agent: claimed.agent, turn: *turn, end: RingEnd::CallerLeft });
    }
}

/// The second party goes, whether rung or talking. `end` is how his ringing ended, if that was what he did.
pub fn give_up(end: RingEnd, gone: Option<Party>, body: &mut Body, fx: &mut Effects<'_>) {
    let Some(Second { who, slot, leg, connected, ringing_told }) = body.holdings.second.take() else { return };
    let talked = leg.as_ref().is_some_and(|l| l.negotiated.is_some());
    if let Some(dialog) = leg.as_ref().and_then(|l| l.dialog) {
        fx.index.dialogs.remove(&dialog);
        match (gone == Some(Party::Second), talked, end) {
            (true, _, _) | (false, false, RingEnd::Rejected | RingEnd::Busy) => {}
            (false, true, _) | (false, false, RingEnd::DeviceFault) => fx.sip.bye(fx.now, dialog, None),
            (false, false, RingEnd::NoAnswer | RingEnd::CallerLeft | RingEnd::Unreachable) => {
                fx.sip.cancel(fx.now, dialog, None);
            }
        }
    }
    if let Who::Agent { agent, turn: Some(turn), .. } = who {
        if ringing_told {
            fx.emit(What::RingEnded { agent, end });
        }
        if let Some(connected) = connected {
            let talk_ms = fx.now.ms_since(connected);
            let hung_up = if gone == Some(Party::Second) { HungUp::Agent } else { HungUp::System };
            fx.emit(What::TalkEnded { agent, talk_ms, hung_up });
        }
        match talked {
            true => fx.tell_floor(ToFloor::TalkOver { agent, turn }),
            false if planted!(fx.config, KeepsClaim) => {}
            false => fx.tell_floor(ToFloor::RingEnded { agent, turn, end }),
        }
    }
    fx.ports.give_back(slot);
}

/// The agent leaves the call, which goes on without him.
pub fn release_agent(gone: Option<Party>, hung_up: HungUp, body: &mut Body, fx: &mut Effects<'_>) {
    let Some(AgentLeg { agent, turn, leg, connected }) = body.holdings.agent.take() else { return };
    if let Some(dialog) = leg.dialog {
        fx.index.dialogs.remove(&dialog);
        if gone != Some(Party::Agent) {
            fx.sip.bye(fx.now, dialog, None);
        }
    }
    if let Some(connected) = connected {
        fx.emit(What::TalkEnded { agent, talk_ms: fx.now.ms_since(connected), hung_up });
    }
    fx.tell_floor(ToFloor::TalkOver { agent, turn });
}

/// The second party, an agent, becomes the call's agent; there is none other any more. None if he is a number outside.
pub fn promote<'b>(body: &'b mut Body, fx: &mut Effects<'_>) -> Option<&'b AgentLeg> {
    assert!(body.holdings.agent.is_none(), "{:?} has two agents", fx.call);
    let second = body.holdings.second.take().expect("who takes over is there");
    let (agent, turn) = match &second.who {
        Who::Agent { agent, turn, .. } => (*agent, turn.expect("who has answered has a turn")),
        Who::Outside(_) => {
            body.holdings.second = Some(second);
            return None;
        }
    };
    let leg = second.leg.expect("who has answered has a leg");
    if let Some(dialog) = leg.dialog {
        fx.index.dialogs.insert(dialog, (fx.call, Party::Agent));
    }
    fx.ports.give_back(body.holdings.agent_slot);
    body.holdings.agent_slot = second.slot;
    body.holdings.agent = Some(AgentLeg { agent, turn, leg, connected: second.connected });
    body.holdings.agent.as_ref()
}

/// Where the agent's word leads, if this call can be sent there.
pub fn lead(word: &str, agent: AgentId, body: &Body, fx: &Effects<'_>) -> Result<Destination, String> {
    let to = destination(word, fx.config)?;
    if is_self(&to, agent) {
        return Err("an agent cannot be sent his own call".to_owned());
    }
    if let Destination::Queue(queue) = to
        && fx.config.layout.line(queue, body.facts.language).is_none()
    {
        return Err(format!("queue `{word}` is not served in the caller's language"));
    }
    Ok(to)
}

/// Who the second party is.
pub fn destination_of(who: &Who) -> Destination {
    match who {
        Who::Agent { agent, .. } => Destination::Agent(*agent),
        Who::Outside(number) => Destination::Outside(number.clone()),
    }
}
