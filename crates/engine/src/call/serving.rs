//! Something is done for a caller without a person: he is asked, the bank's back-end is asked, and the answer is said to him.
//!
//! ```text
//!   asks ──#, or full──► the next, and at last Lookup ──done──► the answer is said ──heard, or a key──► done: the menu again
//!     ▲ refused, silence: again, `attempts` times    │ locked, down, late, an answer that cannot be said
//!     └───────────────────────────────────────────── └──────────────────────────────────────────► failed: a person, or what
//!                                                                                                  the menu says then
//! ```
//! Within the state Menu: the interpreter of the menu waits until this is over. What is keyed is [`Secret`] from the key on, whether it is
//! marked so or not: it is in no record, so a caller who comes back from a record is asked anew. Nobody is verified by this: only
//! `verify` does that.
use crate::lookup::{Answer, Question};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use switchboard_ivr::{Menus, Service};
use switchboard_model::{Digit, Instant, Language, PromptId, Secret, ServeEnd};

/// One caller who is being served.
#[derive(Debug, Serialize, Deserialize)]
pub struct Serving {
    service: String,
    stage: Stage,
    /// How often what he keyed was wrong, or nothing.
    tries: u32,
    play: u32,
    deadline: Instant,
    lookup: u32,
    #[serde(skip)]
    digits: Secret,
    /// What he has keyed for each question before this one.
    #[serde(skip)]
    collected: Vec<Secret>,
    /// Whether `digits` and `collected` are all that were pressed: not after a restart, when they are gone.
    #[serde(skip)]
    whole: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
enum Stage {
    /// He is asked the question of this number.
    Asks(usize),
    /// The back-end is.
    Asked,
    /// He hears the answer.
    Says(Vec<PromptId>),
}

/// When something happens to him, and under which menus.
#[derive(Debug)]
pub struct Moment {
    /// When.
    pub now: Instant,
    /// No play and no question of the call has had this number.
    pub number: u32,
    /// The menus that he knows.
    pub menus: Menus,
    /// What they say of the service.
    pub service: Service,
    /// What he speaks.
    pub language: Language,
}

/// What is to be done.
#[derive(Debug)]
pub enum Step {
    /// Nothing but to wait, or to play what `prompts` says.
    Wait,
    /// Ask the back-end, which has so long.
    Ask(Question, Duration),
    /// It is over.
    Over(ServeEnd),
    /// It is over, and he has already pressed a key of the menu.
    OverBy(Digit),
}

/// How long a caller may take for a key, the prompt included.
const KEY_WITHIN: Duration = Duration::from_secs(20);
/// How long after its length an answer is taken for said if nobody reported so.
const PLAY_GRACE: Duration = Duration::from_secs(3);

impl Serving {
    /// Begins; `play` is a number that no play of the call has had, and `lookup` none of its questions.
    pub fn begin(now: Instant, name: &str, service: &Service, play: u32, lookup: u32) -> (Serving, Step) {
        let mut serving = Serving {
            service: name.to_owned(),
            stage: Stage::Asks(0),
            tries: 0,
            play,
            deadline: now + KEY_WITHIN,
            lookup,
            digits: Secret::new(),
            collected: vec![],
            whole: true,
        };
        let step = if service.collect.is_empty() { serving.ask(now, service, lookup) } else { Step::Wait };
        (serving, step)
    }

    /// The service's name.
    pub fn service(&self) -> &str {
        &self.service
    }
    /// When it wants `timeout`.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }
    /// Which question to the back-end it waits for.
    pub fn lookup(&self) -> u32 {
        self.lookup
    }

    /// What the caller hears: which play, and of what.
    pub fn prompts(&self, menus: &Menus, service: &Service, language: Language) -> Option<(u32, Vec<PromptId>)> {
        match &self.stage {
            Stage::Asks(n) => {
                let again = service.again.as_ref().filter(|_| self.tries > 0 && *n == 0);
                let asked = service.collect.get(*n).map(|c| &c.prompt);
                let said = again.into_iter().chain(asked).filter_map(|p| menus.prompt_named(p, language)).collect();
                Some((self.play, said))
            }
            Stage::Asked => None,
            Stage::Says(prompts) => Some((self.play, prompts.clone())),
        }
    }

    /// He pressed a key.
    pub fn digit(&mut self, at: &Moment, digit: Digit) -> Step {
        let n = match &self.stage {
            Stage::Asks(n) => *n,
            Stage::Asked => return Step::Wait,
            // Whoever ends his last number with a hash does not want to cut the answer off.
            Stage::Says(_) if digit.face() == '#' => return Step::Wait,
            Stage::Says(_) => return Step::OverBy(digit),
        };
        let Some(wanted) = at.service.collect.get(n) else { return Step::Over(ServeEnd::Down) };
        if !self.whole {
            return self.ask_anew(at);
        }
        self.deadline = at.now + KEY_WITHIN;
        let full = match digit.face() {
            '#' => true,
            '*' => {
                self.digits = Secret::new();
                false
            }
            '0'..='9' => !self.digits.push(digit) || self.digits.len() >= wanted.digits.1,
            _ => false,
        };
        if !full {
            return Step::Wait;
        }
        let keyed = std::mem::replace(&mut self.digits, Secret::new());
        if !(wanted.digits.0..=wanted.digits.1).contains(&keyed.len()) {
            return self.wrong(at, ServeEnd::Refused);
        }
        self.collected.push(keyed);
        if n + 1 < at.service.collect.len() {
            (self.stage, self.play) = (Stage::Asks(n + 1), at.number);
            return Step::Wait;
        }
        self.ask(at.now, &at.service, at.number)
    }

    fn ask(&mut self, now: Instant, service: &Service, lookup: u32) -> Step {
        let names = service.collect.iter().map(|c| c.name.clone());
        let fields = names.zip(std::mem::take(&mut self.collected)).collect();
        let within = Duration::from_secs(u64::from(service.time_limit_s));
        (self.stage, self.lookup, self.deadline) = (Stage::Asked, lookup, now + within);
        Step::Ask(Question::Service { name: self.service.clone(), fields }, within)
    }

    /// The back-end's answer; one to another question changes nothing.
    pub fn answered(&mut self, at: &Moment, (lookup, answer): (u32, Answer)) -> Step {
        if self.stage != Stage::Asked || lookup != self.lookup {
            return Step::Wait;
        }
        match answer {
            Answer::Served { values } => match at.service.says(&at.menus, &values, at.language) {
                None => Step::Over(ServeEnd::Down),
                Some(said) if said.is_empty() => Step::Over(ServeEnd::Done),
                Some(said) => {
                    self.deadline = at.now + Duration::from_millis(at.menus.millis(&said)) + PLAY_GRACE;
                    (self.stage, self.play) = (Stage::Says(said), at.number);
                    Step::Wait
                }
            },
            Answer::Refused => self.wrong(at, ServeEnd::Refused),
            Answer::Locked => Step::Over(ServeEnd::Locked),
            // An answer to another kind of question is none.
            Answer::Verified { .. } | Answer::Down => Step::Over(ServeEnd::Down),
        }
    }

    /// A play has ended by itself.
    pub fn played(&self, play: u32) -> Step {
        match &self.stage {
            Stage::Says(_) if play == self.play => Step::Over(ServeEnd::Done),
            Stage::Says(_) | Stage::Asks(_) | Stage::Asked => Step::Wait,
        }
    }

    /// Its time may have come.
    pub fn timeout(&mut self, at: &Moment) -> Step {
        match &self.stage {
            _ if at.now < self.deadline => Step::Wait,
            Stage::Asked => Step::Over(ServeEnd::Down),
            Stage::Says(_) => Step::Over(ServeEnd::Done),
            Stage::Asks(_) if !self.whole => self.ask_anew(at),
            Stage::Asks(_) => self.wrong(at, ServeEnd::NoInput),
        }
    }

    fn wrong(&mut self, at: &Moment, end: ServeEnd) -> Step {
        self.tries += 1;
        if self.tries >= at.service.attempts {
            return Step::Over(end);
        }
        self.ask_anew(at)
    }

    fn ask_anew(&mut self, at: &Moment) -> Step {
        (self.digits, self.whole) = (Secret::new(), true);
        self.collected.clear();
        (self.stage, self.play, self.deadline) = (Stage::Asks(0), at.number, at.now + KEY_WITHIN);
        Step::Wait
    }
}

#[cfg(test)]
mod tests;
