//! The agent has put the caller on hold: music, until he takes him back.
//!
//! `Held => Talking | Transferring | Consulting | Verifying | Waiting | Over`
//!
//! ```text
//!   Talking ──hold──► Held ── retrieve, or the longest hold is over ──► Talking
//!                       └── transfer, consult, hang up: as out of a conversation
//! ```
//! A telephone that holds by itself, by re-INVITE, is not this: that is the direction of its stream, and the call stays in
//! `Talking` (see `hearing`).
use super::desk::DeskEvent;
use super::ending::end;
use super::order::order;
use super::talking::Talking;
use super::{Body, CallEvent, State};
use crate::command::CallOrder;
use crate::effects::{Effects, Party};
use serde::{Deserialize, Serialize};
use switchboard_model::{Cause, Instant, QueueId, What};
use switchboard_sip::EndedWhy;

/// On hold.
#[derive(Debug, Serialize, Deserialize)]
pub struct Held {
    queue: QueueId,
    since: Instant,
    until: Instant,
}

impl Held {
    /// `Talking => Held`
    pub fn enter(queue: QueueId, body: &mut Body, fx: &mut Effects<'_>) -> State {
        let agent = body.holdings.agent.as_ref().expect("who holds is there").agent;
        fx.emit(What::Held { agent });
        State::Held(Held { queue, since: fx.now, until: fx.now + fx.config.limits.hold_max })
    }

    /// For which queue.
    pub fn queue(&self) -> QueueId {
        self.queue
    }
    /// When the caller comes back by himself.
    pub fn deadline(&self) -> Instant {
        self.until
    }

    /// The hold is over, whatever follows.
    pub fn close(&self, body: &Body, fx: &mut Effects<'_>) {
        if let Some(agent) = &body.holdings.agent {
            fx.emit(What::Retrieved { agent: agent.agent, held_ms: fx.now.ms_since(self.since) });
        }
    }

    /// See the module.
    pub fn on(self, event: CallEvent, body: &mut Body, fx: &mut Effects<'_>) -> State {
        match event {
            CallEvent::Desk(DeskEvent::Act { by: Party::Agent, act: CallOrder::Retrieve }) => {
                fx.did(Ok(()));
                self.close(body, fx);
                Talking::back(self.queue)
            }
            CallEvent::Timeout => {
                self.close(body, fx);
                Talking::back(self.queue)
            }
            CallEvent::Desk(DeskEvent::Act { by: Party::Agent, act }) => {
                order(self.queue, act, false, State::Held(self), body, fx)
            }
            CallEvent::Desk(DeskEvent::Refer { to }) => {
                order(self.queue, CallOrder::Transfer { to }, true, State::Held(self), body, fx)
            }
            CallEvent::Gone(Party::Caller, EndedWhy::Bye { .. }) => {
                end(body, State::Held(self), Cause::CallerDone, Some(Party::Caller), fx)
            }
            CallEvent::Gone(Party::Agent, EndedWhy::Bye { .. }) => {
                end(body, State::Held(self), Cause::AgentDone, Some(Party::Agent), fx)
            }
            // Of no meaning here.
            CallEvent::Gone(..)
            | CallEvent::Desk(_)
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
            | CallEvent::End(_) => State::Held(self),
        }
    }
}
