//! The agent asks somebody; the caller hears music and never the two of them (闭音).
//!
//! `Talking | Held => Consulting`, `Consulting => Talking | Conferring | Transferring | Greeting | Outside | Over`
//!
//! ```text
//!   enter ── rings (the agent hears it ring) ──200──► they speak ── back ──► Talking, with the caller
//!                │ busy, no answer                      ├── conference ────► Conferring
//!                ▼                                      └── complete, or the agent hangs up ──► the other has the caller
//!             Talking                    complete while it rings: Transferring
//! ```
use super::conferring::Conferring;
use super::desk::{Calling, DeskEvent, Outcome, ask, give_up};
use super::ending::end;
use super::order::hand_over;
use super::talking::Talking;
use super::transferring::Transferring;
use super::{Body, CallEvent, State};
use crate::command::CallOrder;
use crate::effects::{Effects, Party};
use serde::{Deserialize, Serialize};
use switchboard_model::{Cause, Destination, HandEnd, Handing, Instant, QueueId, RingEnd, What};

/// The agent speaks with somebody else, or tries to.
#[derive(Debug, Serialize, Deserialize)]
pub struct Consulting {
    queue: QueueId,
    with: Destination,
    stage: Stage,
}

#[derive(Debug, Serialize, Deserialize)]
enum Stage {
    /// The other is rung.
    Calling(Calling),
    /// They speak.
    Speaking { since: Instant, until: Instant },
}

impl Consulting {
    /// Out of a conversation or a hold; or why it cannot be.
    pub fn enter(queue: QueueId, with: Destination, body: &mut Body, fx: &mut Effects<'_>) -> Result<State, String> {
        let calling = ask(&with, body, fx)?;
        let agent = body.holdings.agent.as_ref().expect("who asks is there").agent;
        fx.emit(What::ConsultStarted { agent, with: with.clone() });
        Ok(State::Consulting(Consulting { queue, with, stage: Stage::Calling(calling) }))
    }

    /// From which queue the caller came.
    pub fn queue(&self) -> QueueId {
        self.queue
    }
    /// Whether they speak already.
    pub fn speaks(&self) -> bool {
        matches!(self.stage, Stage::Speaking { .. })
    }
    /// When the ringing is given up, or the caller has waited long enough for the two.
    pub fn deadline(&self) -> Instant {
        match &self.stage {
            Stage::Calling(calling) => calling.deadline(),
            Stage::Speaking { until, .. } => *until,
        }
    }
    /// It ends, whatever follows.
    pub fn close(&self, end: HandEnd, body: &Body, fx: &mut Effects<'_>) {
        let Some(agent) = &body.holdings.agent else { return };
        let (consult_ms, end) = match self.stage {
            Stage::Speaking { since, .. } => (fx.now.ms_since(since), HandEnd::Done),
            Stage::Calling(_) => (0, end),
        };
        fx.emit(What::ConsultEnded { agent: agent.agent, with: self.with.clone(), consult_ms, end });
    }

    /// See the module.
    pub fn on(self, event: CallEvent, body: &mut Body, fx: &mut Effects<'_>) -> State {
        match event {
            CallEvent::Desk(DeskEvent::Act { by, act }) => self.ordered(by, act, body, fx),
            CallEvent::Gone(Party::Agent, _) => self.complete(Some(Party::Agent), body, fx),
            CallEvent::Gone(Party::Second, _) => self.back(RingEnd::DeviceFault, Some(Party::Second), body, fx),
            CallEvent::Gone(Party::Caller, _) => {
                end(body, State::Consulting(self), Cause::CallerDone, Some(Party::Caller), fx)
            }
            CallEvent::Timeout if self.speaks() => self.back(RingEnd::CallerLeft, None, body, fx),
            CallEvent::Timeout => self.calling(body, fx, |calling, body, fx| calling.timed_out(body, fx)),
            CallEvent::Desk(DeskEvent::Claimed(claimed)) => {
                self.calling(body, fx, |calling, body, fx| calling.claimed(claimed, body, fx))
            }
            CallEvent::Desk(DeskEvent::Progress(code)) => {
                self.calling(body, fx, |calling, _, _| calling.progress(code))
            }
            CallEvent::Desk(DeskEvent::Answered(sdp)) => {
                self.calling(body, fx, |calling, body, fx| calling.answered(sdp, body, fx))
            }
            CallEvent::Desk(DeskEvent::Ways(ways)) => {
                self.calling(body, fx, |calling, body, fx| calling.ways(ways, body, fx))
            }
            CallEvent::Desk(DeskEvent::Refused(code, contacts)) => {
                self.calling(body, fx, |calling, body, fx| calling.refused(code, contacts, body, fx))
            }
            // Of no meaning here.
            CallEvent::Desk(DeskEvent::Refer { .. })
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
            | CallEvent::End(_) => State::Consulting(self),
        }
    }

    fn ordered(self, by: Party, act: CallOrder, body: &mut Body, fx: &mut Effects<'_>) -> State {
        match (by, act) {
            (Party::Agent, CallOrder::Back) => {
                fx.did(Ok(()));
                self.back(RingEnd::CallerLeft, None, body, fx)
            }
            (Party::Agent, CallOrder::Complete | CallOrder::HangUp) => {
                fx.did(Ok(()));
                self.complete(None, body, fx)
            }
            (Party::Agent, CallOrder::Conference) if self.speaks() => {
                fx.did(Ok(()));
                self.close(HandEnd::Done, body, fx);
                Conferring::enter(self.queue, self.with, body, fx)
            }
            (Party::Second, CallOrder::HangUp) => {
                fx.did(Ok(()));
                self.back(RingEnd::CallerLeft, None, body, fx)
            }
            (Party::Agent | Party::Second | Party::Caller, _) => State::Consulting(self),
        }
    }

    /// The ringing goes on, or ends in one of two ways.
    fn calling(
        self,
        body: &mut Body,
        fx: &mut Effects<'_>,
        step: impl FnOnce(Calling, &mut Body, &mut Effects<'_>) -> Outcome,
    ) -> State {
        let Consulting { queue, with, stage } = self;
        let Stage::Calling(calling) = stage else { return State::Consulting(Consulting { queue, with, stage }) };
        match step(calling, body, fx) {
            Outcome::Calling(calling) => State::Consulting(Consulting { queue, with, stage: Stage::Calling(calling) }),
            Outcome::Answered => {
                let agent = body.holdings.agent.as_ref().expect("who asks is there").agent;
                fx.emit(What::ConsultAnswered { agent, with: with.clone() });
                let stage = Stage::Speaking { since: fx.now, until: fx.now + fx.config.limits.consult_max };
                State::Consulting(Consulting { queue, with, stage })
            }
            Outcome::Failed(why) => {
                let agent = body.holdings.agent.as_ref().expect("who asks is there").agent;
                fx.emit(What::ConsultEnded { agent, with, consult_ms: 0, end: why.into() });
                Talking::back(queue)
            }
        }
    }

    fn back(self, end: RingEnd, gone: Option<Party>, body: &mut Body, fx: &mut Effects<'_>) -> State {
        let how = if gone.is_some() { end.into() } else { HandEnd::Withdrawn };
        self.close(how, body, fx);
        give_up(end, gone, body, fx);
        Talking::back(self.queue)
    }

    fn complete(self, gone: Option<Party>, body: &mut Body, fx: &mut Effects<'_>) -> State {
        self.close(HandEnd::Withdrawn, body, fx);
        match self.stage {
            Stage::Speaking { .. } => hand_over(self.queue, Handing::Attended, gone, body, fx),
            Stage::Calling(calling) => Transferring::go_on(self.queue, calling, gone, body, fx),
        }
    }
}
