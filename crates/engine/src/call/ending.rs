//! Every call comes through here once, and leaves nothing behind.
//!
//! `Arriving | Menu | Waiting | Ringing | Greeting | Talking | Held | Transferring | Consulting | Conferring | Verifying | Outside => Over`, `Waiting | Ringing => Ending`, `Ending => Over`, `panic => Over`
//!
//! ```text
//!   end(cause) ── frees what is held ──► Over
//!                     │ the place was just matched, by another thread
//!                     ▼
//!                  Ending ── the match arrives, or its deadline ──► Over        nobody is rung for a caller who has gone
//! ```
use super::desk::give_up;
use super::ringing::stop_ringing;
use super::{Body, CallEvent, State};
use crate::config::planted;
use crate::effects::{Effects, Party};
use crate::holdings::{AgentLeg, Holdings};
use crate::input::ToFloor;
use serde::{Deserialize, Serialize};
use switchboard_matcher::Withdrawn;
use switchboard_model::{Cause, Instant, RingEnd, What};

/// Over, but a match is on its way.
#[derive(Debug, Serialize, Deserialize)]
pub struct Ending {
    until: Instant,
}

impl Ending {
    /// When it is over in any case.
    pub fn deadline(&self) -> Instant {
        self.until
    }

    /// `Ending => Over`
    pub fn on(self, event: CallEvent, body: &mut Body, fx: &mut Effects<'_>) -> State {
        match event {
            CallEvent::Matched(matched) => {
                let _ = fx.matcher.finish(matched.met);
                fx.tell_floor(ToFloor::RingEnded {
                    agent: matched.agent,
                    turn: matched.turn,
                    end: RingEnd::CallerLeft,
                });
                forget_entry(&mut body.holdings, fx);
                State::Over
            }
            CallEvent::Timeout => {
                forget_entry(&mut body.holdings, fx);
                State::Over
            }
            // Of no meaning here: both legs are gone.
            CallEvent::Gone(..)
            | CallEvent::Digit(..)
            | CallEvent::PromptsDone(..)
            | CallEvent::Acked { .. }
            | CallEvent::Cancelled
            | CallEvent::AgentProgress(_)
            | CallEvent::AgentAnswered(_)
            | CallEvent::AgentRefused(_)
            | CallEvent::Reoffer(..)
            | CallEvent::ReofferAnswered(..)
            | CallEvent::Silent(_)
            | CallEvent::LookedUp(..)
            | CallEvent::Desk(_)
            | CallEvent::End(_) => State::Ending(self),
        }
    }
}

/// Ends a call. `gone` is the party whose dialog is already gone.
pub fn end(body: &mut Body, state: State, cause: Cause, gone: Option<Party>, fx: &mut Effects<'_>) -> State {
    if matches!(state, State::Ending(_) | State::Over) {
        return state;
    }
    state.close(body, fx);
    free(body, cause, gone, fx)
}

/// Frees exactly what is held, and tells of the end. Serves the orderly end and the one after a panic alike.
pub fn free(body: &mut Body, cause: Cause, gone: Option<Party>, fx: &mut Effects<'_>) -> State {
    free_caller(body, cause, gone, fx);
    let mut owed = false;
    if let Some(met) = body.holdings.met.take() {
        let _ = fx.matcher.finish(met);
        forget_entry(&mut body.holdings, fx);
        if body.holdings.agent.is_some() {
            let end = if gone == Some(Party::Agent) { RingEnd::DeviceFault } else { RingEnd::CallerLeft };
            stop_ringing(end, body, fx);
        }
    } else if planted!(fx.config, GhostInQueue) {
        forget_entry(&mut body.holdings, fx);
    } else if let Some(entry) = &body.holdings.entry {
        let handle = entry.handle.expect("a place is known to the matcher");
        match fx.matcher.withdraw(handle) {
            Withdrawn::Withdrawn => forget_entry(&mut body.holdings, fx),
            Withdrawn::Met => owed = true,
            Withdrawn::Stale => unreachable!("{:?} withdrew a place that was no longer its own: {entry:?}", fx.call),
        }
    }
    give_up(RingEnd::CallerLeft, gone, body, fx);
    if let Some(AgentLeg { agent, turn, leg, connected }) = body.holdings.agent.take() {
        if let Some(dialog) = leg.dialog {
            fx.index.dialogs.remove(&dialog);
            if gone != Some(Party::Agent) {
                fx.sip.bye(fx.now, dialog, Some((cause.row().q850, cause.word().to_owned())));
            }
        }
        if let Some(connected) = connected {
            let talk_ms = fx.now.ms_since(connected);
            fx.emit(What::TalkEnded { agent, talk_ms, hung_up: cause.row().hung_up });
        }
        if !planted!(fx.config, ForgetsTalkOver) {
            fx.tell_floor(ToFloor::TalkOver { agent, turn });
        }
    }
    if !planted!(fx.config, KeepsPorts) {
        fx.ports.give_back(body.holdings.caller.stream.slot);
        fx.ports.give_back(body.holdings.agent_slot);
    }
    let wait_ms = body.facts.wait_ms(fx.now);
    if !(planted!(fx.config, SilentAbandon) && cause == Cause::AbandonedWaiting) {
        fx.emit(What::Ended { cause, queue: body.facts.queue, wait_ms });
    }
    if owed {
        return State::Ending(Ending { until: fx.now + fx.config.limits.release_within });
    }
    State::Over
}

fn free_caller(body: &mut Body, cause: Cause, gone: Option<Party>, fx: &mut Effects<'_>) {
    let Some(dialog) = body.holdings.caller.dialog.take() else { return };
    fx.index.dialogs.remove(&dialog);
    if gone == Some(Party::Caller) || (planted!(fx.config, NoCascade) && gone == Some(Party::Agent)) {
        return;
    }
    let row = cause.row();
    if body.facts.answered.is_some() {
        fx.sip.bye(fx.now, dialog, Some((row.q850, row.word.to_owned())));
    } else {
        fx.sip.reject(fx.now, dialog, row.sip, &[("Reason", format!("Q.850;cause={}", row.q850))]);
    }
}

fn forget_entry(holdings: &mut Holdings, fx: &mut Effects<'_>) {
    if let Some(entry) = holdings.entry.take() {
        fx.index.keys.remove(&entry.key);
    }
}
