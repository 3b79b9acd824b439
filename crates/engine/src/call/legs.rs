//! What is the same for both parties in every state: each leg negotiates alone, and a silent one is asked whether it lives.
//!
//! A re-INVITE is never relayed. RTP silence alone ends nothing: the party is sent a re-INVITE with the session as it is, and
//! only a party that does not answer is taken for lost.
use super::{Body, CallEvent};
use crate::effects::{Effects, Party};
use crate::holdings::Leg;
use bytes::Bytes;
use switchboard_model::Cause;
use switchboard_sip::EndedWhy;
use switchboard_wire::sdp;

/// What became of an event here.
pub enum Common {
    /// It is dealt with; the state stays.
    Done,
    /// A party is lost: the call ends for this cause; that party's dialog is gone.
    Lost(Cause, Party),
    /// It is the state's.
    TheStates(CallEvent),
}

/// Deals with what does not depend on the state.
/// `stays`: the call goes on without its agent.
pub fn common(event: CallEvent, stays: bool, body: &mut Body, fx: &mut Effects<'_>) -> Common {
    match event {
        CallEvent::Reoffer(party, sdp) => {
            if let Some(leg) = body.holdings.leg_mut(party) {
                answer_reoffer(leg, sdp, fx);
            }
            Common::Done
        }
        CallEvent::ReofferAnswered(party, sdp) => {
            if let Some(leg) = body.holdings.leg_mut(party) {
                take_answer(leg, sdp);
            }
            Common::Done
        }
        CallEvent::Silent(party) => {
            if let Some(leg) = body.holdings.leg_mut(party) {
                ask_whether_alive(leg, fx);
            }
            Common::Done
        }
        CallEvent::Gone(Party::Caller, EndedWhy::NoAck) => Common::Lost(Cause::NoAck, Party::Caller),
        CallEvent::Gone(Party::Caller, EndedWhy::NoResponse) => Common::Lost(Cause::CallerLost, Party::Caller),
        CallEvent::Gone(Party::Agent, EndedWhy::NoResponse | EndedWhy::NoAck) if !stays => {
            Common::Lost(Cause::AgentLost, Party::Agent)
        }
        CallEvent::Gone(Party::Caller, EndedWhy::Fault) => Common::Lost(Cause::Internal, Party::Caller),
        CallEvent::Gone(Party::Agent, EndedWhy::Fault) if !stays => Common::Lost(Cause::Internal, Party::Agent),
        event @ (CallEvent::Gone(..)
        | CallEvent::Acked { .. }
        | CallEvent::Cancelled
        | CallEvent::Digit(..)
        | CallEvent::PromptsDone(..)
        | CallEvent::Matched(_)
        | CallEvent::AgentProgress(_)
        | CallEvent::AgentAnswered(_)
        | CallEvent::AgentRefused(_)
        | CallEvent::Desk(_)
        | CallEvent::LookedUp(..)
        | CallEvent::Timeout
        | CallEvent::End(_)) => Common::TheStates(event),
    }
}

fn answer_reoffer(leg: &mut Leg, sdp: Option<Bytes>, fx: &mut Effects<'_>) {
    let Some(dialog) = leg.dialog else { return };
    leg.sdp_version += 1;
    let answer = match sdp {
        // A delayed offer: ours goes out in the 200, his answer comes in the ACK.
        None => {
            let offer = sdp::offer(leg.local, leg.sdp_id, leg.sdp_version);
            leg.offered = Some(offer.clone());
            Ok(offer)
        }
        Some(offer) => sdp::answer(&offer, leg.local, leg.sdp_id, leg.sdp_version).map(|(answer, negotiated)| {
            leg.negotiated = Some(negotiated);
            answer
        }),
    };
    match answer {
        // The dialog may have ended in this very moment; then its end follows.
        Ok(answer) => {
            let _ = fx.sip.answer(fx.now, dialog, answer);
        }
        // RFC 3261 §14.2: the session goes on as it was.
        Err(why) => {
            let warning = warning(&why, fx);
            fx.sip.reject(fx.now, dialog, 488, &[warning]);
        }
    }
}

/// What a 488 says about the offer it refuses (RFC 3261 §20.43, §21.4.26); who warns is the centre, by its realm.
pub fn warning(why: &sdp::SdpError, fx: &Effects<'_>) -> (&'static str, String) {
    let (code, text) = why.warning();
    ("Warning", format!("{code} {} \"{text}\"", fx.config.realm))
}

/// Reads the answer to our offer, if it is one; a session that cannot be read stays as it was.
pub fn take_answer(leg: &mut Leg, sdp: Option<Bytes>) {
    let Some(offer) = leg.offered.take() else { return };
    if let Some(negotiated) = sdp.and_then(|answer| sdp::read_answer(&offer, &answer).ok()) {
        leg.negotiated = Some(negotiated);
    }
}

fn ask_whether_alive(leg: &mut Leg, fx: &mut Effects<'_>) {
    if let (Some(dialog), Some(_), None) = (leg.dialog, &leg.negotiated, &leg.offered) {
        leg.sdp_version += 1;
        let offer = sdp::offer(leg.local, leg.sdp_id, leg.sdp_version);
        leg.offered = Some(offer.clone());
        fx.sip.reinvite(fx.now, dialog, offer);
    }
}
