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
use super::dial::{Dialled, dial, shown_number};
use crate::command::CallOrder;
use crate::config::planted;
use crate::effects::{Effects, Party};
use crate::holdings::{AgentLeg, Second, Who};
use crate::input::{Claim, Claimed, ToFloor};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use switchboard_model::{AgentId, Destination, FlowId, HungUp, Instant, RingEnd, What};
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
    /// The second party's telephone says something provisional.
    Progress(u16),
    /// The second party picked up.
    Answered(Option<Bytes>),
    /// The second party's telephone refused.
    Refused(u16),
}

/// The second party is being rung.
#[derive(Debug, Serialize, Deserialize)]
pub struct Calling {
    /// When the ringing ends.
    until: Instant,
    /// When one who has said nothing is given up; none once he has.
    silent_until: Option<Instant>,
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
    let (who, leg) = match whom {
        Destination::Agent(agent) => {
            let claim = fx.new_claim();
            fx.tell_floor(ToFloor::Claim(Claim { agent: *agent, call: fx.call, claim }));
            (Who::Agent { agent: *agent, claim, turn: None }, None)
        }
        Destination::Outside(number) => {
            let gateway = fx.config.outside.gateway.expect("who allows a number outside has named a gateway");
            let dialled = Dialled {
                uri: format!("sip:{}@{gateway}", number.raw),
                address: gateway,
                flow: FlowId(0),
                shown: fx.config.outside.shown.clone(),
            };
            (Who::Outside(number.clone()), Some(dial(Some(dialled), Party::Second, slot, fx)))
        }
        Destination::Queue(queue) => unreachable!("{:?} brings in queue {queue}", fx.call),
    };
    let claims = leg.is_none();
    body.holdings.second = Some(Second { who, slot, leg, connected: None, ringing_told: false });
    Ok(match claims {
        true => Calling { until: fx.now + CLAIM_WITHIN, silent_until: None },
        false => Calling::rung(fx),
    })
}

impl Calling {
    fn rung(fx: &Effects<'_>) -> Calling {
        Calling {
            until: fx.now + fx.config.rules.ring_max,
            silent_until: Some(fx.now + fx.config.limits.unreachable_after),
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
                let shown = shown_number(&body.facts.from, body.facts.withheld);
                let whom = contacts.into_iter().next().map(|contact| Dialled {
                    uri: contact.uri,
                    address: contact.address,
                    flow: contact.flow,
                    shown,
                });
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
        let silent_until = if code > 100 { None } else { self.silent_until };
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
    pub fn refused(self, code: u16, body: &mut Body, fx: &mut Effects<'_>) -> Outcome {
        self.failed(super::ringing::ring_end(code), None, body, fx)
    }

    /// His time is over.
    pub fn timed_out(self, body: &mut Body, fx: &mut Effects<'_>) -> Outcome {
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
