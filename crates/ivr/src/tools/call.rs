//! One call through the menus, on paper: what is heard at which second, what is pressed, where it ends.
//!
//! ```text
//!   Act (a key, a wait) ──► Call ──Input──► Interpreter (the one the engine drives)
//!                            │  ◄──Output──┘
//!                            └──► Step{at, Heard | Pressed | Entered | Ended}
//! ```
//! Time is moved, not waited for. Whoever presses a key presses it as soon as its choice has been said, and a key that is not read
//! out when the menu has been read; that is how the proof counts seconds, too. Does not ring and does not queue.
use crate::interpreter::{Exit, Input, Interpreter, Output};
use crate::menu::{Does, Menus, PromptKind};
use crate::occasion::Visitor;
use serde_json::{Value, json};
use std::time::Duration;
use switchboard_model::{Digit, Instant, Language, PromptId, RequestedBy};

/// The longest call that is followed. A proved menu lets nobody wait so long.
const CALL_MAX: Duration = Duration::from_secs(3_600);
/// The most steps of one script: nobody presses more keys.
pub const ACTS_MAX: usize = 200;

/// What the caller does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Act {
    /// Presses the key as soon as its choice has been said.
    Press(Digit),
    /// Presses the key without waiting for anything.
    PressAtOnce(Digit),
    /// Does nothing for so long.
    Wait(Duration),
    /// Does nothing until what he hears is over, or until the menu does something.
    Listen,
}

/// Who calls, and what he finds. What holds for the whole centre is said by the menus (`Menus::under`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Scene {
    /// The first queue that he is led to is full.
    pub full: bool,
    /// Who he is.
    pub visitor: Visitor,
}

/// A moment of the call.
#[derive(Clone, PartialEq, Debug)]
pub struct Step {
    /// Milliseconds since he was connected.
    pub at_ms: u64,
    /// What happened.
    pub what: What,
}

/// What happened.
#[derive(Clone, PartialEq, Debug)]
pub enum What {
    /// He came into a menu.
    Entered {
        /// Its name.
        menu: String,
        /// Its title.
        title: String,
        /// The language it speaks to him.
        language: Language,
    },
    /// He heard a prompt.
    Heard {
        /// Its name.
        prompt: String,
        /// What it says.
        text: String,
        /// How long he heard it, in milliseconds.
        heard_ms: u64,
        /// Whether something cut it short.
        cut: bool,
    },
    /// He pressed a key.
    Pressed(Digit),
    /// He had asked for a person, and the queue was full.
    QueueFull(String),
    /// A service was done for him, or failed.
    Served {
        /// Its name.
        service: String,
        /// Whether it was done.
        ok: bool,
    },
    /// He left the menus.
    Ended(Exit),
}

/// What is playing. Its prompts stand in the list of steps from `from` on, as if all were heard to their end.
struct Playing {
    play: u32,
    from: usize,
    ends: Instant,
}

/// A caller in the menus.
pub struct Call<'m> {
    menus: &'m Menus,
    interpreter: Interpreter,
    start: Instant,
    now: Instant,
    playing: Option<Playing>,
    /// The queue is full when he comes to it first.
    full: bool,
    keys: u32,
    steps: Vec<Step>,
    exit: Option<Exit>,
}

impl<'m> Call<'m> {
    /// A caller who is connected to this menu at that moment; none if there is no such menu.
    pub fn begin(menus: &'m Menus, menu: &str, at: Instant, scene: Scene) -> Option<Call<'m>> {
        let Scene { full, visitor } = scene;
        let interpreter = Interpreter::enter(menus, menu, visitor)?;
        let (playing, steps, exit) = (None, vec![], None);
        let mut call = Call { menus, interpreter, start: at, now: at, playing, full, keys: 0, steps, exit };
        call.give(Input::Start);
        Some(call)
    }

    /// How he left the menus, if he has.
    pub fn exit(&self) -> Option<&Exit> {
        self.exit.as_ref()
    }
    /// Keys pressed so far.
    pub fn keys(&self) -> u32 {
        self.keys
    }
    /// Milliseconds since he was connected.
    pub fn at_ms(&self) -> u64 {
        self.now.ms_since(self.start)
    }
    /// What happened so far, in order. What still plays is in it as far as it has been heard.
    pub fn steps(&self) -> Vec<Step> {
        let mut steps = self.steps.clone();
        if let Some(playing) = &self.playing {
            cut(&mut steps, playing.from, self.at_ms());
        }
        steps.sort_by_key(|s| s.at_ms);
        steps
    }
    /// What will be heard if he does nothing, until something else happens.
    pub fn ahead(&self) -> Vec<Step> {
        let from = self.playing.as_ref().map_or(self.steps.len(), |p| p.from);
        self.steps[from..].iter().filter(|s| s.at_ms >= self.at_ms()).cloned().collect()
    }

    /// The caller does this, if he is still there.
    pub fn act(&mut self, act: Act) {
        match act {
            Act::Press(key) => {
                self.until_said(key);
                self.press(key);
            }
            Act::PressAtOnce(key) => self.press(key),
            Act::Wait(time) => self.go_to(self.now + time),
            Act::Listen => {
                if let Some(next) = self.next_event() {
                    self.go_to(next);
                }
            }
        }
    }

    /// He does nothing more, until the menu has led him somewhere.
    pub fn be_silent(&mut self) {
        while self.exit.is_none() && self.now < self.start + CALL_MAX {
            self.act(Act::Listen);
        }
    }

    /// Goes on until the choice of this key has been said, or the menu has been read.
    fn until_said(&mut self, key: Digit) {
        while self.exit.is_none() {
            let Some(playing) = &self.playing else { return };
            let option = self.menus.menu(self.interpreter.menu()).and_then(|m| m.option(key));
            let choice = option.and_then(|o| o.prompt.as_deref());
            let said = self.steps[playing.from..].iter().find_map(|step| match &step.what {
                What::Heard { prompt, heard_ms, .. } if Some(prompt.as_str()) == choice => Some(step.at_ms + heard_ms),
                _ => None,
            });
            match said {
                // Not past the end of what plays: the last choice is pressed while it is still being read.
                Some(said) => {
                    self.now = self.now.max(self.start + Duration::from_millis(said));
                    return;
                }
                None => self.act(Act::Listen),
            }
        }
    }

    fn press(&mut self, key: Digit) {
        if self.exit.is_none() {
            self.keys += 1;
            self.tell(What::Pressed(key));
            self.give(Input::Digit(key));
        }
    }

    /// When something happens by itself: the end of what plays, or of the menu's patience.
    fn next_event(&self) -> Option<Instant> {
        self.playing.as_ref().map(|p| p.ends).or(self.interpreter.next_timeout())
    }

    fn go_to(&mut self, to: Instant) {
        while let Some(next) = self.next_event().filter(|next| *next <= to && self.exit.is_none()) {
            self.now = next.max(self.now);
            match self.playing.take() {
                Some(playing) => self.give(Input::PromptsDone { play: playing.play }),
                None => self.give(Input::Timeout),
            }
        }
        if self.exit.is_none() {
            self.now = to.max(self.now);
        }
    }

    fn tell(&mut self, what: What) {
        let at_ms = self.at_ms();
        self.steps.push(Step { at_ms, what });
    }

    fn stop(&mut self) {
        if let Some(playing) = self.playing.take() {
            let now = self.at_ms();
            cut(&mut self.steps, playing.from, now);
        }
    }

    fn give(&mut self, input: Input) {
        self.interpreter.handle(self.menus, self.now, input);
        while let Some(output) = self.interpreter.poll() {
            match output {
                Output::Play { play, prompts } => self.play(play, &prompts),
                Output::Stop => self.stop(),
                Output::Entered { menu, language } => {
                    let title = self.menus.menu(&menu).map_or(String::new(), |m| m.title.clone());
                    self.tell(What::Entered { menu, title, language });
                }
                // The key itself has been told.
                Output::Chose { .. } => {}
                Output::Serve { service } => return self.serve(service),
                Output::Leave(exit) => return self.leave(exit),
            }
        }
    }

    /// On paper a service is done at once; when the systems are down it fails when its time is over.
    fn serve(&mut self, service: String) {
        self.stop();
        let ok = !self.menus.conditions().systems_down;
        if !ok {
            self.now = self.interpreter.next_timeout().unwrap_or(self.now);
        }
        self.tell(What::Served { service, ok });
        self.give(Input::Served { ok });
    }

    fn play(&mut self, play: u32, prompts: &[PromptId]) {
        self.stop();
        let from = self.steps.len();
        let mut ends = self.now;
        for prompt in prompts.iter().filter_map(|id| self.menus.prompt(*id)) {
            let text = if prompt.kind == PromptKind::Music { "♪" } else { prompt.text.as_str() };
            let what =
                What::Heard { prompt: prompt.name.clone(), text: text.to_owned(), heard_ms: prompt.millis, cut: false };
            self.steps.push(Step { at_ms: ends.ms_since(self.start), what });
            ends = ends + Duration::from_millis(prompt.millis);
        }
        self.playing = Some(Playing { play, from, ends });
    }

    fn leave(&mut self, exit: Exit) {
        self.stop();
        if let Exit::Queue { queue, language, .. } = &exit
            && std::mem::take(&mut self.full)
        {
            self.tell(What::QueueFull(queue.clone()));
            let menu = self.interpreter.menu().to_owned();
            if let Some(interpreter) = Interpreter::queue_full(self.menus, &menu, *language) {
                self.interpreter = interpreter;
                return self.give(Input::Start);
            }
            // A menu that has no words for it: the call ends, as the engine ends it.
            self.tell(What::Ended(Exit::HangUp));
            self.exit = Some(Exit::HangUp);
            return;
        }
        self.tell(What::Ended(exit.clone()));
        self.exit = Some(exit);
    }
}

/// What was heard of the prompts from `from` on, if they were stopped then.
fn cut(steps: &mut Vec<Step>, from: usize, now_ms: u64) {
    let mut at = 0;
    steps.retain_mut(|step| {
        at += 1;
        match &mut step.what {
            What::Heard { heard_ms, cut, .. } if at > from => {
                let heard = now_ms.saturating_sub(step.at_ms);
                *cut |= heard < *heard_ms;
                *heard_ms = heard.min(*heard_ms);
                step.at_ms < now_ms
            }
            _ => true,
        }
    });
}

/// The key by which a caller of this menu chooses a language; none if it is the first he hears, or cannot be chosen.
pub fn language_key(menus: &Menus, menu: &str, language: Language) -> Option<Digit> {
    menus.menu(menu)?.options.iter().find(|o| o.does == Does::Language(language)).map(|o| o.key)
}

/// Keys as people write them: `3 0` (each as soon as its choice has been said), `30` (the second at once), `2s` (waits two seconds),
/// `-` (listens until something happens).
pub fn read_keys(script: &str) -> Result<Vec<Act>, String> {
    let mut acts = vec![];
    for word in script.split([' ', ',', '\t', '\n']).filter(|w| !w.is_empty()) {
        if word == "-" {
            acts.push(Act::Listen);
        } else if let Some(seconds) = word.strip_suffix('s') {
            let time = seconds.parse::<f64>().ok().filter(|s| (0.0..=600.0).contains(s));
            let time = time.ok_or_else(|| format!("`{word}` is no time to wait; write 2s or 0.5s, up to 600s"))?;
            acts.push(Act::Wait(Duration::from_millis((time * 1000.0) as u64)));
        } else {
            for (i, c) in word.chars().enumerate() {
                let key = Digit::from_char(c).filter(|_| c.is_ascii_digit() || c == '*' || c == '#');
                let key =
                    key.ok_or_else(|| format!("`{c}` is no key; keys are 0 to 9, * and #, and 2s waits two seconds"))?;
                acts.push(if i == 0 { Act::Press(key) } else { Act::PressAtOnce(key) });
            }
        }
        if acts.len() > ACTS_MAX {
            return Err(format!("more than {ACTS_MAX} keys and waits; no caller does that"));
        }
    }
    Ok(acts)
}

impl Step {
    /// One line for people.
    pub fn line(&self) -> String {
        let seconds = self.at_ms as f64 / 1000.0;
        let what = match &self.what {
            What::Entered { menu, title, language } => format!("── {menu} {title} ({language}) ──"),
            What::Heard { prompt, text, heard_ms, cut } => {
                let short = if *cut { format!("  ✂ {:.1} s", *heard_ms as f64 / 1000.0) } else { String::new() };
                format!("   {text}  [{prompt}]{short}")
            }
            What::Pressed(key) => format!("按 presses {key}"),
            What::QueueFull(queue) => format!("   (the queue {queue} is full)"),
            What::Served { service, ok: true } => format!("   (the service {service} is done)"),
            What::Served { service, ok: false } => format!("   (the service {service} fails)"),
            What::Ended(exit) => format!("→ {}", exit_words(exit)),
        };
        format!("{seconds:7.1} s  {what}")
    }
    /// For programs.
    pub fn json(&self) -> Value {
        let mut step = match &self.what {
            What::Entered { menu, title, language } => {
                json!({ "event": "entered", "menu": menu, "title": title, "language": language.tag() })
            }
            What::Heard { prompt, text, heard_ms, cut } => json!({
                "event": "heard", "prompt": prompt, "text": text, "heard_s": *heard_ms as f64 / 1000.0, "cut": cut,
            }),
            What::Pressed(key) => json!({ "event": "pressed", "key": key.to_string() }),
            What::QueueFull(queue) => json!({ "event": "queue_full", "queue": queue }),
            What::Ended(Exit::Queue { queue, language, by }) => {
                json!({ "event": "ended", "queue": queue, "language": language.tag(), "by": by_word(*by) })
            }
            What::Served { service, ok } => json!({ "event": "served", "service": service, "ok": ok }),
            What::Ended(Exit::Voicemail { mailbox, language }) => {
                json!({ "event": "ended", "queue": null, "voicemail": mailbox, "language": language.tag() })
            }
            What::Ended(Exit::Callback { queue, language }) => {
                json!({ "event": "ended", "queue": null, "callback": queue, "language": language.tag() })
            }
            What::Ended(Exit::HangUp) => json!({ "event": "ended", "queue": null }),
        };
        step["at_s"] = json!(self.at_ms as f64 / 1000.0);
        step
    }
}

/// Where he ended, in words.
pub fn exit_words(exit: &Exit) -> String {
    match exit {
        Exit::Queue { queue, language, by } => {
            let how = match by {
                RequestedBy::Key => "he pressed a key",
                RequestedBy::NoInput => "he pressed nothing",
                RequestedBy::NoMatch => "he pressed wrong keys",
                RequestedBy::ServiceFailed => "a service failed",
                RequestedBy::Always => "the menu leads everybody there",
            };
            format!("转人工 to a person of queue {queue}, {language}: {how}")
        }
        Exit::Voicemail { mailbox, language } => format!("留言 he leaves a message in {mailbox}, {language}"),
        Exit::Callback { queue, language } => format!("回电 queue {queue} calls him back, {language}"),
        Exit::HangUp => "挂断 the call ends".into(),
    }
}

fn by_word(by: RequestedBy) -> &'static str {
    match by {
        RequestedBy::Key => "key",
        RequestedBy::NoInput => "no_input",
        RequestedBy::NoMatch => "no_match",
        RequestedBy::ServiceFailed => "service_failed",
        RequestedBy::Always => "always",
    }
}

impl Call<'_> {
    /// For programs: the steps and the end.
    pub fn json(&self) -> Value {
        let queue = match &self.exit {
            Some(Exit::Queue { queue, .. }) => Some(queue),
            Some(Exit::Voicemail { .. } | Exit::Callback { .. } | Exit::HangUp) | None => None,
        };
        json!({
            "steps": self.steps().iter().map(Step::json).collect::<Vec<_>>(),
            "queue": queue,
            "over": self.exit.is_some(),
            "keys": self.keys,
            "seconds": self.at_ms() as f64 / 1000.0,
        })
    }
}
