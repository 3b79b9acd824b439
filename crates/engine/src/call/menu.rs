//! The caller is in the menus: an interpreter of a proved menu leads him.
//!
//! `Menu => Waiting | Over`
use super::ending::{end, free};
use super::waiting::Waiting;
use super::{Body, CallEvent, State};
use crate::effects::{Effects, Party};
use serde::{Deserialize, Serialize};
use switchboard_ivr::{Exit, Input, Interpreter, Output};
use switchboard_media::Hears;
use switchboard_model::{Cause, Digit, Instant, PromptId, What};
use switchboard_sip::EndedWhy;

/// In the menus.
#[derive(Debug, Serialize, Deserialize)]
pub struct InMenu {
    interpreter: Interpreter,
    /// He has asked for a person and found the queue full; now he hears what the menu says to that.
    found_full: bool,
    playing: Option<(u32, Vec<PromptId>)>,
}

impl InMenu {
    /// `Arriving => Menu | Waiting`, with the keys that were pressed before it began.
    pub fn enter(menu: &str, typed: &[Digit], body: &mut Body, fx: &mut Effects<'_>) -> State {
        let visitor = fx.config.visitor(&body.facts.from);
        let interpreter = Interpreter::enter(&fx.config.menus, menu, visitor)
            .expect("the configuration was checked: a number leads to a menu that is");
        let mut state = InMenu { interpreter, found_full: false, playing: None }.step(Input::Start, body, fx);
        for digit in typed {
            state = match state {
                State::Menu(menu) => menu.step(Input::Digit(*digit), body, fx),
                elsewhere => elsewhere,
            };
        }
        state
    }

    /// The queue was full: he stays in the menu he came from, which says what then.
    pub fn queue_is_full(body: &mut Body, fx: &mut Effects<'_>) -> State {
        let menu = body.facts.menu.clone();
        match Interpreter::queue_full(&fx.config.menus, &menu, body.facts.language) {
            Some(interpreter) => InMenu { interpreter, found_full: true, playing: None }.step(Input::Start, body, fx),
            // A menu that is proved says what happens; one that says nothing ends the call with a busy cause.
            None => free(body, Cause::QueueFull, None, fx),
        }
    }

    /// What the caller hears of it.
    pub fn hears(&self) -> Hears {
        match &self.playing {
            Some((play, list)) => Hears::Prompts { play: *play, list: list.clone() },
            None => Hears::Nothing,
        }
    }

    /// When the caller has been silent for too long.
    pub fn deadline(&self) -> Option<Instant> {
        self.interpreter.next_timeout()
    }

    /// `Menu => Menu | Waiting | Over`
    pub fn on(self, event: CallEvent, body: &mut Body, fx: &mut Effects<'_>) -> State {
        match event {
            CallEvent::Digit(Party::Caller, digit) => self.step(Input::Digit(digit), body, fx),
            CallEvent::PromptsDone(Party::Caller, play) => self.step(Input::PromptsDone { play }, body, fx),
            CallEvent::Timeout => self.step(Input::Timeout, body, fx),
            CallEvent::Gone(Party::Caller, EndedWhy::Bye { .. }) => {
                // Who has asked for a person and hears that the queue is full has not left the menu: he was turned away.
                let cause = if self.found_full { Cause::QueueFull } else { Cause::LeftInMenu };
                end(body, State::Menu(self), cause, Some(Party::Caller), fx)
            }
            // Of no meaning here: there is no agent, and the answer has long been sent.
            CallEvent::Gone(..)
            | CallEvent::Digit(Party::Agent | Party::Second, _)
            | CallEvent::PromptsDone(Party::Agent | Party::Second, _)
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
            | CallEvent::End(_) => State::Menu(self),
        }
    }

    fn step(mut self, input: Input, body: &mut Body, fx: &mut Effects<'_>) -> State {
        self.interpreter.handle(&fx.config.menus, fx.now, input);
        while let Some(output) = self.interpreter.poll() {
            match output {
                Output::Play { play, prompts } => self.playing = Some((play, prompts)),
                Output::Stop => self.playing = None,
                Output::Entered { menu, language } => {
                    body.facts.language = language;
                    body.facts.menu.clone_from(&menu);
                    fx.emit(What::MenuEntered { menu, language });
                }
                Output::Chose { menu, key } => fx.emit(What::MenuChoice { menu, key }),
                Output::Leave(Exit::Queue { queue, language, by }) => {
                    let queue = fx.config.queue_named(&queue).expect("the menu was proved: its queues exist").queue.id;
                    body.facts.language = language;
                    // The clock of the wait starts once, at the first request.
                    if body.facts.human_request.is_none() {
                        body.facts.human_request = Some(fx.now);
                        fx.emit(What::HumanRequested { queue, by });
                    }
                    return Waiting::enter(queue, body, fx);
                }
                // No back-end answers to this name: it has failed, and the menu says what then.
                Output::Serve { .. } => {
                    self.playing = None;
                    self.interpreter.handle(&fx.config.menus, fx.now, Input::Served { ok: false });
                }
                Output::Leave(exit @ (Exit::Voicemail { .. } | Exit::Callback { .. })) => {
                    unreachable!("no menu with {exit:?} was compiled: it is not among the engine's abilities")
                }
                Output::Leave(Exit::HangUp) => {
                    let cause = if self.found_full { Cause::QueueFull } else { Cause::MenuDone };
                    return end(body, State::Menu(self), cause, None, fx);
                }
            }
        }
        State::Menu(self)
    }
}
