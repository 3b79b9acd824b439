//! Three who hear each other: caller, agent and the one he asked.
//!
//! `Consulting => Conferring`, `Conferring => Talking | Outside | Over`
//!
//! ```text
//!   the agent goes ──► Talking, with the other; Outside, if it is a number      the other goes ──► Talking      the caller goes ──► Over
//! ```
//! People talk here, so there is no deadline: it ends when one of them goes.
use super::desk::{DeskEvent, give_up};
use super::ending::end;
use super::order::hand_over;
use super::talking::Talking;
use super::{Body, CallEvent, State};
use crate::command::CallOrder;
use crate::effects::{Effects, Party};
use crate::holdings::Who;
use serde::{Deserialize, Serialize};
use switchboard_model::{Cause, Destination, Handing, QueueId, RingEnd, What};

/// Three talk.
#[derive(Debug, Serialize, Deserialize)]
pub struct Conferring {
    queue: QueueId,
}

impl Conferring {
    /// Out of a consultation.
    pub fn enter(queue: QueueId, with: Destination, body: &mut Body, fx: &mut Effects<'_>) -> State {
        let agent = body.holdings.agent.as_ref().expect("who invites is there").agent;
        fx.emit(What::Conferenced { agent, with });
        let second = body.holdings.second.as_mut().expect("who was asked is there");
        if let Who::Agent { agent, .. } = second.who {
            second.connected = Some(fx.now);
            fx.emit(What::Connected { agent });
        }
        State::Conferring(Conferring { queue })
    }

    /// From which queue the caller came.
    pub fn queue(&self) -> QueueId {
        self.queue
    }

    /// See the module.
    pub fn on(self, event: CallEvent, body: &mut Body, fx: &mut Effects<'_>) -> State {
        match event {
            CallEvent::Desk(DeskEvent::Act { by: Party::Agent, act: CallOrder::Complete | CallOrder::HangUp }) => {
                fx.did(Ok(()));
                hand_over(self.queue, Handing::Conference, None, body, fx)
            }
            CallEvent::Gone(Party::Agent, _) => {
                hand_over(self.queue, Handing::Conference, Some(Party::Agent), body, fx)
            }
            CallEvent::Desk(
                DeskEvent::Act { by: Party::Agent, act: CallOrder::Back }
                | DeskEvent::Act { by: Party::Second, act: CallOrder::HangUp },
            ) => {
                fx.did(Ok(()));
                give_up(RingEnd::CallerLeft, None, body, fx);
                Talking::back(self.queue)
            }
            CallEvent::Gone(Party::Second, _) => {
                give_up(RingEnd::CallerLeft, Some(Party::Second), body, fx);
                Talking::back(self.queue)
            }
            CallEvent::Gone(Party::Caller, _) => {
                end(body, State::Conferring(self), Cause::CallerDone, Some(Party::Caller), fx)
            }
            // Of no meaning here.
            CallEvent::Desk(_)
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
            | CallEvent::End(_) => State::Conferring(self),
        }
    }
}
