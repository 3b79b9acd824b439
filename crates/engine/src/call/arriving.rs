//! An INVITE has come by a trunk: which menu, which codec, and is there room?
//!
//! `INVITE => Arriving`
//!
//! ```text
//!   INVITE ──► admitted? menu? port? codec? ──yes──► 180, if the trunk wants to hear it ring ──► 200 ──ACK──► Menu
//!                        └──no──► the cause's SIP status, Over                └─CANCEL─► Over
//! ```
use super::ending::end;
use super::menu::InMenu;
use super::{Body, CallEvent, Facts, State, legs};
use crate::config::Trunk;
use crate::effects::{Effects, Party};
use crate::holdings::{Holdings, Leg};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use switchboard_model::{Cause, Digit, Instant, Number, What};
use switchboard_sip::{DialogId, EndedWhy, InviteFacts};
use switchboard_wire::sdp;

/// Not yet acknowledged.
#[derive(Debug, Serialize, Deserialize)]
pub struct Arriving {
    menu: String,
    /// Our answer's SDP and when it is sent; none once it has been.
    alerting: Option<(Bytes, Instant)>,
    /// Keys that came before the ACK: it may be lost and said again while the caller already hears us.
    typed: Vec<Digit>,
}

/// What a caller who says nothing is taken to have said (RFC 3261 §8.1.1.6).
const FORWARDS: u8 = 70;
/// Keys kept; more than a menu needs is a mistake.
const TYPED_MAX: usize = 8;

/// An INVITE that a trunk sent.
pub struct Newcomer<'a> {
    /// Its dialog.
    pub dialog: DialogId,
    /// By which trunk.
    pub trunk: &'a Trunk,
    /// What its headers say.
    pub invite: &'a InviteFacts,
    /// Its offer, if it had one.
    pub offer: Option<Bytes>,
    /// Why it cannot be admitted, if it cannot.
    pub refused: Option<Cause>,
}

/// Why a call is not admitted, and what was wrong with its offer, if that was it.
struct Refused {
    cause: Cause,
    offer: Option<sdp::SdpError>,
}

impl From<Cause> for Refused {
    fn from(cause: Cause) -> Refused {
        Refused { cause, offer: None }
    }
}

impl Arriving {
    /// A new call. Returns its body (if it holds anything that must be given back) and its first state.
    pub fn enter(new: &Newcomer<'_>, fx: &mut Effects<'_>) -> Option<(Body, State)> {
        let trunk = new.trunk;
        let caller = new.invite.p_asserted_identity.as_deref().unwrap_or(&new.invite.from_user);
        let facts = Facts {
            id: fx.call,
            trunk: trunk.id,
            from: Number::read(caller, &trunk.country, &trunk.area),
            withheld: new.invite.withholds_identity(),
            dialled: Number::read(&new.invite.request_user, &trunk.country, &trunk.area),
            first_dialled: new.invite.first_dialled.as_ref().map(|n| Number::read(n, &trunk.country, &trunk.area)),
            arrived: fx.now,
            answered: None,
            human_request: None,
            queue: None,
            language: fx.config.languages[0],
            menu: String::new(),
            waited_ms: None,
            verified: None,
            verify_locked: false,
            place: None,
            told: super::Told::default(),
            rings: 0,
            max_forwards: new.invite.max_forwards.map_or(FORWARDS, |n| n.min(255) as u8),
        };
        fx.emit(What::Arrived {
            trunk: trunk.id,
            from: facts.from.clone(),
            dialled: facts.dialled.clone(),
            first_dialled: facts.first_dialled.clone(),
            sip_call_id: new.invite.call_id.clone(),
        });
        match Self::admit(new, fx) {
            Ok((menu, leg, agent_slot, answer)) => {
                let holdings = Holdings { caller: leg, agent: None, second: None, agent_slot, entry: None, met: None };
                fx.index.dialogs.insert(new.dialog, (fx.call, Party::Caller));
                let mut body = Body { facts, holdings };
                let mut arriving =
                    Arriving { menu, alerting: Some((answer, fx.now + trunk.answer_after)), typed: vec![] };
                if trunk.answer_after.is_zero() {
                    arriving.answer(&mut body, fx);
                } else {
                    fx.sip.progress(fx.now, new.dialog, 180, None);
                }
                Some((body, State::Arriving(arriving)))
            }
            Err(Refused { cause, offer }) => {
                let mut headers = vec![("Reason", format!("Q.850;cause={}", cause.row().q850))];
                headers.extend(offer.as_ref().map(|e| legs::warning(e, fx)));
                let mut code = cause.row().sip;
                if cause == Cause::Overload {
                    code = trunk.overload.code;
                    headers.extend(trunk.overload.retry_after_s.map(|s| ("Retry-After", s.to_string())));
                }
                fx.sip.reject(fx.now, new.dialog, code, &headers);
                fx.emit(What::Ended { cause, queue: None, wait_ms: None });
                None
            }
        }
    }

    fn admit(new: &Newcomer<'_>, fx: &mut Effects<'_>) -> Result<(String, Leg, u32, Bytes), Refused> {
        if let Some(cause) = new.refused {
            return Err(cause.into());
        }
        let menu = new.trunk.menu_of(&new.invite.request_user).ok_or(Cause::NoRoute)?.to_owned();
        let slot = fx.ports.lend(&mut fx.counters.port_cursor).ok_or(Cause::NoPort)?;
        let Some(agent_slot) = fx.ports.lend(&mut fx.counters.port_cursor) else {
            fx.ports.give_back(slot);
            return Err(Cause::NoPort.into());
        };
        let stream = fx.new_stream(slot);
        let mut leg = Leg {
            dialog: Some(new.dialog),
            stream,
            local: fx.ports.address(slot),
            negotiated: None,
            sdp_id: fx.now.millis(),
            sdp_version: 1,
            offered: None,
            keys_by: None,
        };
        let answer = match &new.offer {
            None => {
                let offer = sdp::offer(leg.local, leg.sdp_id, leg.sdp_version);
                leg.offered = Some(offer.clone());
                offer
            }
            Some(offer) => match sdp::answer(offer, leg.local, leg.sdp_id, leg.sdp_version) {
                Ok((answer, negotiated)) => {
                    leg.negotiated = Some(negotiated);
                    answer
                }
                Err(why) => {
                    fx.ports.give_back(slot);
                    fx.ports.give_back(agent_slot);
                    return Err(Refused { cause: Cause::NoCodec, offer: Some(why) });
                }
            },
        };
        Ok((menu, leg, agent_slot, answer))
    }

    /// When it answers.
    pub fn deadline(&self) -> Option<Instant> {
        self.alerting.as_ref().map(|(_, at)| *at)
    }

    fn answer(&mut self, body: &mut Body, fx: &mut Effects<'_>) {
        let (Some((sdp, _)), Some(dialog)) = (self.alerting.take(), body.holdings.caller.dialog) else { return };
        // A caller who has gone in this very moment is told of by the endpoint.
        let _ = fx.sip.answer(fx.now, dialog, sdp);
        body.facts.answered = Some(fx.now);
        fx.emit(What::Answered);
    }

    /// `Arriving => Menu | Waiting | Over`
    pub fn on(mut self, event: CallEvent, body: &mut Body, fx: &mut Effects<'_>) -> State {
        match event {
            CallEvent::Acked { sdp } => {
                legs::take_answer(&mut body.holdings.caller, sdp);
                if body.holdings.caller.negotiated.is_none() {
                    return end(body, State::Arriving(self), Cause::NoCodec, None, fx);
                }
                InMenu::enter(&self.menu, &self.typed, body, fx)
            }
            CallEvent::Cancelled => end(body, State::Arriving(self), Cause::CallerCancelled, Some(Party::Caller), fx),
            CallEvent::Gone(Party::Caller, EndedWhy::Bye { .. }) => {
                end(body, State::Arriving(self), Cause::LeftInMenu, Some(Party::Caller), fx)
            }
            CallEvent::Digit(Party::Caller, digit) => {
                if self.typed.len() < TYPED_MAX {
                    self.typed.push(digit);
                }
                State::Arriving(self)
            }
            CallEvent::Timeout => {
                self.answer(body, fx);
                State::Arriving(self)
            }
            // Of no meaning before the call has begun.
            CallEvent::Gone(..)
            | CallEvent::Digit(Party::Agent | Party::Second, _)
            | CallEvent::PromptsDone(..)
            | CallEvent::Matched(_)
            | CallEvent::AgentProgress(_)
            | CallEvent::AgentAnswered(_)
            | CallEvent::AgentRefused(_)
            | CallEvent::Reoffer(..)
            | CallEvent::ReofferAnswered(..)
            | CallEvent::Silent(_)
            | CallEvent::LookedUp(..)
            | CallEvent::Desk(_)
            | CallEvent::End(_) => State::Arriving(self),
        }
    }
}
