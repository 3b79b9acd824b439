//! An agent's telephone rings for this caller, who hears music until somebody speaks to him.
//!
//! `Ringing => Greeting | Talking | Waiting | Over`
//!
//! ```text
//!   INVITE ──180──► three rings ──200──► Greeting        The right to ring (`met`) is held from the first to the last
//!     │               │ no answer                        moment here, and given up on leaving: finished when he picks
//!     │ nothing       ▼                                  up or the caller leaves, put back when he does not.
//!     └─────────► Waiting, at the old place
//! ```
use super::dial::{Dialled, dial};
use super::ending::end;
use super::greeting::Greeting;
use super::waiting::Waiting;
use super::{Body, CallEvent, State};
use crate::config::planted;
use crate::effects::{Effects, Party};
use crate::holdings::AgentLeg;
use crate::input::{Matched, ToFloor};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use switchboard_model::{Cause, Instant, QueueId, RingEnd, What};
use switchboard_sip::EndedWhy;
use switchboard_wire::sdp;

/// An agent's telephone rings.
#[derive(Debug, Serialize, Deserialize)]
pub struct Ringing {
    queue: QueueId,
    /// Since when the caller waits in this queue.
    since: Instant,
    /// When the ringing ends.
    until: Instant,
    /// When a telephone that has said nothing is given up; none once it has.
    silent_until: Option<Instant>,
}

impl Ringing {
    /// `Waiting => Ringing | Waiting`
    pub fn enter(queue: QueueId, since: Instant, matched: Matched, body: &mut Body, fx: &mut Effects<'_>) -> State {
        let Matched { met, agent, turn, contacts } = matched;
        assert!(body.holdings.met.is_none(), "{:?} was matched twice", fx.call);
        body.holdings.met = Some(met);
        body.facts.rings += 1;
        fx.emit(What::Ringing { queue, agent, ring: body.facts.rings });
        let whom =
            contacts.into_iter().next().map(|contact| Dialled::agent(contact, Some(queue), &body.facts, fx.config));
        let leg = dial(whom, Party::Agent, body.holdings.agent_slot, fx);
        let dialog = leg.dialog;
        body.holdings.agent = Some(AgentLeg { agent, turn, leg, connected: None });
        let ringing = Ringing {
            queue,
            since,
            until: fx.now + fx.config.rules.ring_max,
            silent_until: Some(fx.now + fx.config.limits.unreachable_after),
        };
        match dialog {
            Some(_) => State::Ringing(ringing),
            None => ringing.next_agent(RingEnd::Unreachable, body, fx),
        }
    }

    /// For which queue.
    pub fn queue(&self) -> QueueId {
        self.queue
    }
    /// Since when the caller waits in this queue.
    pub fn since(&self) -> Instant {
        self.since
    }
    /// When it is the next agent's turn.
    pub fn deadline(&self) -> Instant {
        self.silent_until.map_or(self.until, |at| at.min(self.until))
    }

    /// `Ringing => Ringing | Greeting | Talking | Waiting | Over`
    pub fn on(self, event: CallEvent, body: &mut Body, fx: &mut Effects<'_>) -> State {
        match event {
            CallEvent::AgentProgress(code) if code > 100 => State::Ringing(Ringing { silent_until: None, ..self }),
            CallEvent::AgentProgress(_) => State::Ringing(self),
            CallEvent::AgentAnswered(sdp) => self.answered(sdp, body, fx),
            CallEvent::AgentRefused(code) => self.next_agent(ring_end(code), body, fx),
            CallEvent::Gone(Party::Agent, EndedWhy::Bye { .. }) => self.next_agent(RingEnd::DeviceFault, body, fx),
            CallEvent::Timeout => {
                let end = if self.silent_until.is_some() { RingEnd::Unreachable } else { RingEnd::NoAnswer };
                self.next_agent(end, body, fx)
            }
            CallEvent::Gone(Party::Caller, EndedWhy::Bye { .. }) => {
                end(body, State::Ringing(self), Cause::AbandonedRinging, Some(Party::Caller), fx)
            }
            CallEvent::Matched(second) => {
                unreachable!("{:?} holds a match and was given a second one: {second:?}", fx.call)
            }
            // Of no meaning here.
            CallEvent::Gone(..)
            | CallEvent::Digit(..)
            | CallEvent::PromptsDone(..)
            | CallEvent::Acked { .. }
            | CallEvent::Cancelled
            | CallEvent::Reoffer(..)
            | CallEvent::ReofferAnswered(..)
            | CallEvent::Silent(_)
            | CallEvent::LookedUp(..)
            | CallEvent::Desk(_)
            | CallEvent::End(_) => State::Ringing(self),
        }
    }

    fn answered(self, sdp: Option<Bytes>, body: &mut Body, fx: &mut Effects<'_>) -> State {
        let agent = body.holdings.agent.as_mut().expect("who rings has an agent");
        let offer = agent.leg.offered.take().expect("our INVITE had an offer");
        let Some(negotiated) = sdp.and_then(|answer| sdp::read_answer(&offer, &answer).ok()) else {
            return self.next_agent(RingEnd::DeviceFault, body, fx);
        };
        agent.leg.negotiated = Some(negotiated);
        let (agent, turn) = (agent.agent, agent.turn);
        let met = body.holdings.met.take().expect("who rings holds a match");
        let _ = fx.matcher.finish(met);
        let entry = body.holdings.entry.take().expect("who rings has a place");
        fx.index.keys.remove(&entry.key);
        fx.tell_floor(ToFloor::PickedUp { agent, turn, call: fx.call });
        let wait_ms = body.facts.wait_ms(fx.now).expect("who is rung for has asked for a person");
        body.facts.waited_ms = Some(wait_ms);
        fx.emit(What::PickedUp { queue: self.queue, agent, wait_ms });
        if planted!(fx.config, DoublePickUp) {
            fx.emit(What::PickedUp { queue: self.queue, agent, wait_ms });
        }
        Greeting::enter(self.queue, body, fx)
    }

    /// `Ringing => Waiting`: this agent did not answer; the caller keeps his place.
    fn next_agent(self, end: RingEnd, body: &mut Body, fx: &mut Effects<'_>) -> State {
        stop_ringing(end, body, fx);
        let met = body.holdings.met.take().expect("who rings holds a match");
        if planted!(fx.config, LosesPlace) {
            let _ = fx.matcher.finish(met);
            let old = body.holdings.entry.take().expect("who rings has a place");
            fx.index.keys.remove(&old.key);
            body.facts.place = None;
            return Waiting::enter(self.queue, body, fx);
        }
        let (handle, _) = fx.matcher.put_back(met, &mut Effects::sink(fx.out, fx.now));
        body.holdings.entry.as_mut().expect("who rings has a place").handle = Some(handle);
        Waiting::again(self.queue, self.since, body, fx)
    }
}

/// Ends the agent's leg and tells the floor how it ended. The match is the caller's business.
pub fn stop_ringing(end: RingEnd, body: &mut Body, fx: &mut Effects<'_>) {
    let AgentLeg { agent, turn, leg, .. } = body.holdings.agent.take().expect("who rings has an agent");
    if let Some(dialog) = leg.dialog {
        fx.index.dialogs.remove(&dialog);
        // A telephone that has already answered gets a BYE, one that rings a CANCEL; one that refused, nothing.
        match end {
            RingEnd::DeviceFault => fx.sip.bye(fx.now, dialog, None),
            RingEnd::CallerLeft if planted!(fx.config, RingsOn) => {}
            RingEnd::NoAnswer | RingEnd::CallerLeft | RingEnd::Unreachable => fx.sip.cancel(fx.now, dialog, None),
            RingEnd::Rejected | RingEnd::Busy => {}
        }
    }
    fx.emit(What::RingEnded { agent, end });
    fx.tell_floor(ToFloor::RingEnded { agent, turn, end });
}

/// What a refusal means.
pub fn ring_end(code: u16) -> RingEnd {
    match code {
        486 | 600 => RingEnd::Busy,
        603 | 403 | 607 => RingEnd::Rejected,
        404 | 408 | 410 | 430 | 480 | 503 | 504 => RingEnd::Unreachable,
        _ => RingEnd::DeviceFault,
    }
}
