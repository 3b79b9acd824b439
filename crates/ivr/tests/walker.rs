//! The proof against a caller who tries everything: random menus are walked through the interpreter, key by key, and must
//! give the same figures as the graph in `proof.rs`, with which this file shares no code.
//!
//! ```text
//!   random YAML ──compile──► Menus ──prove──────────► rows  ┐ equal
//!                               └──every key sequence─► rows ┘
//! ```
//! Every row of the proof is walked: open, closed, holiday, an emergency, systems down, full queues; keys, silence, wrong keys, elderly.
//! Not covered: paths (only figures are compared), and menus that the linter refuses.
mod common;

use common::{facts, option_prompt, sources};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::time::Duration;
use switchboard_ivr::{
    Caller, Conditions, Does, Exit, Input, Interpreter, Menus, Occasion, Opening, Output, PromptKind, Row, Situation,
    Visitor, compile, prove,
};
use switchboard_model::{Digit, Instant, Language, PromptId};

/// Monday, 2026-01-05 in Shanghai: 10:00, when all random menus are open, and 22:00, when those with hours or a calendar are closed.
const OPEN: Instant = Instant::from_millis(1_767_578_400_000);
const CLOSED: Instant = Instant::from_millis(1_767_621_600_000);
/// The Monday after, 10:00: a holiday of the calendar; menus that have only hours are open.
const HOLIDAY: Instant = Instant::from_millis(1_768_183_200_000);
/// Sequences longer than this are not walked; random menus lie at most four levels deep, and a language key is one more.
const KEYS_MAX: u32 = 6;

/// A random menu.
#[derive(Clone, Debug)]
struct Plan {
    greeting_ms: u32,
    /// Key → what it does: 0 queue, 1 a later menu, 2 an earlier menu, 3 the other language, 4 hang up, 5 a service.
    options: BTreeMap<char, (u8, usize, u32)>,
    read_person: bool,
    replays: (u32, u32),
    /// 0: always open, 1: hours, 2: a calendar, 3: one with words of its own for holidays.
    hours: u8,
    closed_to_menu: bool,
    full: u8,
    /// What it says in an emergency, when the systems are down, and to elderly callers: 0 nothing, 1 words and goes on, 2 words and leads on.
    says: (u8, u8, u8),
    on_silence: bool,
}

fn plan() -> impl Strategy<Value = Plan> {
    let key = prop::sample::select(vec!['1', '2', '3', '4', '5', '6', '7', '9', '#']);
    let option = (0u8..6, 0usize..8, 1u32..40).prop_map(|(does, to, tenths)| (does, to, tenths * 50));
    let options = prop::collection::btree_map(key, option, 0..4);
    let day = (0u8..4, any::<bool>(), 0u8..3, (0u8..3, 0u8..3, 0u8..3), any::<bool>());
    (1u32..20, options, any::<bool>(), (0u32..3, 0u32..3), day).prop_map(
        |(greeting, options, read_person, replays, (hours, closed_to_menu, full, says, on_silence))| Plan {
            greeting_ms: greeting * 100,
            options,
            read_person,
            replays,
            hours,
            closed_to_menu,
            full,
            says,
            on_silence,
        },
    )
}

/// Writes the plans as menus. A chain leads from each menu to the next, so that all can be reached; key 0 leads to a person
/// in the first and the last one always, and elsewhere if the plan says so.
fn write(plans: &[Plan]) -> Menus {
    let mut prompts = vec![];
    let mut texts = vec![];
    let name = |i: usize| if i == 0 { "main".to_owned() } else { format!("m{i}") };
    for (i, plan) in plans.iter().enumerate() {
        let mut words = |name: String, kind: &'static str, millis| {
            prompts.push((name.clone(), kind, "你好".to_owned(), "Hello".to_owned(), millis));
            name
        };
        let greeting = words(format!("hello{i}"), if plan.full == 1 { "notice" } else { "menu" }, plan.greeting_ms);
        let again = words(format!("again{i}"), "menu", 450);
        let night = words(format!("night{i}"), "notice", 900);
        let busy = words(format!("busy{i}"), "notice", 800);
        let feast = words(format!("feast{i}"), "notice", 650);
        let storm = words(format!("storm{i}"), "notice", 1_100);
        let down = words(format!("down{i}"), "notice", 1_300);
        let slowly = words(format!("slowly{i}"), "notice", 1_450);
        let mut options = String::new();
        let mut add = |key: char, does: String, millis: u32| {
            let prompt = format!("p{i}_{}", options.lines().count());
            prompts.push(option_prompt(&prompt, key, millis));
            options += &format!("  \"{key}\": {{ prompt: {prompt}, {does} }}\n");
        };
        if i == 0 || i + 1 == plans.len() || plan.read_person {
            add('0', "queue: q".into(), 300);
        }
        if i + 1 < plans.len() {
            add('*', format!("menu: {}", name(i + 1)), 350);
        }
        for (&key, &(does, to, millis)) in &plan.options {
            let later = i + 1 + to % plans.len();
            match does {
                1 if later < plans.len() => add(key, format!("menu: {}", name(later)), millis),
                2 if i > 0 => add(key, format!("menu: {}", name(to % i)), millis),
                3 => add(key, "language: zh-CN".into(), millis),
                4 => add(key, "hang_up: true".into(), millis),
                // Where the menu has nothing to say of systems that are down, the choice must.
                5 if plan.says.1 < 2 || to % 2 == 0 => {
                    add(key, format!("service: s{}, on_failure: {{ queue: r }}", to % 2), millis)
                }
                5 => add(key, format!("service: s{}", to % 2), millis),
                _ => add(key, "queue: q".into(), millis),
            }
        }
        add('8', "language: en".into(), 250);
        let mut text =
            format!("version: 1\nmenu: {}\nlanguages: [zh-CN, en]\ngreeting: {greeting}\noptions:\n{options}", name(i));
        let then = if plan.closed_to_menu && i + 1 < plans.len() {
            format!("menu: {}", name(i + 1))
        } else {
            "queue: q".into()
        };
        text +=
            &format!("no_input: {{ after_s: 5, replay: {}, prompt: {again}, then: {{ {then} }} }}\n", plan.replays.0);
        text += &format!("no_match: {{ replay: {}, prompt: {again}, then: {{ {then} }} }}\n", plan.replays.1);
        if plan.hours == 1 {
            text += "hours: { days: [mon], from: \"08:00\", to: \"18:00\", utc_offset: \"+08:00\" }\n";
        }
        if plan.hours >= 2 {
            text += "calendar: monday\n";
        }
        if plan.hours >= 1 {
            text += &format!("closed: {{ prompt: {night}, then: {{ {then} }} }}\n");
        }
        if plan.hours == 3 {
            text += &format!("holiday: {{ prompt: {feast}, then: {{ {then} }} }}\n");
        }
        let leads = |n: u8, to: &str| if n == 2 { format!(", then: {{ {to} }}") } else { String::new() };
        if plan.says.0 > 0 {
            text += &format!("emergency: {{ storm: {{ prompt: {storm}{} }} }}\n", leads(plan.says.0, &then));
        }
        if plan.says.1 > 0 {
            text += &format!("systems_down: {{ prompt: {down}{} }}\n", leads(plan.says.1, "queue: r"));
        }
        if plan.says.2 > 0 {
            let to = leads(plan.says.2, "queue: r");
            text += &format!("elderly: {{ prompt: {slowly}{to}, on_silence: {} }}\n", plan.on_silence);
        }
        match plan.full {
            1 => text += &format!("queue_full: {{ prompt: {busy}, then: {{ queue: r }} }}\n"),
            2 => text += &format!("queue_full: {{ prompt: {busy}, then: {{ hang_up: true }} }}\n"),
            _ => {}
        }
        texts.push((name(i), text));
    }
    let waived = ["IVR0201", "IVR0203", "IVR0204", "IVR0206", "IVR0208"];
    let waivers: Vec<_> =
        waived.iter().map(|r| format!("{{ rule: {r}, approver: a, reason: b, until: \"2099-01-01\" }}")).collect();
    let policy = format!("person_within_s: 120\nchoices_max: 9\nwaivers: [{}]\n", waivers.join(", "));
    let menus: Vec<_> = texts.iter().map(|(n, t)| (n.as_str(), t.clone())).collect();
    let facts = facts(&["q", "r"], &[Language::Mandarin, Language::English], 2);
    let mut sources = sources(&menus, &prompts, &policy);
    sources.add("services.yaml", "version: 1\nservices: { s0: {}, s1: { time_limit_s: 4 } }\n".as_bytes().to_vec());
    let calendar = "version: 1\ncalendars:\n  monday:\n    zone: Asia/Shanghai\n    years: [2026]\n    \
        hours: [{ days: [mon], from: \"08:00\", to: \"18:00\" }]\n    holidays: [{ name: x, from: \"2026-01-12\" }]\n";
    sources.add("calendars.yaml", calendar.as_bytes().to_vec());
    let (menus, faults) = compile(&sources, &facts);
    menus.unwrap_or_else(|| panic!("{}", switchboard_source::render(&faults)))
}

/// A caller somewhere on his way.
#[derive(Clone)]
struct Walker {
    interpreter: Interpreter,
    began: Instant,
    now: Instant,
    keys: u32,
    playing: Vec<PromptId>,
    /// All that began to play since the last key.
    heard: Vec<PromptId>,
    play: u32,
    left: Option<Exit>,
}

impl Walker {
    fn begin(interpreter: Interpreter, menus: &Menus, now: Instant) -> Walker {
        let mut walker =
            Walker { interpreter, began: now, now, keys: 0, playing: vec![], heard: vec![], play: 0, left: None };
        walker.give(menus, Input::Start);
        walker
    }
    fn elapsed_ms(&self) -> u64 {
        self.now.ms_since(self.began)
    }
    fn ms(menus: &Menus, prompts: &[PromptId]) -> u64 {
        prompts.iter().map(|p| menus.prompt(*p).expect("it exists").millis).sum()
    }
    /// Gives an input, and listens to everything that cannot be stopped.
    fn give(&mut self, menus: &Menus, input: Input) {
        self.interpreter.handle(menus, self.now, input);
        while let Some(output) = self.interpreter.poll() {
            match output {
                Output::Play { play, prompts } => {
                    self.heard.extend(&prompts);
                    (self.play, self.playing) = (play, prompts);
                }
                Output::Leave(exit) => self.left = Some(exit),
                Output::Serve { .. } => {
                    // Nobody answers: the time limit ends it. Services that are done are not walked.
                    self.playing.clear();
                    self.now = self.interpreter.next_timeout().expect("a service has a time limit");
                    return self.give(menus, Input::Timeout);
                }
                Output::Stop | Output::Entered { .. } | Output::Chose { .. } => {}
            }
        }
        let is_notice = |p: &PromptId| menus.prompt(*p).is_some_and(|p| p.kind == PromptKind::Notice);
        if self.left.is_none() && !self.playing.is_empty() && self.playing.iter().all(is_notice) {
            self.listen(menus);
        }
    }
    /// Listens to the end of what plays.
    fn listen(&mut self, menus: &Menus) {
        let ms = Self::ms(menus, &std::mem::take(&mut self.playing));
        self.now = self.now + Duration::from_millis(ms);
        self.give(menus, Input::PromptsDone { play: self.play });
    }
    /// The same caller after he has heard a key named and pressed it.
    fn press(&self, menus: &Menus, option: &switchboard_ivr::MenuOption) -> Walker {
        let mut next = self.clone();
        let named = option.prompt.as_ref().and_then(|n| menus.prompt_named(n, next.interpreter.language()));
        let until =
            named.and_then(|id| next.playing.iter().position(|p| *p == id)).map_or(next.playing.len(), |i| i + 1);
        next.now = next.now + Duration::from_millis(Self::ms(menus, &next.playing[..until]));
        next.keys += 1;
        next.playing.clear();
        next.heard.clear();
        next.give(menus, Input::Digit(option.key));
        next
    }
    /// All keys of the menu he is in, pressed, but for those after which it is only read again.
    fn everywhere(&self, menus: &Menus) -> Vec<Walker> {
        let options = menus.menu(self.interpreter.menu()).map_or(vec![], |m| m.options.clone());
        let again = |does: &Does| match does {
            Does::Service(_) => !menus.conditions().systems_down,
            does => *does == Does::Replay,
        };
        options.iter().filter(|o| !again(&o.does)).map(|o| self.press(menus, o)).collect()
    }
    /// Where he is, and whether he heard the greeting on coming in.
    fn place(&self, menus: &Menus) -> Place {
        let (menu, language) = (self.interpreter.menu(), self.interpreter.language());
        let greeting = menus.menu(menu).map_or(&[][..], |m| m.greeting());
        let greeted =
            greeting.iter().any(|g| menus.prompt_named(g, language).is_some_and(|id| self.heard.contains(&id)));
        (menu.to_owned(), language, greeted)
    }
    fn reached(&self) -> bool {
        matches!(self.left, Some(Exit::Queue { .. }))
    }
}

/// Fewest keys, then longest listening.
fn better(a: &Walker, b: &Walker) -> bool {
    (a.keys, b.elapsed_ms()) < (b.keys, a.elapsed_ms())
}

/// Menu, language, greeted.
type Place = (String, Language, bool);

/// Every place, with the best walker that came there.
fn places(menus: &Menus, first: Walker) -> BTreeMap<Place, Walker> {
    let mut places: BTreeMap<Place, Walker> = BTreeMap::new();
    let mut layer = vec![first];
    while !layer.is_empty() {
        let mut next = vec![];
        for walker in layer.into_iter().filter(|w| w.left.is_none() && w.keys <= KEYS_MAX) {
            let place = walker.place(menus);
            if places.get(&place).is_some_and(|known| !better(&walker, known)) {
                continue;
            }
            next.extend(walker.everywhere(menus));
            places.insert(place, walker);
        }
        layer = next;
    }
    places
}

/// The fewest keys onward to a person, and among those the longest listening: tries every sequence.
fn onward(menus: &Menus, from: &Walker) -> Option<Walker> {
    let mut layer = vec![from.clone()];
    for _ in 0..KEYS_MAX {
        let next: Vec<Walker> = layer.iter().flat_map(|w| w.everywhere(menus)).collect();
        let reached = next.iter().filter(|w| w.reached()).max_by_key(|w| w.elapsed_ms());
        if let Some(reached) = reached {
            return Some(reached.clone());
        }
        // One walker a place is enough: the one who listened longest.
        let mut best: BTreeMap<_, Walker> = BTreeMap::new();
        for walker in next.into_iter().filter(|w| w.left.is_none()) {
            let longer = best.get(&walker.place(menus)).is_none_or(|b| walker.elapsed_ms() > b.elapsed_ms());
            if longer {
                best.insert(walker.place(menus), walker);
            }
        }
        layer = best.into_values().collect();
    }
    None
}

type Figures = (Option<u32>, Option<u32>, Option<u64>);

fn by_keys(menus: &Menus, now: Instant) -> BTreeMap<Language, Figures> {
    let first = Walker::begin(Interpreter::enter(menus, "main", Visitor::Anybody).expect("main"), menus, now);
    if first.left.is_some() {
        let figures = if first.reached() { (Some(0), Some(0), Some(first.elapsed_ms())) } else { (None, None, None) };
        return BTreeMap::from([(Language::Mandarin, figures)]);
    }
    let mut rows: BTreeMap<Language, Vec<Option<Walker>>> = BTreeMap::new();
    for ((_, language, _), walker) in places(menus, first) {
        rows.entry(language).or_default().push(onward(menus, &walker));
    }
    rows.into_iter().map(|(language, ends)| (language, worst(&ends))).collect()
}

fn worst(ends: &[Option<Walker>]) -> Figures {
    let least = ends.iter().flatten().map(|w| w.keys).min();
    if ends.iter().any(Option::is_none) {
        return (least, None, None);
    }
    (least, ends.iter().flatten().map(|w| w.keys).max(), ends.iter().flatten().map(Walker::elapsed_ms).max())
}

fn by_silence(menus: &Menus, now: Instant, visitor: Visitor) -> Figures {
    let mut walker = Walker::begin(Interpreter::enter(menus, "main", visitor).expect("main"), menus, now);
    while walker.left.is_none() {
        walker.listen(menus);
        if walker.left.is_none() && walker.playing.is_empty() {
            walker.now = walker.interpreter.next_timeout().expect("patience ends");
            walker.give(menus, Input::Timeout);
        }
    }
    if walker.reached() { (Some(0), Some(0), Some(walker.elapsed_ms())) } else { (None, None, None) }
}

/// He hears all of it, then presses a key that is no choice.
fn by_wrong_keys(menus: &Menus, now: Instant) -> Figures {
    let mut walker = Walker::begin(Interpreter::enter(menus, "main", Visitor::Anybody).expect("main"), menus, now);
    while walker.left.is_none() {
        walker.listen(menus);
        if walker.left.is_none() {
            walker.keys += 1;
            walker.give(menus, Input::Digit(Digit::from_char('D').expect("a key")));
        }
    }
    if walker.reached() {
        (Some(walker.keys), Some(walker.keys), Some(walker.elapsed_ms()))
    } else {
        (None, None, None)
    }
}

/// Every choice that leads to a person finds the queue full.
fn by_full(menus: &Menus) -> BTreeMap<Language, Figures> {
    let mut ends: BTreeMap<Language, Vec<Option<Walker>>> = BTreeMap::new();
    let first = Walker::begin(Interpreter::enter(menus, "main", Visitor::Anybody).expect("main"), menus, OPEN);
    for walker in places(menus, first).into_values() {
        for asked in walker.everywhere(menus).into_iter().filter(Walker::reached) {
            let (menu, language) = (walker.interpreter.menu(), walker.interpreter.language());
            let told = Interpreter::queue_full(menus, menu, language).map(|interpreter| {
                let mut told = Walker { interpreter, left: None, playing: vec![], ..asked.clone() };
                told.give(menus, Input::Start);
                told
            });
            ends.entry(language).or_default().push(told.filter(Walker::reached));
        }
    }
    ends.into_iter().map(|(language, ends)| (language, worst(&ends))).collect()
}

fn figures(row: &Row) -> Figures {
    (row.keys_min, row.keys_max, row.millis_max)
}

fn compare(menus: &Menus, holiday: Instant) -> Result<(), TestCaseError> {
    let proof = prove(menus);
    let rows = |situation, caller| -> BTreeMap<Language, Figures> {
        let own = proof.rows.iter().filter(|r| r.situation == situation && r.caller == caller);
        own.map(|r| (r.language, figures(r))).collect()
    };
    let storm = Conditions { emergency: Some("storm".to_owned()), systems_down: false };
    let down = Conditions { emergency: None, systems_down: true };
    let fair = Conditions::default();
    for (situation, now, conditions) in [
        (Situation::Open, OPEN, &fair),
        (Situation::Closed, CLOSED, &fair),
        (Situation::Holiday, holiday, &fair),
        (Situation::Emergency("storm".to_owned()), OPEN, &storm),
        (Situation::SystemsDown, OPEN, &down),
    ] {
        // A day that no menu speaks of is like an open one, and has no rows.
        let speaks = menus.all().any(|m| match situation {
            Situation::Open | Situation::QueueFull => true,
            Situation::Closed => m.opening != Opening::Always,
            Situation::Holiday => matches!(m.opening, Opening::Calendar(_)),
            Situation::Emergency(_) => m.plans().next().is_some(),
            Situation::SystemsDown => {
                m.notice(&Occasion::SystemsDown).is_some()
                    || m.options.iter().any(|o| matches!(o.does, Does::Service(_)))
            }
        });
        let rows = |caller| rows(situation.clone(), caller);
        if !speaks {
            prop_assert_eq!(rows(Caller::Keys), BTreeMap::new(), "{:?}", situation);
            continue;
        }
        let menus = &menus.under(conditions.clone());
        prop_assert_eq!(rows(Caller::Keys), by_keys(menus, now), "{:?} keys\n{}", situation, proof.table());
        let one = |f| BTreeMap::from([(Language::Mandarin, f)]);
        let silent = |visitor| one(by_silence(menus, now, visitor));
        let table = || proof.table();
        prop_assert_eq!(rows(Caller::Silent), silent(Visitor::Anybody), "{:?} silent\n{}", situation, table());
        prop_assert_eq!(rows(Caller::Elderly), silent(Visitor::Elderly), "{:?} elderly\n{}", situation, table());
        prop_assert_eq!(rows(Caller::WrongKeys), one(by_wrong_keys(menus, now)), "{:?} wrong\n{}", situation, table());
    }
    if menus.all().any(|m| m.notice(&Occasion::QueueFull).is_some()) {
        prop_assert_eq!(rows(Situation::QueueFull, Caller::Keys), by_full(menus), "full\n{}", proof.table());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_proof_is_what_a_tireless_caller_finds(plans in prop::collection::vec(plan(), 1..5)) {
        compare(&write(&plans), HOLIDAY)?;
    }
}

#[test]
fn the_banks_own_proof_holds() {
    let sources = switchboard_ivr::gather("ivr-menus", &mut common::Repository).expect("the bank's menus");
    let (menus, _) = compile(&sources, &common::bank_facts());
    let national_day = switchboard_ivr::moment("2026-10-01T10:00+08:00").expect("a moment");
    compare(&menus.expect("proved"), national_day).expect("the same figures");
}
