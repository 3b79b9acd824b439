//! The caller is being given on, without a word between the two who give and take; he hears music.
//!
//! `Talking | Held | Consulting => Transferring`
//!
//! ```text
//!   enter ── the floor claims a colleague ── rings ──200──► Greeting ─► Talking, with the other        the agent is free
//!     │ by REFER: 202, NOTIFY 100             │                          Outside, for a number
//!     │                                       │ busy, no answer, unreachable, out of time
//!     └── the agent may hang up meanwhile     ▼
//!                               agent still there: Talking, with him      gone: Waiting, at the old place
//! ```
//! `Transferring => Greeting | Talking | Outside | Waiting | Over`
use super::desk::{Calling, DeskEvent, Outcome, ask, destination_of, give_up, release_agent};
use super::ending::{end, free};
use super::order::{back_to_queue, taken_over};
use super::talking::Talking;
use super::{Body, CallEvent, State};
use crate::command::CallOrder;
use crate::config::planted;
use crate::effects::{Effects, Party};
use crate::holdings::Who;
use serde::{Deserialize, Serialize};
use switchboard_model::{AgentId, Cause, Destination, HandEnd, Handing, HungUp, Instant, QueueId, RingEnd, What};

/// Given on, not yet taken.
#[derive(Debug, Serialize, Deserialize)]
pub struct Transferring {
    queue: QueueId,
    /// Who gives.
    by: AgentId,
    to: Destination,
    /// His telephone waits to be told how it ends (RFC 3515 §2.4.4).
    refer: bool,
    calling: Calling,
}

impl Transferring {
    /// Out of a conversation or a hold; or why it cannot be.
    pub fn enter(
        queue: QueueId,
        to: Destination,
        refer: bool,
        body: &mut Body,
        fx: &mut Effects<'_>,
    ) -> Result<State, String> {
        let calling = ask(&to, body, fx)?;
        let by = body.holdings.agent.as_ref().expect("who gives on is there").agent;
        fx.emit(What::TransferStarted { agent: by, to: to.clone(), how: Handing::Blind });
        Ok(State::Transferring(Transferring { queue, by, to, refer, calling }))
    }

    /// The one who consulted does not wait for the answer: he hands on what rings.
    pub fn go_on(
        queue: QueueId,
        calling: Calling,
        gone: Option<Party>,
        body: &mut Body,
        fx: &mut Effects<'_>,
    ) -> State {
        let by = body.holdings.agent.as_ref().expect("who gives on is there").agent;
        let to = destination_of(&body.holdings.second.as_ref().expect("who rings is held").who);
        fx.emit(What::TransferStarted { agent: by, to: to.clone(), how: Handing::Blind });
        release_agent(gone, HungUp::Agent, body, fx);
        tell_ringing(queue, body, fx);
        State::Transferring(Transferring { queue, by, to, refer: false, calling })
    }

    /// From which queue he came.
    pub fn queue(&self) -> QueueId {
        self.queue
    }
    /// When the other's ringing is given up.
    pub fn deadline(&self) -> Instant {
        self.calling.deadline()
    }
    /// It ends with the call.
    pub fn close(&self, fx: &mut Effects<'_>) {
        fx.emit(What::TransferEnded { agent: self.by, to: self.to.clone(), end: HandEnd::CallerLeft });
    }

    /// See the module.
    pub fn on(self, event: CallEvent, body: &mut Body, fx: &mut Effects<'_>) -> State {
        let Transferring { queue, by, to, refer, calling } = self;
        let outcome = match event {
            CallEvent::Desk(DeskEvent::Claimed(claimed)) => {
                let outcome = calling.claimed(claimed, body, fx);
                tell_ringing(queue, body, fx);
                outcome
            }
            CallEvent::Desk(DeskEvent::Progress(code)) => calling.progress(code),
            CallEvent::Desk(DeskEvent::Answered(sdp)) => calling.answered(sdp, body, fx),
            CallEvent::Desk(DeskEvent::Ways(ways)) => calling.ways(ways, body, fx),
            CallEvent::Desk(DeskEvent::Refused(code, contacts)) => calling.refused(code, contacts, body, fx),
            CallEvent::Gone(Party::Second, _) => calling.failed(RingEnd::DeviceFault, Some(Party::Second), body, fx),
            CallEvent::Timeout => calling.timed_out(body, fx),
            CallEvent::Desk(DeskEvent::Act { by: Party::Agent, act: CallOrder::Back }) => {
                fx.did(Ok(()));
                give_up(RingEnd::CallerLeft, None, body, fx);
                fx.emit(What::TransferEnded { agent: by, to, end: HandEnd::Withdrawn });
                tell_referrer(refer, 487, body, fx);
                return Talking::back(queue);
            }
            CallEvent::Desk(DeskEvent::Act { by: Party::Agent, act: CallOrder::HangUp }) => {
                fx.did(Ok(()));
                release_agent(None, HungUp::Agent, body, fx);
                Outcome::Calling(calling)
            }
            CallEvent::Gone(Party::Agent, _) => {
                release_agent(Some(Party::Agent), HungUp::Agent, body, fx);
                Outcome::Calling(calling)
            }
            CallEvent::Gone(Party::Caller, _) => {
                let state = State::Transferring(Transferring { queue, by, to, refer, calling });
                return end(body, state, Cause::CallerDone, Some(Party::Caller), fx);
            }
            // Of no meaning here.
            CallEvent::Desk(DeskEvent::Act { .. } | DeskEvent::Refer { .. })
            | CallEvent::Digit(..)
            | CallEvent::PromptsDone(..)
            | CallEvent::Acked { .. }
            | CallEvent::Cancelled
            | CallEvent::Matched(_)
            | CallEvent::AgentProgress(_)
            | CallEvent::AgentAnswered(_)
            | CallEvent::AgentRefused(_)
            | CallEvent::Reoffer(..)
            | CallEvent::ReofferAnswered(..)
            | CallEvent::Silent(_)
            | CallEvent::LookedUp(..)
            | CallEvent::End(_) => Outcome::Calling(calling),
        };
        match outcome {
            Outcome::Calling(calling) => State::Transferring(Transferring { queue, by, to, refer, calling }),
            Outcome::Answered => {
                let second = body.holdings.second.as_mut().expect("who answered is held");
                second.ringing_told = false;
                if let Who::Agent { agent, .. } = second.who {
                    let wait_ms = body.facts.wait_ms(fx.now).expect("who was picked up has asked for a person");
                    // Whoever gives on has let go before the other is told of as picked up.
                    tell_referrer(refer, 200, body, fx);
                    release_agent(None, HungUp::Agent, body, fx);
                    fx.emit(What::PickedUp { queue, agent, wait_ms });
                } else {
                    tell_referrer(refer, 200, body, fx);
                    release_agent(None, HungUp::Agent, body, fx);
                }
                taken_over(queue, by, to, body, fx)
            }
            Outcome::Failed(why) => {
                fx.emit(What::TransferEnded { agent: by, to, end: why.into() });
                tell_referrer(refer, sip_of(why), body, fx);
                match body.holdings.agent {
                    Some(_) => Talking::back(queue),
                    None if planted!(fx.config, DropsTransferred) => free(body, Cause::AgentDone, None, fx),
                    None => back_to_queue(queue, body, fx),
                }
            }
        }
    }
}

/// An agent's telephone rings for the caller: told once, and its end by whoever ends it.
fn tell_ringing(queue: QueueId, body: &mut Body, fx: &mut Effects<'_>) {
    let Some(second) = &mut body.holdings.second else { return };
    let Who::Agent { agent, turn: Some(_), .. } = second.who else { return };
    if !std::mem::replace(&mut second.ringing_told, true) {
        body.facts.rings += 1;
        fx.emit(What::Ringing { queue, agent, ring: body.facts.rings });
    }
}

fn tell_referrer(refer: bool, code: u16, body: &Body, fx: &mut Effects<'_>) {
    if refer && let Some(dialog) = body.holdings.agent.as_ref().and_then(|a| a.leg.dialog) {
        fx.sip.tell_referrer(fx.now, dialog, code);
    }
}

/// What the referring telephone is told (RFC 3515 §2.4.5).
fn sip_of(end: RingEnd) -> u16 {
    match end {
        RingEnd::NoAnswer => 408,
        RingEnd::Rejected => 603,
        RingEnd::Busy => 486,
        RingEnd::Unreachable => 480,
        RingEnd::DeviceFault => 500,
        RingEnd::CallerLeft => 487,
    }
}
