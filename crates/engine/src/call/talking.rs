//! Caller and agent talk. Whoever hangs up ends the other's leg too.
//!
//! `Talking => Held | Transferring | Consulting | Verifying | Waiting | Over`
use super::desk::DeskEvent;
use super::ending::end;
use super::order::order;
use super::{Body, CallEvent, State};
use crate::command::CallOrder;
use crate::effects::{Effects, Party};
use serde::{Deserialize, Serialize};
use switchboard_model::{Cause, QueueId, What};
use switchboard_sip::EndedWhy;

/// They talk.
#[derive(Debug, Serialize, Deserialize)]
pub struct Talking {
    queue: QueueId,
}

impl Talking {
    /// `Ringing | Greeting => Talking`
    pub fn enter(queue: QueueId, body: &mut Body, fx: &mut Effects<'_>) -> State {
        let agent = body.holdings.agent.as_ref().expect("who talks has an agent").agent;
        body.holdings.agent.as_mut().expect("just read").connected = Some(fx.now);
        fx.emit(What::Connected { agent });
        State::Talking(Talking { queue })
    }

    /// They talked before, and talk again: `Held | Transferring | Consulting | Conferring => Talking`
    pub fn back(queue: QueueId) -> State {
        State::Talking(Talking { queue })
    }

    /// For which queue.
    pub fn queue(&self) -> QueueId {
        self.queue
    }

    /// `Talking => Held | Transferring | Consulting | Verifying | Waiting | Over`
    pub fn on(self, event: CallEvent, body: &mut Body, fx: &mut Effects<'_>) -> State {
        match event {
            CallEvent::Gone(Party::Caller, EndedWhy::Bye { .. }) => {
                end(body, State::Talking(self), Cause::CallerDone, Some(Party::Caller), fx)
            }
            CallEvent::Gone(Party::Agent, EndedWhy::Bye { .. }) => {
                end(body, State::Talking(self), Cause::AgentDone, Some(Party::Agent), fx)
            }
            CallEvent::Desk(DeskEvent::Act { by: Party::Agent, act }) => {
                order(self.queue, act, false, State::Talking(self), body, fx)
            }
            CallEvent::Desk(DeskEvent::Refer { to }) => {
                order(self.queue, CallOrder::Transfer { to }, true, State::Talking(self), body, fx)
            }
            // Of no meaning here; keys are forwarded by the media thread.
            CallEvent::Gone(..)
            | CallEvent::Digit(..)
            | CallEvent::PromptsDone(..)
            | CallEvent::Timeout
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
            | CallEvent::Desk(_)
            | CallEvent::End(_) => State::Talking(self),
        }
    }
}
