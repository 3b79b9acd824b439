//! The caller talks to a number outside to which an agent has given him on. No agent is in the call any more.
//!
//! `Transferring | Consulting | Conferring => Outside`, `Outside => Over`
use super::ending::end;
use super::{Body, CallEvent, State};
use crate::effects::{Effects, Party};
use serde::{Deserialize, Serialize};
use switchboard_model::Cause;

/// Caller and a number outside.
#[derive(Debug, Serialize, Deserialize)]
pub struct Outside;

impl Outside {
    /// The one outside has picked up, and the agent is gone.
    pub fn enter(body: &mut Body, fx: &mut Effects<'_>) -> State {
        assert!(body.holdings.agent.is_none(), "{:?} was given on and still has an agent", fx.call);
        State::Outside(Outside)
    }

    /// Whoever hangs up ends the other's leg too.
    pub fn on(self, event: CallEvent, body: &mut Body, fx: &mut Effects<'_>) -> State {
        match event {
            CallEvent::Gone(Party::Caller, _) => {
                end(body, State::Outside(self), Cause::CallerDone, Some(Party::Caller), fx)
            }
            CallEvent::Gone(Party::Second, _) => {
                end(body, State::Outside(self), Cause::OutsideDone, Some(Party::Second), fx)
            }
            // Of no meaning here.
            CallEvent::Gone(Party::Agent, _)
            | CallEvent::Desk(_)
            | CallEvent::Timeout
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
            | CallEvent::End(_) => State::Outside(self),
        }
    }
}
