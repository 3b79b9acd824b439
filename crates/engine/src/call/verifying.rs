//! The agent has sent the caller to prove who he is, and keeps him (转IVR验密, Art. 32, Art. 35).
//!
//! `Talking | Held => Verifying`, `Verifying => Talking | Waiting | Over`
//!
//! ```text
//!   verify ──► the caller is asked; the agent hears nothing ── verified, refused, locked, down, silent ──► farewell ──► Talking
//!                 │ the agent goes: Waiting, at the old place; the caller goes: Over
//! ```
//! In the farewell, keys that were still being pressed fall on deaf ears: nobody hears them until the caller has stopped.
use super::desk::{DeskEvent, release_agent};
use super::ending::end;
use super::order::back_to_queue;
use super::talking::Talking;
use super::verify::{Step, Verified, Verify};
use super::{Body, CallEvent, State};
use crate::command::CallOrder;
use crate::effects::{Effects, Party};
use crate::lookup::Lookup;
use crate::output::Output;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use switchboard_media::Hears;
use switchboard_model::{Cause, HungUp, Instant, Language, QueueId, VerifyEnd, What};

/// The caller is asked for account and PIN.
#[derive(Debug, Serialize, Deserialize)]
pub struct Verifying {
    queue: QueueId,
    stage: Stage,
}

#[derive(Debug, Serialize, Deserialize)]
enum Stage {
    Asks(Verify),
    /// It is over, but a key may still come.
    Farewell {
        end: VerifyEnd,
        quiet_at: Instant,
    },
}

/// Who has pressed nothing for this long has stopped.
const QUIET: Duration = Duration::from_secs(2);
/// The farewell's play: no verification counts that far.
const FAREWELL: u32 = u32::MAX - 1;

impl Verifying {
    /// Out of a conversation or a hold; or why it cannot be.
    pub fn enter(queue: QueueId, body: &mut Body, fx: &mut Effects<'_>) -> Result<State, String> {
        if fx.config.verification.is_none() {
            return Err("no back-end for verification is configured: calls.yaml names none".to_owned());
        }
        if body.facts.verify_locked {
            return Err("the caller has failed too often in this call".to_owned());
        }
        let agent = body.holdings.agent.as_ref().expect("who sends him is there").agent;
        fx.emit(What::VerifyStarted { agent });
        Ok(State::Verifying(Verifying { queue, stage: Stage::Asks(Verify::begin(fx.now)) }))
    }

    /// From which queue he came.
    pub fn queue(&self) -> QueueId {
        self.queue
    }

    /// What the caller hears.
    pub fn hears(&self, language: Language, config: &crate::Config) -> Hears {
        let Some(verification) = &config.verification else { return Hears::Nothing };
        match &self.stage {
            Stage::Asks(verify) => match verify.prompts(language, verification) {
                Some((play, list)) => Hears::Prompts { play, list },
                None => Hears::Nothing,
            },
            Stage::Farewell { end: VerifyEnd::Verified, .. } => Hears::Nothing,
            Stage::Farewell { .. } => {
                let list = verification.failed.get(&language).copied().into_iter().collect();
                Hears::Prompts { play: FAREWELL, list }
            }
        }
    }

    /// When something is to be done.
    pub fn deadline(&self) -> Instant {
        match &self.stage {
            Stage::Asks(verify) => verify.deadline(),
            Stage::Farewell { quiet_at, .. } => *quiet_at,
        }
    }

    /// It ends with the call, or because the agent goes.
    pub fn close(&self, end: VerifyEnd, body: &Body, fx: &mut Effects<'_>) {
        if let (Stage::Asks(_), Some(agent)) = (&self.stage, &body.holdings.agent) {
            fx.emit(What::VerifyEnded { agent: agent.agent, end });
        }
    }

    /// See the module.
    pub fn on(self, event: CallEvent, body: &mut Body, fx: &mut Effects<'_>) -> State {
        match event {
            CallEvent::Digit(Party::Caller, digit) => {
                let (now, config) = (fx.now, fx.config);
                self.step(body, fx, |verify, fx| match &config.verification {
                    Some(v) => verify.digit(now, digit, v, || fx.new_claim()),
                    None => Step::Over(VerifyEnd::Down, None),
                })
            }
            CallEvent::LookedUp(id, answer) => {
                let (now, config) = (fx.now, fx.config);
                self.step(body, fx, |verify, _| match &config.verification {
                    Some(v) => verify.answered(now, id, answer, v),
                    None => Step::Over(VerifyEnd::Down, None),
                })
            }
            CallEvent::Timeout if matches!(self.stage, Stage::Farewell { .. }) => Talking::back(self.queue),
            CallEvent::Timeout => {
                let (now, config) = (fx.now, fx.config);
                self.step(body, fx, |verify, _| match &config.verification {
                    Some(v) => verify.timeout(now, v),
                    None => Step::Over(VerifyEnd::Down, None),
                })
            }
            CallEvent::Desk(DeskEvent::Act { by: Party::Agent, act: CallOrder::Back }) => {
                fx.did(Ok(()));
                self.close(VerifyEnd::Withdrawn, body, fx);
                farewell(self.queue, VerifyEnd::Withdrawn, fx)
            }
            CallEvent::Desk(DeskEvent::Act { by: Party::Agent, act: CallOrder::HangUp }) => {
                fx.did(Ok(()));
                end(body, State::Verifying(self), Cause::AgentDone, None, fx)
            }
            // He did not say goodbye to the caller, who is still speaking with a machine.
            CallEvent::Gone(Party::Agent, _) => {
                self.close(VerifyEnd::AgentLeft, body, fx);
                release_agent(Some(Party::Agent), HungUp::Agent, body, fx);
                back_to_queue(self.queue, body, fx)
            }
            CallEvent::Gone(Party::Caller, _) => {
                end(body, State::Verifying(self), Cause::CallerDone, Some(Party::Caller), fx)
            }
            // Of no meaning here: the agent's keys, and what else he orders.
            CallEvent::Gone(Party::Second, _)
            | CallEvent::Desk(_)
            | CallEvent::Digit(Party::Agent | Party::Second, _)
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
            | CallEvent::End(_) => State::Verifying(self),
        }
    }

    fn step(
        self,
        body: &mut Body,
        fx: &mut Effects<'_>,
        step: impl FnOnce(&mut Verify, &mut Effects<'_>) -> Step,
    ) -> State {
        let Verifying { queue, stage } = self;
        let mut verify = match stage {
            Stage::Asks(verify) => verify,
            // Whatever it was, it was a sign of life: he has not stopped yet.
            Stage::Farewell { end, .. } => {
                return State::Verifying(Verifying { queue, stage: Stage::Farewell { end, quiet_at: fx.now + QUIET } });
            }
        };
        match step(&mut verify, fx) {
            Step::Wait | Step::Play => State::Verifying(Verifying { queue, stage: Stage::Asks(verify) }),
            Step::Ask(question) => {
                let id = verify.lookup();
                let backend = fx.config.verification.as_ref().map(|v| v.backend.clone());
                let backend = backend.expect("who is asked for his PIN is asked by a back-end's leave");
                fx.out.push_back(Output::Lookup(Lookup { call: fx.call, id, backend, question }));
                State::Verifying(Verifying { queue, stage: Stage::Asks(verify) })
            }
            Step::Over(end, verified) => {
                let agent = body.holdings.agent.as_ref().expect("who sent him is there").agent;
                fx.emit(What::VerifyEnded { agent, end });
                body.facts.verify_locked |= end == VerifyEnd::Locked;
                keep(verified, body);
                farewell(queue, end, fx)
            }
        }
    }
}

fn keep(verified: Option<Verified>, body: &mut Body) {
    if verified.is_some() {
        body.facts.verified = verified;
    }
}

fn farewell(queue: QueueId, end: VerifyEnd, fx: &Effects<'_>) -> State {
    State::Verifying(Verifying { queue, stage: Stage::Farewell { end, quiet_at: fx.now + QUIET } })
}
