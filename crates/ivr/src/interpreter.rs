//! One caller in the menus.
//!
//! ```text
//!   enter ─Start─► must hear ──done──► Reading ──done──► Waiting ──after_s──► Reading again … then: a person
//!                  (notices;           │  any key: stop,    │
//!                   keys are kept)     ▼  at once           ▼
//!                  ◄── menu, language, replay ── Choosing ──► Leave(queue | hang up)
//! ```
//! Keys stop what may be stopped; keys pressed during a notice are kept and used in what follows. A play that is never
//! reported done is taken for done some seconds after its length, so a caller is never stuck in silence. A service that has not
//! answered within its time limit has failed, and every failure leads somewhere.
//!
//! What a menu says before its choices depends on the day and on who comes (`occasion.rs`). Whoever is inside when other menus go
//! live finishes in those he knows, for as long as `Menus` remembers them.
//!
//! Does not play, does not queue, and does not know what a queue is.
use crate::calendar::Moment;
use crate::menu::{Does, Menu, Menus, Notice, PromptKind};
use crate::occasion::{Occasion, Visitor};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::time::Duration;
use switchboard_model::{Digit, Instant, Language, PromptId, RequestedBy};

/// Keys kept while a notice is heard; a caller who types more has lost his place anyway.
const TYPED_MAX: usize = 8;
/// How long after its length a play is taken for done if nobody said so.
const PLAY_GRACE: Duration = Duration::from_secs(3);

/// What happens to a caller.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Input {
    /// He is connected.
    Start,
    /// He pressed a key.
    Digit(Digit),
    /// A play ended by itself.
    PromptsDone {
        /// Which: the number from `Output::Play`.
        play: u32,
    },
    /// The service that `Output::Serve` asked for is over.
    Served {
        /// Whether he got what he asked for.
        ok: bool,
    },
    /// The moment of `next_timeout` came.
    Timeout,
}

/// What is to be done for him.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Output {
    /// Play these, one after the other, instead of whatever plays now.
    Play {
        /// Counts up; comes back in `Input::PromptsDone`.
        play: u32,
        /// What.
        prompts: Vec<PromptId>,
    },
    /// Be silent.
    Stop,
    /// A menu began.
    Entered {
        /// Its name.
        menu: String,
        /// In this language.
        language: Language,
    },
    /// He made a choice.
    Chose {
        /// In which menu.
        menu: String,
        /// The key's face.
        key: char,
    },
    /// Do this for him, and say when it is over; until then his keys are yours.
    Serve {
        /// The service's name.
        service: String,
    },
    /// He leaves the menus. Nothing follows.
    Leave(Exit),
}

/// How a caller leaves the menus.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Exit {
    /// To a person.
    Queue {
        /// Of this queue.
        queue: String,
        /// Speaking this language.
        language: Language,
        /// How he came to ask.
        by: RequestedBy,
    },
    /// He leaves a message.
    Voicemail {
        /// In this box.
        mailbox: String,
        /// In this language.
        language: Language,
    },
    /// He is called back.
    Callback {
        /// By this queue.
        queue: String,
        /// In this language.
        language: Language,
    },
    /// The call ends, after a notice or by his choice.
    HangUp,
}

/// One caller in the menus. Small, and can be written down at any moment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Interpreter {
    /// Which version of the menus he hears.
    mark: u64,
    menu: String,
    language: Language,
    visitor: Visitor,
    phase: Phase,
    /// The last play's number.
    plays: u32,
    /// When the play is taken for done, or patience ends.
    deadline: Option<Instant>,
    silences: u32,
    mistakes: u32,
    typed: Vec<Digit>,
    outputs: VecDeque<Output>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
enum Phase {
    /// Before `Start`.
    Outside(Door),
    /// Hears what must be heard.
    MustHear(Next),
    /// Hears what a key stops.
    Reading,
    /// Nothing plays; he is to press a key.
    Waiting,
    /// The service behind this key is done for him.
    Serving(Digit),
    /// Left.
    Gone,
}

/// Why he is here.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
enum Door {
    Arrives,
    QueueFull,
}

/// What follows a notice.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
enum Next {
    /// The rest of the greeting, from this prompt on, and the choices.
    Menu { from: usize },
    /// What the notice of this occasion leads to, asked for in this way; the choices if it leads nowhere.
    After(Occasion, RequestedBy),
}

impl Interpreter {
    /// A caller at the door of a menu; none if there is no such menu. Give it `Input::Start` next.
    pub fn enter(menus: &Menus, menu: &str, visitor: Visitor) -> Option<Interpreter> {
        let language = *menus.menu(menu)?.languages.first()?;
        Some(Self::at_door(menus, menu, language, visitor, Door::Arrives))
    }

    /// A caller who left this menu and found the queue full: he hears its wording, then what it says follows. None if the
    /// menu has no wording for that in his language.
    pub fn queue_full(menus: &Menus, menu: &str, language: Language) -> Option<Interpreter> {
        let found = menus.menu(menu)?;
        found.notice(&Occasion::QueueFull).filter(|_| found.languages.contains(&language))?;
        Some(Self::at_door(menus, menu, language, Visitor::Anybody, Door::QueueFull))
    }

    fn at_door(menus: &Menus, menu: &str, language: Language, visitor: Visitor, door: Door) -> Interpreter {
        Interpreter {
            mark: menus.mark(),
            menu: menu.to_owned(),
            language,
            visitor,
            phase: Phase::Outside(door),
            plays: 0,
            deadline: None,
            silences: 0,
            mistakes: 0,
            typed: vec![],
            outputs: VecDeque::new(),
        }
    }

    /// The menu he is in.
    pub fn menu(&self) -> &str {
        &self.menu
    }
    /// The language he hears.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The menus he knows, if they are remembered.
    pub fn known(&self, menus: &Menus) -> Option<Menus> {
        menus.version(self.mark)
    }

    /// Takes one thing that happened.
    pub fn handle(&mut self, menus: &Menus, now: Instant, input: Input) {
        match menus.version(self.mark) {
            Some(menus) => self.on(&menus, now, input),
            None if self.phase == Phase::Gone => {}
            None => self.begin_in_new_menus(menus, now),
        }
    }

    fn on(&mut self, menus: &Menus, now: Instant, input: Input) {
        match (&self.phase, input) {
            (Phase::Outside(Door::Arrives), Input::Start) => self.come_in(menus, now),
            (Phase::Outside(Door::QueueFull), Input::Start) => {
                self.hear(menus, now, Occasion::QueueFull, RequestedBy::Always);
            }
            (Phase::MustHear(_), Input::Digit(digit)) => {
                if self.typed.len() < TYPED_MAX {
                    self.typed.push(digit);
                }
            }
            (Phase::Reading, Input::Digit(digit)) => {
                self.outputs.push_back(Output::Stop);
                self.press(menus, now, digit);
            }
            (Phase::Waiting, Input::Digit(digit)) => self.press(menus, now, digit),
            (Phase::MustHear(_) | Phase::Reading, Input::PromptsDone { play }) if play == self.plays => {
                self.played(menus, now)
            }
            (Phase::MustHear(_) | Phase::Reading, Input::Timeout) if self.is_due(now) => {
                self.outputs.push_back(Output::Stop);
                self.played(menus, now);
            }
            (Phase::Waiting, Input::Timeout) if self.is_due(now) => self.silent(menus, now),
            (&Phase::Serving(key), Input::Served { ok }) => self.served(menus, now, key, ok),
            (&Phase::Serving(key), Input::Timeout) if self.is_due(now) => self.served(menus, now, key, false),
            // Of no meaning here: an early key or time-out, the end of an older play, a late answer, anything after he left.
            (
                Phase::Outside(_)
                | Phase::MustHear(_)
                | Phase::Reading
                | Phase::Waiting
                | Phase::Serving(_)
                | Phase::Gone,
                Input::Start | Input::Digit(_) | Input::PromptsDone { .. } | Input::Served { .. } | Input::Timeout,
            ) => {}
        }
    }

    /// What to do next. Call until `None` before the next `handle`.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When it wants `Input::Timeout`.
    pub fn next_timeout(&self) -> Option<Instant> {
        self.deadline
    }

    fn is_due(&self, now: Instant) -> bool {
        self.deadline.is_some_and(|d| now >= d)
    }

    fn here<'m>(&self, menus: &'m Menus) -> &'m Menu {
        menus.menu(&self.menu).expect("compile checked that every menu named exists")
    }

    /// The menus were replaced under him too often for his to be remembered: he hears the same menu of the new ones, or the first of them, from its choices
    /// on. What he just pressed answered the old ones.
    fn begin_in_new_menus(&mut self, menus: &Menus, now: Instant) {
        self.mark = menus.mark();
        let stays = menus.menu(&self.menu).is_some_and(|m| m.languages.contains(&self.language));
        if !stays {
            self.menu = menus.entries()[0].clone();
            let languages = &self.here(menus).languages;
            if !languages.contains(&self.language) {
                self.language = languages[0];
            }
        }
        self.typed.clear();
        self.settle();
        self.read(menus, now, None);
    }

    /// Into the menu by its front door: what the day and he himself make it say first, then its greeting.
    fn come_in(&mut self, menus: &Menus, now: Instant) {
        self.settle();
        let menu = self.here(menus);
        let mut heard = vec![];
        for occasion in self.occasions(menus, now) {
            let Some(notice) = menu.notice(&occasion) else { continue };
            heard.push(notice.prompt.clone());
            if notice.then.is_some() {
                return self.must_hear(menus, now, &heard, Next::After(occasion, RequestedBy::Always));
            }
        }
        match heard.is_empty() {
            true => self.greet(menus, now, 0),
            false => self.must_hear(menus, now, &heard, Next::Menu { from: 0 }),
        }
    }

    /// The occasions on which this menu may have something to say before it begins, in the order in which it is said.
    fn occasions(&self, menus: &Menus, now: Instant) -> Vec<Occasion> {
        let menu = self.here(menus);
        let conditions = menus.conditions();
        let mut occasions: Vec<_> = conditions.emergency.clone().map(Occasion::Emergency).into_iter().collect();
        occasions.extend(match menu.opening.at(now) {
            Moment::Holiday if menu.notice(&Occasion::Holiday).is_some() => Some(Occasion::Holiday),
            Moment::Holiday | Moment::Closed => Some(Occasion::Closed),
            Moment::Open => None,
        });
        occasions.extend(conditions.systems_down.then_some(Occasion::SystemsDown));
        occasions.extend((self.visitor == Visitor::Elderly).then_some(Occasion::Elderly));
        occasions
    }

    /// What the menu says on this occasion, and what that leads to.
    fn hear(&mut self, menus: &Menus, now: Instant, occasion: Occasion, by: RequestedBy) {
        let notice = self.here(menus).notice(&occasion).expect("asked for where it is known to be");
        let prompt = notice.prompt.clone();
        self.must_hear(menus, now, &[prompt], Next::After(occasion, by));
    }

    fn settle(&mut self) {
        (self.silences, self.mistakes) = (0, 0);
        self.outputs.push_back(Output::Entered { menu: self.menu.clone(), language: self.language });
    }

    /// The greeting from this prompt on: what must be heard first, then the rest with the choices.
    fn greet(&mut self, menus: &Menus, now: Instant, from: usize) {
        let greeting = &self.here(menus).greeting[from..];
        let must = greeting.iter().rposition(|name| self.is_notice(menus, name)).map_or(0, |i| i + 1);
        if must > 0 {
            return self.must_hear(menus, now, &greeting[..must], Next::Menu { from: from + must });
        }
        let said = greeting.iter().map(|name| menus.said(name, self.language)).collect();
        self.read_after(menus, now, said);
    }

    fn is_notice(&self, menus: &Menus, name: &str) -> bool {
        let kind = menus.prompt(menus.said(name, self.language)).map(|p| p.kind);
        matches!(kind, Some(PromptKind::Notice | PromptKind::Consent))
    }

    fn must_hear(&mut self, menus: &Menus, now: Instant, names: &[String], next: Next) {
        let prompts = names.iter().map(|n| menus.said(n, self.language)).collect();
        self.play(menus, now, prompts);
        self.phase = Phase::MustHear(next);
    }

    /// The choices, after one prompt if given.
    fn read(&mut self, menus: &Menus, now: Instant, first: Option<&str>) {
        let said = first.map(|name| menus.said(name, self.language)).into_iter().collect();
        self.read_after(menus, now, said);
    }

    fn read_after(&mut self, menus: &Menus, now: Instant, mut prompts: Vec<PromptId>) {
        if !self.typed.is_empty() {
            let digit = self.typed.remove(0);
            return self.press(menus, now, digit);
        }
        prompts.extend(self.here(menus).choices(menus, self.language));
        if prompts.is_empty() {
            return self.wait(menus, now);
        }
        self.play(menus, now, prompts);
        self.phase = Phase::Reading;
    }

    fn play(&mut self, menus: &Menus, now: Instant, prompts: Vec<PromptId>) {
        self.plays += 1;
        self.deadline = Some(now + Duration::from_millis(menus.millis(&prompts)) + PLAY_GRACE);
        self.outputs.push_back(Output::Play { play: self.plays, prompts });
    }

    /// What played is over.
    fn played(&mut self, menus: &Menus, now: Instant) {
        match self.phase.clone() {
            Phase::MustHear(Next::Menu { from }) => self.greet(menus, now, from),
            Phase::MustHear(Next::After(occasion, by)) => {
                let then = self.here(menus).notice(&occasion).and_then(|n: &Notice| n.then.clone());
                match then {
                    Some(does) => self.go(menus, now, does, by),
                    None => self.read(menus, now, None),
                }
            }
            Phase::Reading => self.wait(menus, now),
            Phase::Outside(_) | Phase::Waiting | Phase::Serving(_) | Phase::Gone => {}
        }
    }

    fn wait(&mut self, menus: &Menus, now: Instant) {
        self.phase = Phase::Waiting;
        let after_s = self.here(menus).no_input.after_s;
        let after_s = match self.visitor {
            Visitor::Anybody => after_s,
            Visitor::Elderly => after_s.max(menus.elderly_answer_s()),
        };
        self.deadline = Some(now + Duration::from_secs(u64::from(after_s)));
    }

    fn silent(&mut self, menus: &Menus, now: Instant) {
        let menu = self.here(menus);
        self.silences += 1;
        if self.silences == 1 && menu.elderly_on_silence && self.visitor == Visitor::Anybody {
            self.visitor = Visitor::Elderly;
            return self.hear(menus, now, Occasion::Elderly, RequestedBy::NoInput);
        }
        if self.silences > menu.no_input.replay {
            return self.go(menus, now, menu.no_input.then.clone(), RequestedBy::NoInput);
        }
        self.read(menus, now, menu.no_input.prompt.as_deref());
    }

    /// The service is over: the menu again, or the way out of a failure.
    fn served(&mut self, menus: &Menus, now: Instant, key: Digit, ok: bool) {
        self.deadline = None;
        if ok {
            return self.read(menus, now, None);
        }
        let menu = self.here(menus);
        match menu.option(key).and_then(|o| o.on_failure.clone()) {
            Some(does) => self.go(menus, now, does, RequestedBy::ServiceFailed),
            None => self.hear(menus, now, Occasion::SystemsDown, RequestedBy::ServiceFailed),
        }
    }

    fn press(&mut self, menus: &Menus, now: Instant, digit: Digit) {
        let menu = self.here(menus);
        let Some(option) = menu.option(digit) else {
            self.mistakes += 1;
            let patience = &menu.no_match;
            if self.mistakes > patience.replay {
                return self.go(menus, now, patience.then.clone(), RequestedBy::NoMatch);
            }
            return self.read(menus, now, patience.prompt.as_deref());
        };
        self.outputs.push_back(Output::Chose { menu: self.menu.clone(), key: digit.face() });
        if let Does::Service(service) = &option.does {
            let limit = menus.time_limit_s(service);
            self.phase = Phase::Serving(digit);
            // What was typed ahead answered the menu, not the service's questions.
            self.typed.clear();
            self.deadline = Some(now + Duration::from_secs(u64::from(limit)));
            self.outputs.push_back(Output::Serve { service: service.clone() });
            return;
        }
        self.go(menus, now, option.does.clone(), RequestedBy::Key);
    }

    fn go(&mut self, menus: &Menus, now: Instant, does: Does, by: RequestedBy) {
        match does {
            Does::Queue(queue) => self.leave(Exit::Queue { queue, language: self.language, by }),
            Does::Voicemail(mailbox) => self.leave(Exit::Voicemail { mailbox, language: self.language }),
            Does::Callback(queue) => self.leave(Exit::Callback { queue, language: self.language }),
            Does::HangUp => self.leave(Exit::HangUp),
            Does::Service(_) => unreachable!("only a key asks for a service, and `press` sees to it"),
            Does::Menu(name) => {
                self.menu = name;
                self.come_in(menus, now);
            }
            Does::Language(language) => {
                self.language = language;
                self.settle();
                self.read(menus, now, None);
            }
            Does::Replay => {
                (self.silences, self.mistakes) = (0, 0);
                self.read(menus, now, None);
            }
        }
    }

    fn leave(&mut self, exit: Exit) {
        self.phase = Phase::Gone;
        self.deadline = None;
        self.typed.clear();
        self.outputs.push_back(Output::Leave(exit));
    }
}
