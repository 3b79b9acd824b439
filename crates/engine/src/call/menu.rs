//! The caller is in the menus: an interpreter of a proved menu leads him.
//!
//! `Menu => Waiting | Over`
use super::ending::{end, free};
use super::serving::{Moment, Serving, Step};
use super::waiting::Waiting;
use super::{Body, CallEvent, State};
use crate::Config;
use crate::effects::{Effects, Party};
use crate::lookup::{Backend, Lookup};
use crate::output;
use serde::{Deserialize, Serialize};
use switchboard_ivr::{Exit, Input, Interpreter, Menus, Output, Service};
use switchboard_media::Hears;
use switchboard_model::{Cause, Digit, Instant, Language, PromptId, ServeEnd, What};
use switchboard_sip::EndedWhy;

/// In the menus.
#[derive(Debug, Serialize, Deserialize)]
pub struct InMenu {
    interpreter: Interpreter,
    /// He has asked for a person and found the queue full; now he hears what the menu says to that.
    found_full: bool,
    playing: Option<(u32, Vec<PromptId>)>,
    /// What is being done for him, while the interpreter waits.
    serving: Option<Box<Serving>>,
}

/// A service's plays and questions have numbers beyond those of any interpreter.
const SERVICE_NUMBERS: u32 = 1 << 31;

impl InMenu {
    /// `Arriving => Menu | Waiting`, with the keys that were pressed before it began.
    pub fn enter(menu: &str, typed: &[Digit], body: &mut Body, fx: &mut Effects<'_>) -> State {
        let visitor = fx.config.visitor(&body.facts.from);
        let interpreter = Interpreter::enter(&fx.config.menus, menu, visitor)
            .expect("the configuration was checked: a number leads to a menu that is");
        let mut state =
            InMenu { interpreter, found_full: false, playing: None, serving: None }.step(Input::Start, body, fx);
        for digit in typed {
            state = match state {
                State::Menu(menu) => menu.on(CallEvent::Digit(Party::Caller, *digit), body, fx),
                elsewhere => elsewhere,
            };
        }
        state
    }

    /// The queue was full: he stays in the menu he came from, which says what then.
    pub fn queue_is_full(body: &mut Body, fx: &mut Effects<'_>) -> State {
        let menu = body.facts.menu.clone();
        match Interpreter::queue_full(&fx.config.menus, &menu, body.facts.language) {
            Some(interpreter) => {
                InMenu { interpreter, found_full: true, playing: None, serving: None }.step(Input::Start, body, fx)
            }
            // A menu that is proved says what happens; one that says nothing ends the call with a busy cause.
            None => free(body, Cause::QueueFull, None, fx),
        }
    }

    /// What the caller hears of it.
    pub fn hears(&self, language: Language, config: &Config) -> Hears {
        let playing = match &self.serving {
            Some(serving) => {
                self.offer(serving.service(), config).and_then(|(menus, s)| serving.prompts(&menus, &s, language))
            }
            None => self.playing.clone(),
        };
        playing.map_or(Hears::Nothing, |(play, list)| Hears::Prompts { play, list })
    }

    /// When the caller has been silent for too long, or the back-end.
    pub fn deadline(&self) -> Option<Instant> {
        self.serving.as_ref().map_or(self.interpreter.next_timeout(), |s| Some(s.deadline()))
    }

    /// It ends with the call.
    pub fn close(&self, fx: &mut Effects<'_>) {
        if let Some(serving) = &self.serving {
            fx.emit(What::Served { service: serving.service().to_owned(), end: ServeEnd::CallerLeft });
        }
    }

    /// `Menu => Menu | Waiting | Over`
    pub fn on(self, event: CallEvent, body: &mut Body, fx: &mut Effects<'_>) -> State {
        match event {
            CallEvent::Digit(Party::Caller, digit) if self.serving.is_some() => {
                self.serve(body, fx, |serving, at| serving.digit(at, digit))
            }
            CallEvent::Digit(Party::Caller, digit) => self.step(Input::Digit(digit), body, fx),
            CallEvent::PromptsDone(Party::Caller, play) if self.serving.is_some() => {
                self.serve(body, fx, |serving, _| serving.played(play))
            }
            CallEvent::PromptsDone(Party::Caller, play) => self.step(Input::PromptsDone { play }, body, fx),
            CallEvent::Timeout if self.serving.is_some() => self.serve(body, fx, |serving, at| serving.timeout(at)),
            CallEvent::Timeout => self.step(Input::Timeout, body, fx),
            CallEvent::LookedUp(lookup, answer) if self.serving.is_some() => {
                self.serve(body, fx, |serving, at| serving.answered(at, (lookup, answer)))
            }
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
                Output::Serve { service } => return self.begin_service(service, body, fx),
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

    /// The service of this name, and the menus that offer it to him.
    fn offer(&self, name: &str, config: &Config) -> Option<(Menus, Service)> {
        let menus = self.interpreter.known(&config.menus)?;
        let service = menus.service(name)?.clone();
        Some((menus, service))
    }

    fn begin_service(mut self, name: String, body: &mut Body, fx: &mut Effects<'_>) -> State {
        self.playing = None;
        match self.offer(&name, fx.config).filter(|_| fx.config.services.is_some()) {
            Some((_, service)) => {
                let number = fx.new_claim() | SERVICE_NUMBERS;
                let (serving, step) = Serving::begin(fx.now, &name, &service, number, number);
                self.serving = Some(Box::new(serving));
                self.served(step, body, fx)
            }
            // Nobody answers to this name: it has failed, and the menu says what then.
            None => {
                fx.emit(What::Served { service: name, end: ServeEnd::Down });
                self.step(Input::Served { ok: false }, body, fx)
            }
        }
    }

    /// Something happened while he is being served.
    fn serve(
        mut self,
        body: &mut Body,
        fx: &mut Effects<'_>,
        event: impl FnOnce(&mut Serving, &Moment) -> Step,
    ) -> State {
        let mut serving = self.serving.take().expect("he is being served");
        let step = match self.offer(serving.service(), fx.config) {
            Some((menus, service)) => {
                let number = fx.new_claim() | SERVICE_NUMBERS;
                let moment = Moment { now: fx.now, number, menus, service, language: body.facts.language };
                event(&mut serving, &moment)
            }
            // The menus were replaced too often meanwhile.
            None => Step::Over(ServeEnd::Down),
        };
        self.serving = Some(serving);
        self.served(step, body, fx)
    }

    fn served(mut self, step: Step, body: &mut Body, fx: &mut Effects<'_>) -> State {
        let (end, key) = match step {
            Step::Wait => return State::Menu(self),
            Step::Ask(question, within) => {
                let serving = self.serving.as_ref().expect("who asks is served");
                let house = fx.config.services.clone().expect("a service begins only where there is a back-end");
                let backend = Backend { path: format!("{}/{}", house.path, serving.service()), within, ..house };
                let lookup = Lookup { call: fx.call, id: serving.lookup(), backend, question };
                fx.out.push_back(output::Output::Lookup(lookup));
                return State::Menu(self);
            }
            Step::Over(end) => (end, None),
            Step::OverBy(key) => (ServeEnd::Done, Some(key)),
        };
        let serving = self.serving.take().expect("who is done was served");
        fx.emit(What::Served { service: serving.service().to_owned(), end });
        match (self.step(Input::Served { ok: end == ServeEnd::Done }, body, fx), key) {
            (State::Menu(menu), Some(key)) => menu.step(Input::Digit(key), body, fx),
            (state, _) => state,
        }
    }
}
