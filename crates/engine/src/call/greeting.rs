//! The agent has picked up; his ID is announced to both (报工号) before they talk.
//!
//! `Greeting => Talking | Over`
use super::ending::end;
use super::talking::Talking;
use super::{Body, CallEvent, State};
use crate::effects::{Effects, Party};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use switchboard_media::Hears;
use switchboard_model::{Cause, Instant, PromptId, QueueId, What};
use switchboard_sip::EndedWhy;

/// The agent's ID is announced.
#[derive(Debug, Serialize, Deserialize)]
pub struct Greeting {
    queue: QueueId,
    prompts: Vec<PromptId>,
    until: Instant,
}

/// The announcement's play id: no menu counts that far.
const PLAY: u32 = u32::MAX;

/// An ID is at most ten digits and two short phrases; they talk after this even if the media thread never says that it is done.
const ANNOUNCEMENT_MAX: Duration = Duration::from_secs(15);

impl Greeting {
    /// `Ringing | Transferring | Consulting => Greeting | Talking`
    pub fn enter(queue: QueueId, body: &mut Body, fx: &mut Effects<'_>) -> State {
        let agent = body.holdings.agent.as_ref().expect("who picked up is there").agent;
        let prompts = fx.config.agent(agent).announcement.get(&body.facts.language).cloned().unwrap_or_default();
        if !fx.config.queue(queue).announce_agent_id || prompts.is_empty() {
            return Talking::enter(queue, body, fx);
        }
        fx.emit(What::AgentIdAnnounced { agent });
        State::Greeting(Greeting { queue, prompts, until: fx.now + ANNOUNCEMENT_MAX })
    }

    /// What both hear.
    pub fn hears(&self) -> Hears {
        Hears::Prompts { play: PLAY, list: self.prompts.clone() }
    }
    /// When they talk anyway.
    pub fn deadline(&self) -> Instant {
        self.until
    }

    /// `Greeting => Talking | Over`
    pub fn on(self, event: CallEvent, body: &mut Body, fx: &mut Effects<'_>) -> State {
        match event {
            CallEvent::PromptsDone(Party::Caller, PLAY) | CallEvent::Timeout => Talking::enter(self.queue, body, fx),
            CallEvent::Gone(Party::Caller, EndedWhy::Bye { .. }) => {
                end(body, State::Greeting(self), Cause::CallerDone, Some(Party::Caller), fx)
            }
            CallEvent::Gone(Party::Agent, EndedWhy::Bye { .. }) => {
                end(body, State::Greeting(self), Cause::AgentDone, Some(Party::Agent), fx)
            }
            // Of no meaning here.
            CallEvent::Gone(..)
            | CallEvent::PromptsDone(..)
            | CallEvent::Digit(..)
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
            | CallEvent::End(_) => State::Greeting(self),
        }
    }
}
