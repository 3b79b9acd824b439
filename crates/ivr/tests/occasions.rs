//! What a menu says beside its choices: by the day, by who comes, by what has failed; and that whoever is inside finishes in the menus
//! that he knows.
//!
//! Not covered: the figures (`walker.rs`).
mod common;

use common::{facts, option_prompt, sources};
use std::time::Duration;
use switchboard_ivr::{Conditions, Exit, Input, Interpreter, Menus, Output, Visitor, compile, moment};
use switchboard_model::{Digit, Instant, Language};

const CALENDARS: &str = r#"version: 1
calendars:
  day:
    zone: Asia/Shanghai
    years: [2026]
    hours: [{ days: [mon, tue, wed, thu, fri], from: "08:00", to: "18:00" }]
    holidays: [{ name: 国庆节, from: "2026-10-01", to: "2026-10-07" }]
    working_days: [{ day: "2026-10-10", like: thu }]
"#;

/// `more`: lines of the main menu; `wait`: its time to answer.
fn menus(more: &str, wait: u32) -> Menus {
    let main = format!(
        r#"version: 1
menu: main
languages: [zh-CN]
greeting: hello
options:
  "0": {{ prompt: p0, queue: general }}
  "1": {{ prompt: p1, service: balance }}
  "2": {{ prompt: p2, service: balance, on_failure: {{ queue: other }} }}
no_input: {{ after_s: {wait}, replay: 1, then: {{ queue: general }} }}
no_match: {{ replay: 1, then: {{ queue: general }} }}
systems_down: {{ prompt: down, then: {{ queue: general }} }}
{more}"#
    );
    let said = ["hello", "down", "closed", "feast", "storm", "slowly"];
    let mut prompts: Vec<_> = said
        .map(|name| {
            (name.to_owned(), if name == "hello" { "menu" } else { "notice" }, "你好".to_owned(), "Hi".to_owned(), 1000)
        })
        .to_vec();
    prompts.extend(['0', '1', '2'].map(|key| option_prompt(&format!("p{key}"), key, 1000)));
    let waived = "waivers: [{ rule: IVR0208, approver: a, reason: b, until: \"2099-01-01\" }]\n";
    let mut sources = sources(&[("main", main)], &prompts, waived);
    sources.add("calendars.yaml", CALENDARS.as_bytes().to_vec());
    sources.add("services.yaml", b"version: 1\nservices: { balance: { time_limit_s: 7 } }\n".to_vec());
    let facts = facts(&["general", "other"], &[Language::Mandarin, Language::English], 2);
    let (menus, faults) = compile(&sources, &facts);
    menus.unwrap_or_else(|| panic!("{}", switchboard_source::render(&faults)))
}

/// A caller of the main menu, and what came of him.
struct Caller {
    interpreter: Interpreter,
    now: Instant,
    play: u32,
    said: Vec<String>,
}

impl Caller {
    fn at(menus: &Menus, at: &str, visitor: Visitor) -> Caller {
        let interpreter = Interpreter::enter(menus, "main", visitor).expect("a menu");
        let mut caller = Caller { interpreter, now: moment(at).expect("a moment"), play: 0, said: vec![] };
        caller.give(menus, Input::Start);
        caller
    }
    fn give(&mut self, menus: &Menus, input: Input) {
        self.interpreter.handle(menus, self.now, input);
        while let Some(output) = self.interpreter.poll() {
            self.said.push(match output {
                Output::Play { play, prompts } => {
                    self.play = play;
                    let text = |p| menus.all_prompts().into_iter().find(|q| q.id == p).expect("a prompt").name.clone();
                    prompts.into_iter().map(text).collect::<Vec<_>>().join(" ")
                }
                Output::Leave(Exit::Queue { queue, by, .. }) => format!("{queue} {by:?}"),
                Output::Leave(other) => format!("{other:?}"),
                Output::Serve { service } => format!("serve {service}"),
                Output::Stop | Output::Entered { .. } | Output::Chose { .. } => continue,
            });
        }
    }
    fn done(&mut self, menus: &Menus) {
        self.give(menus, Input::PromptsDone { play: self.play });
    }
    fn press(&mut self, menus: &Menus, key: char) {
        self.give(menus, Input::Digit(Digit::from_char(key).expect("a key")));
    }
    fn wait(&mut self, menus: &Menus) -> u64 {
        let due = self.interpreter.next_timeout().expect("something is waited for");
        let waited = due.ms_since(self.now);
        self.now = due;
        self.give(menus, Input::Timeout);
        waited / 1000
    }
}

const WORKDAY: &str = "2026-09-30T10:00+08:00";
const CHOICES: &str = "hello p0 p1 p2";

#[test]
fn the_day_decides_what_is_said_first() {
    let lines = "calendar: day\nclosed: { prompt: closed, then: { queue: general } }\n\
                 holiday: { prompt: feast, then: { queue: other } }\n\
                 emergency: { storm: { prompt: storm }, fire: { prompt: storm, then: { queue: other } } }\n";
    let menus = menus(lines, 6);
    let storm = menus.under(Conditions { emergency: Some("storm".into()), systems_down: false });
    let fire = menus.under(Conditions { emergency: Some("fire".into()), systems_down: true });
    let flood = menus.under(Conditions { emergency: Some("flood".into()), systems_down: false });
    for (menus, at, said, after) in [
        (&menus, WORKDAY, CHOICES, ""),
        (&menus, "2026-09-30T18:00+08:00", "closed", "general Always"),
        (&menus, "2026-10-01T10:00+08:00", "feast", "other Always"),
        (&menus, "2026-10-07T23:59+08:00", "feast", "other Always"),
        (&menus, "2026-10-10T10:00+08:00", CHOICES, ""),
        (&menus, "2026-10-11T10:00+08:00", "closed", "general Always"),
        // Words that lead nowhere are heard, and the menu goes on; those that lead on are the last.
        (&storm, WORKDAY, "storm", CHOICES),
        (&storm, "2026-10-01T10:00+08:00", "storm feast", "other Always"),
        (&fire, WORKDAY, "storm", "other Always"),
        // A plan for which this menu has no words.
        (&flood, WORKDAY, CHOICES, ""),
    ] {
        let mut caller = Caller::at(menus, at, Visitor::Anybody);
        assert_eq!(caller.said, [said], "{at}");
        caller.done(menus);
        assert_eq!(caller.said.get(1).map_or("", String::as_str), after, "{at}");
    }
    assert_eq!(menus.plans().into_iter().collect::<Vec<_>>(), ["fire", "storm"]);
}

#[test]
fn elderly_callers_go_straight_to_a_person_or_have_more_time() {
    let straight = menus("elderly: { prompt: slowly, then: { queue: other } }\n", 6);
    let mut caller = Caller::at(&straight, WORKDAY, Visitor::Elderly);
    caller.done(&straight);
    assert_eq!(caller.said, ["slowly", "other Always"]);
    let time = menus("elderly: { prompt: slowly, on_silence: true }\n", 6);
    let mut caller = Caller::at(&time, WORKDAY, Visitor::Elderly);
    caller.done(&time);
    caller.done(&time);
    assert_eq!(caller.wait(&time), 12, "elderly_answer_s");
    assert_eq!(caller.said, ["slowly", CHOICES, "p0 p1 p2"]);
    // Anybody who is silent once is treated like him from then on.
    let mut caller = Caller::at(&time, WORKDAY, Visitor::Anybody);
    caller.done(&time);
    assert_eq!(caller.wait(&time), 6);
    caller.done(&time);
    caller.done(&time);
    assert_eq!(caller.wait(&time), 12);
    assert_eq!(caller.said, [CHOICES, "slowly", "p0 p1 p2", "general NoInput"]);
}

#[test]
fn a_service_is_done_or_leads_to_a_person() {
    let menus = menus("", 6);
    for (key, ok, said) in [
        ('1', Some(true), ["serve balance", "p0 p1 p2"]),
        ('1', Some(false), ["serve balance", "down"]),
        ('2', Some(false), ["serve balance", "other ServiceFailed"]),
        ('2', None, ["serve balance", "other ServiceFailed"]),
    ] {
        let mut caller = Caller::at(&menus, WORKDAY, Visitor::Anybody);
        caller.press(&menus, key);
        caller.press(&menus, '0'); // his keys are the service's now
        match ok {
            Some(ok) => caller.give(&menus, Input::Served { ok }),
            None => assert_eq!(caller.wait(&menus), 7, "its time limit"),
        }
        assert_eq!(caller.said[1..], said, "{key} {ok:?}");
        if said[1] == "down" {
            caller.done(&menus);
            assert_eq!(caller.said[3], "general ServiceFailed");
        }
        let before = caller.said.len();
        caller.give(&menus, Input::Served { ok: false }); // too late
        assert_eq!(caller.said.len(), before, "a late answer changes nothing");
    }
}

#[test]
fn who_is_inside_finishes_in_the_menus_he_knows() {
    let mut live = menus("", 6);
    let mut inside = Caller::at(&live, WORKDAY, Visitor::Anybody);
    inside.done(&live);
    for wait in [20, 21, 22] {
        live = menus("", wait).following(&live);
    }
    let mut newcomer = Caller::at(&live, WORKDAY, Visitor::Anybody);
    newcomer.done(&live);
    assert_eq!(newcomer.wait(&live), 22);
    assert_eq!(inside.wait(&live), 6, "as it was when he came");
    inside.now = inside.now + Duration::from_secs(1);
    // A fourth change: his menus are remembered no longer, and he begins in the new ones.
    live = menus("", 23).following(&live);
    inside.done(&live);
    inside.done(&live);
    assert_eq!(inside.wait(&live), 23);
    assert!(inside.said.iter().all(|s| !s.starts_with("general")), "{:?}", inside.said);
}

#[test]
fn conditions_do_not_disturb_who_is_inside() {
    let calm = menus("emergency: { storm: { prompt: storm } }\n", 6);
    let mut caller = Caller::at(&calm, WORKDAY, Visitor::Anybody);
    let storm = calm.under(Conditions { emergency: Some("storm".into()), systems_down: true });
    assert_eq!(calm.hash(), storm.hash());
    caller.press(&storm, '0');
    assert_eq!(caller.said, [CHOICES, "general Key"]);
}
