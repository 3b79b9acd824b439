//! What a caller hears and where he ends, step by step, and the laws of every sequence of steps.
//!
//! Not covered: the proof's figures (`walker.rs`), and what the engine does with an exit.
mod common;

use common::{facts, option_prompt, sources};
use proptest::prelude::*;
use std::time::Duration;
use switchboard_ivr::{Exit, Input, Interpreter, Menus, Output, Visitor, compile};
use switchboard_model::{Digit, Instant, Language};

/// Monday, 2026-01-05 10:00 in Shanghai; the menu `accounts` is open.
const MORNING: Instant = Instant::from_millis(1_767_578_400_000);
/// The same day, 22:00.
const NIGHT: Instant = Instant::from_millis(1_767_621_600_000);

fn menus(after_s: u32) -> Menus {
    let main = format!(
        r##"version: 1
menu: main
languages: [zh-CN, en]
greeting: hello
options:
  "0": {{ prompt: p0, queue: general }}
  "1": {{ prompt: p1, menu: accounts }}
  "8": {{ prompt: p8, language: en }}
  "*": {{ replay: true }}
no_input: {{ after_s: {after_s}, replay: 1, prompt: silence, then: {{ queue: general }} }}
no_match: {{ replay: 1, prompt: wrong, then: {{ queue: general }} }}
queue_full: {{ prompt: busy, then: {{ hang_up: true }} }}
"##
    );
    let accounts = r##"version: 1
menu: accounts
languages: [zh-CN, en]
greeting: [recorded, hello]
options:
  "0": { prompt: p0, queue: accounts }
  "#": { menu: main }
  "9": { hang_up: true }
  "*": { replay: true }
no_input: { after_s: 5, replay: 0, then: { queue: accounts } }
no_match: { replay: 0, then: { queue: accounts } }
hours: { days: [mon], from: "08:00", to: "18:00", utc_offset: "+08:00" }
closed: { prompt: night, then: { queue: general } }
"##;
    let word = |name: &str, kind: &'static str| (name.to_owned(), kind, "你好".to_owned(), "Hello".to_owned(), 1000);
    let prompts = [
        word("hello", "menu"),
        word("silence", "menu"),
        word("wrong", "menu"),
        word("recorded", "notice"),
        word("night", "notice"),
        word("busy", "notice"),
        option_prompt("p0", '0', 1000),
        option_prompt("p1", '1', 1000),
        option_prompt("p8", '8', 1000),
    ];
    let menus = [("main", main), ("accounts", accounts.to_owned())];
    let facts = facts(&["general", "accounts"], &[Language::Mandarin, Language::English], 2);
    let (menus, faults) = compile(&sources(&menus, &prompts, ""), &facts);
    menus.unwrap_or_else(|| panic!("{}", switchboard_source::render(&faults)))
}

/// A caller and his clock.
struct Caller<'m> {
    menus: &'m Menus,
    interpreter: Interpreter,
    now: Instant,
    play: u32,
    heard: Vec<String>,
}

impl Caller<'_> {
    fn at(menus: &Menus, now: Instant) -> Caller<'_> {
        let interpreter = Interpreter::enter(menus, "main", Visitor::Anybody).expect("there is a main menu");
        Caller { menus, interpreter, now, play: 0, heard: vec![] }
    }

    /// One word of a script: `start`, a key, `done` (what plays ends), `old` (an older play ends), `wait` (until the
    /// time-out), `early` (a time-out before its time), `lag` (a play whose end nobody reports).
    fn step(&mut self, word: &str) {
        let key = |word: &str| Input::Digit(Digit::from_char(word.chars().next().expect("a word")).expect("a key"));
        let input = match word {
            "start" => Input::Start,
            "done" => {
                self.now = self.now + Duration::from_millis(700);
                Input::PromptsDone { play: self.play }
            }
            "old" => Input::PromptsDone { play: self.play.wrapping_sub(1) },
            "early" => Input::Timeout,
            "wait" => {
                self.now = self.interpreter.next_timeout().expect("something is waited for");
                Input::Timeout
            }
            word => key(word),
        };
        self.give(input);
    }

    fn give(&mut self, input: Input) {
        self.interpreter.handle(self.menus, self.now, input);
        while let Some(output) = self.interpreter.poll() {
            self.heard.push(match output {
                Output::Play { play, prompts } => {
                    assert!(play > self.play, "plays count up");
                    self.play = play;
                    let names: Vec<_> =
                        prompts.iter().map(|p| self.menus.prompt(*p).expect("it exists").name.as_str()).collect();
                    format!("play {}", names.join(" "))
                }
                Output::Stop => "stop".into(),
                Output::Entered { menu, language } => format!("enter {menu} {language}"),
                Output::Chose { menu, key } => format!("chose {menu} {key}"),
                Output::Leave(Exit::Queue { queue, language, by }) => format!("queue {queue} {language} {by:?}"),
                Output::Serve { service } => format!("serve {service}"),
                Output::Leave(Exit::Voicemail { mailbox, language }) => format!("voicemail {mailbox} {language}"),
                Output::Leave(Exit::Callback { queue, language }) => format!("callback {queue} {language}"),
                Output::Leave(Exit::HangUp) => "hang up".into(),
            });
        }
    }
}

#[track_caller]
fn check(now: Instant, script: &str, wants: &[&str]) {
    let menus = menus(6);
    let mut caller = Caller::at(&menus, now);
    script.split_whitespace().for_each(|word| caller.step(word));
    assert_eq!(caller.heard, wants, "{script}");
}

const MAIN: &str = "enter main zh-CN";
const READ: &str = "play hello p0 p1 p8";

#[test]
fn a_key_stops_the_prompt_and_is_obeyed_at_once() {
    check(MORNING, "start", &[MAIN, READ]);
    check(MORNING, "start 0", &[MAIN, READ, "stop", "chose main 0", "queue general zh-CN Key"]);
    check(MORNING, "start done 0", &[MAIN, READ, "chose main 0", "queue general zh-CN Key"]);
    check(MORNING, "start *", &[MAIN, READ, "stop", "chose main *", "play p0 p1 p8"]);
}

#[test]
fn the_language_changes_without_the_greeting() {
    let english = "enter main en";
    check(MORNING, "start 8", &[MAIN, READ, "stop", "chose main 8", english, "play p0 p1 p8"]);
    check(
        MORNING,
        "start 8 0",
        &[MAIN, READ, "stop", "chose main 8", english, "play p0 p1 p8", "stop", "chose main 0", "queue general en Key"],
    );
}

#[test]
fn a_notice_is_heard_to_its_end_and_keys_are_kept() {
    let into = [MAIN, READ, "stop", "chose main 1", "enter accounts zh-CN", "play recorded"];
    check(MORNING, "start 1", &into);
    check(MORNING, "start 1 0", &into);
    check(MORNING, "start 1 0 done", &[&into[..], &["chose accounts 0", "queue accounts zh-CN Key"]].concat());
    check(MORNING, "start 1 done", &[&into[..], &["play hello p0"]].concat());
    check(
        MORNING,
        "start 1 # 8 done",
        &[&into[..], &["chose accounts #", MAIN, "chose main 8", "enter main en", "play p0 p1 p8"]].concat(),
    );
    check(MORNING, "start 1 9 done", &[&into[..], &["chose accounts 9", "hang up"]].concat());
}

#[test]
fn outside_its_hours_a_menu_says_so_and_leads_on() {
    let into = [MAIN, READ, "stop", "chose main 1", "enter accounts zh-CN", "play night"];
    check(NIGHT, "start 1", &into);
    check(NIGHT, "start 1 9 done", &[&into[..], &["queue general zh-CN Always"]].concat());
}

#[test]
fn who_is_silent_or_mistaken_is_asked_again_and_then_led_to_a_person() {
    check(MORNING, "start done", &[MAIN, READ]);
    check(MORNING, "start done wait", &[MAIN, READ, "play silence p0 p1 p8"]);
    check(MORNING, "start done wait done wait", &[MAIN, READ, "play silence p0 p1 p8", "queue general zh-CN NoInput"]);
    check(MORNING, "start 7", &[MAIN, READ, "stop", "play wrong p0 p1 p8"]);
    check(MORNING, "start 7 7", &[MAIN, READ, "stop", "play wrong p0 p1 p8", "stop", "queue general zh-CN NoMatch"]);
    // A good key in between forgives the mistake.
    check(
        MORNING,
        "start 7 * 7",
        &[
            MAIN,
            READ,
            "stop",
            "play wrong p0 p1 p8",
            "stop",
            "chose main *",
            "play p0 p1 p8",
            "stop",
            "play wrong p0 p1 p8",
        ],
    );
}

#[test]
fn what_comes_late_or_early_means_nothing() {
    check(MORNING, "start old", &[MAIN, READ]);
    check(MORNING, "start early", &[MAIN, READ]);
    check(MORNING, "start done early done", &[MAIN, READ]);
    check(MORNING, "start start", &[MAIN, READ]);
    check(MORNING, "0 done", &[]);
    check(MORNING, "start 0 0 done old early", &[MAIN, READ, "stop", "chose main 0", "queue general zh-CN Key"]);
}

#[test]
fn patience_runs_from_the_end_of_the_prompt() {
    let menus = menus(6);
    let mut caller = Caller::at(&menus, MORNING);
    caller.step("start");
    caller.now = caller.now + Duration::from_secs(4);
    caller.give(Input::PromptsDone { play: 1 });
    assert_eq!(caller.interpreter.next_timeout(), Some(MORNING + Duration::from_secs(10)));
}

#[test]
fn a_play_that_never_ends_is_taken_for_done() {
    let menus = menus(6);
    let mut caller = Caller::at(&menus, MORNING);
    caller.step("start");
    let due = caller.interpreter.next_timeout().expect("a bound on the play");
    assert_eq!(due, MORNING + Duration::from_secs(4 + 3), "its length and three seconds");
    caller.step("wait");
    assert_eq!(caller.heard.last().map(String::as_str), Some("stop"));
    assert_eq!(caller.interpreter.next_timeout(), Some(due + Duration::from_secs(6)));
}

#[test]
fn a_full_queue_is_told_as_the_menu_says() {
    let menus = menus(6);
    let interpreter = Interpreter::queue_full(&menus, "main", Language::English).expect("main has words for it");
    let mut caller = Caller { interpreter, ..Caller::at(&menus, MORNING) };
    ["start", "0", "done"].iter().for_each(|word| caller.step(word));
    assert_eq!(caller.heard, ["play busy", "hang up"]);
    assert_eq!(Interpreter::queue_full(&menus, "accounts", Language::English), None);
    assert_eq!(Interpreter::queue_full(&menus, "none", Language::English), None);
    assert_eq!(Interpreter::enter(&menus, "none", Visitor::Anybody), None);
}

#[test]
fn new_menus_begin_where_the_caller_is() {
    let (old, new) = (menus(6), menus(7));
    assert_ne!(old.hash(), new.hash());
    let mut caller = Caller::at(&old, MORNING);
    ["start", "8"].iter().for_each(|word| caller.step(word));
    caller.menus = &new;
    caller.heard.clear();
    // The key answered the old menu, which may have meant something else by it.
    caller.step("0");
    assert_eq!(caller.heard, ["enter main en", "play p0 p1 p8"]);
    caller.step("0");
    assert_eq!(caller.heard.last().map(String::as_str), Some("queue general en Key"));
}

fn words() -> impl Strategy<Value = Vec<&'static str>> {
    let word = prop::sample::select(vec!["0", "1", "8", "9", "*", "#", "7", "done", "old", "early", "wait", "start"]);
    prop::collection::vec(word, 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever he does: he leaves once at most, until then something is always waited for, and he can be written down
    /// and read back between any two steps without anybody noticing.
    #[test]
    fn nobody_is_lost(script in words(), night in any::<bool>()) {
        let menus = menus(6);
        let mut caller = Caller::at(&menus, if night { NIGHT } else { MORNING });
        caller.step("start");
        for word in script {
            let left = caller.heard.iter().filter(|h| h.starts_with("queue ") || *h == "hang up").count();
            prop_assert!(left <= 1);
            prop_assert_eq!(left == 0, caller.interpreter.next_timeout().is_some());
            if left == 1 && word == "wait" {
                continue;
            }
            let before = caller.heard.len();
            let bytes = postcard::to_stdvec(&caller.interpreter).expect("plain data");
            prop_assert!(bytes.len() < 100, "{} bytes", bytes.len());
            let mut twin = Caller { interpreter: postcard::from_bytes(&bytes).expect("what we wrote"), heard: vec![], ..caller };
            twin.step(word);
            caller = Caller::at(&menus, twin.now);
            (caller.interpreter, caller.play, caller.heard) = (twin.interpreter.clone(), twin.play, twin.heard.clone());
            prop_assert!(left == 0 || caller.heard.is_empty(), "nothing follows: {:?} {}", caller.heard, before);
            if left == 1 {
                caller.heard.push("hang up".into());
            }
        }
    }

    /// However he came there: if he does nothing more, he leaves within a few steps.
    #[test]
    fn silence_ends_somewhere(script in words()) {
        let menus = menus(6);
        let mut caller = Caller::at(&menus, MORNING);
        caller.step("start");
        let left = |c: &Caller<'_>| c.interpreter.next_timeout().is_none();
        for word in script {
            if !left(&caller) {
                caller.step(word);
            }
        }
        for _ in 0..8 {
            if !left(&caller) {
                caller.step("wait");
            }
        }
        prop_assert!(left(&caller), "{:?}", caller.heard);
    }
}
