//! How many keys and seconds a caller needs to reach a person, at best and at worst, with the path.
//!
//! ```text
//!   a place = menu × language × came by the front door or by a language key
//!
//!   front door ──fewest keys, longest listening──► place ──fewest keys from there──► person
//!               keys_min: the nearest person            keys_max, seconds_max: the worst place to have gone to first
//! ```
//! The caller of the worst case goes to any place there is, hears it until his key has been said, and presses it; he never
//! presses what he does not need. Closed notices on the way are heard to their end. Ringing and queueing are not counted.
//!
//! Works on the graph of the menus and never runs the interpreter: the test walks the interpreter and must find the same.
use crate::menu::{Does, Menu, Menus};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt;
use switchboard_model::{Digit, Language};

/// What the day is like.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Situation {
    /// All menus are open.
    Open,
    /// Every menu that has hours is closed.
    Closed,
    /// Every queue that a caller asks for first is full.
    QueueFull,
}

/// What the caller does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Caller {
    /// Presses keys that are choices.
    Keys,
    /// Presses nothing.
    Silent,
    /// Presses keys that are no choices.
    WrongKeys,
}

/// One line of the proof.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// The menu in which the call begins.
    pub entry: String,
    /// The day.
    pub situation: Situation,
    /// The language in which he asks for a person.
    pub language: Language,
    /// What he does.
    pub caller: Caller,
    /// Keys at best; none if no person can be reached.
    pub keys_min: Option<u32>,
    /// Keys at worst; none if from somewhere no person can be reached.
    pub keys_max: Option<u32>,
    /// Milliseconds at worst, until the last key or the end of patience.
    pub millis_max: Option<u64>,
    /// The worst path.
    pub path: String,
}

/// All lines, for the menus with this hash.
#[derive(Clone, PartialEq, Debug)]
pub struct Proof {
    /// The hash of what was proved.
    pub hash: String,
    /// Approved deviations from house policy.
    pub waivers: Vec<String>,
    /// The lines.
    pub rows: Vec<Row>,
}

/// Proves.
pub fn prove(menus: &Menus) -> Proof {
    let mut rows = vec![];
    for entry in menus.entries() {
        let mut situations = vec![Situation::Open];
        if menus.all().any(|m| m.hours.is_some()) {
            situations.push(Situation::Closed);
        }
        for situation in situations {
            let walk = Walk { menus, entry, situation };
            rows.extend(walk.key_rows());
            rows.extend(walk.patience_row(Caller::Silent));
            rows.extend(walk.patience_row(Caller::WrongKeys));
        }
        if menus.all().any(|m| m.queue_full.is_some()) {
            rows.extend(Walk { menus, entry, situation: Situation::QueueFull }.full_rows());
        }
    }
    Proof { hash: menus.hash().to_owned(), waivers: menus.waivers().to_vec(), rows }
}

/// A place a caller can be in. `greeted`: he came by the front door and heard a greeting.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Spot<'m> {
    menu: &'m str,
    language: Language,
    greeted: bool,
}

/// Where a step ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum End<'m> {
    Spot(Spot<'m>),
    Person,
    HungUp,
}

/// A way gone: what it cost, and how it reads.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Way {
    keys: u32,
    millis: u64,
    path: String,
}

impl Way {
    fn and(&self, more: &Way) -> Way {
        Way {
            keys: self.keys + more.keys,
            millis: self.millis + more.millis,
            path: format!("{}{}", self.path, more.path),
        }
    }
    /// Fewer keys; with as many, longer listening.
    fn before(&self, other: &Way) -> bool {
        (self.keys, other.millis, &self.path) < (other.keys, self.millis, &other.path)
    }
    /// More keys; with as many, longer listening.
    fn worse(&self, other: &Way) -> bool {
        (self.keys, self.millis) > (other.keys, other.millis)
    }
}

/// What becomes of callers of one language whose queue is full.
#[derive(Default)]
struct WhenFull {
    /// The fewest keys to a person.
    least: Option<u32>,
    /// A path on which no person is reached.
    lost: Option<String>,
    /// Those on which one is.
    ways: Vec<Way>,
}

struct Walk<'m> {
    menus: &'m Menus,
    entry: &'m str,
    situation: Situation,
}

impl<'m> Walk<'m> {
    fn menu(&self, name: &str) -> &'m Menu {
        self.menus.menu(name).expect("compile checked that every menu named exists")
    }

    fn said(&self, name: &str, language: Language) -> u64 {
        self.menus.millis(&[self.menus.said(name, language)])
    }

    fn default_language(&self) -> Language {
        self.menu(self.entry).languages[0]
    }

    /// Through the front door of a menu, and through as many closed ones as follow.
    fn enter(&self, menu: &'m str, language: Language) -> (Way, End<'m>) {
        let mut way = Way { keys: 0, millis: 0, path: format!(" → {menu}") };
        let mut menu = self.menu(menu);
        for _ in 0..=self.menus.0.menus.len() {
            let closed = menu.closed.as_ref().filter(|_| self.situation == Situation::Closed && menu.hours.is_some());
            let Some(closed) = closed else {
                let greeted = !menu.greeting().is_empty();
                return (way, End::Spot(Spot { menu: &menu.name, language, greeted }));
            };
            way.millis += self.said(&closed.prompt, language);
            way.path += " (closed)";
            match &closed.then {
                Does::Menu(next) => {
                    way.path += &format!(" → {next}");
                    menu = self.menu(next);
                }
                Does::Queue(queue) => {
                    way.path += &format!(" → queue {queue}");
                    return (way, End::Person);
                }
                Does::Language(_) | Does::Replay | Does::HangUp => return (way, End::HungUp),
            }
        }
        (way, End::HungUp)
    }

    fn start(&self) -> (Way, End<'m>) {
        let (mut way, end) = self.enter(self.entry, self.default_language());
        way.path = way.path.trim_start_matches(" → ").to_owned();
        (way, end)
    }

    /// Until the key's prompt has been heard; the whole menu if the key is not read out.
    fn until_said(&self, spot: Spot<'m>, key: Digit) -> u64 {
        let menu = self.menu(spot.menu);
        let mut millis = self.greeting(spot);
        for option in &menu.options {
            millis += option.prompt.as_ref().map_or(0, |p| self.said(p, spot.language));
            if option.key == key && option.prompt.is_some() {
                break;
            }
        }
        millis
    }

    fn greeting(&self, spot: Spot<'m>) -> u64 {
        let greeting = self.menu(spot.menu).greeting().iter().filter(|_| spot.greeted);
        greeting.map(|p| self.said(p, spot.language)).sum()
    }

    fn reading(&self, spot: Spot<'m>) -> u64 {
        self.menu(spot.menu).options.iter().filter_map(|o| o.prompt.as_ref()).map(|p| self.said(p, spot.language)).sum()
    }

    /// Every key of a place, what it costs and where it ends.
    fn steps(&self, spot: Spot<'m>) -> Vec<(Way, End<'m>)> {
        let mut steps = vec![];
        for option in &self.menu(spot.menu).options {
            let key = option.key;
            let way = Way { keys: 1, millis: self.until_said(spot, key), path: format!(" → {key}") };
            match &option.does {
                Does::Queue(queue) => {
                    let there = Way { keys: 0, millis: 0, path: format!(" → queue {queue}") };
                    steps.push((way.and(&there), End::Person));
                }
                Does::Menu(menu) => {
                    let (entered, end) = self.enter(menu, spot.language);
                    steps.push((way.and(&entered), end));
                }
                Does::Language(language) => {
                    let there = Way { keys: 0, millis: 0, path: format!(" → {} ({language})", spot.menu) };
                    let end = End::Spot(Spot { menu: spot.menu, language: *language, greeted: false });
                    steps.push((way.and(&there), end));
                }
                Does::HangUp => steps.push((way, End::HungUp)),
                Does::Replay => {}
            }
        }
        steps
    }

    /// Every place, with the fewest keys to it.
    fn places(&self) -> BTreeMap<Spot<'m>, Way> {
        let mut places = BTreeMap::new();
        let (way, End::Spot(first)) = self.start() else { return places };
        let mut layer = BTreeMap::from([(first, way)]);
        while !layer.is_empty() {
            let mut next: BTreeMap<Spot<'m>, Way> = BTreeMap::new();
            places.extend(layer.iter().map(|(s, w)| (*s, w.clone())));
            for (spot, way) in &layer {
                for (step, end) in self.steps(*spot) {
                    let End::Spot(to) = end else { continue };
                    let there = way.and(&step);
                    if !places.contains_key(&to) && next.get(&to).is_none_or(|known| there.before(known)) {
                        next.insert(to, there);
                    }
                }
            }
            layer = next;
        }
        places
    }

    /// The fewest keys from each of these places to a person.
    fn onward(&self, places: &BTreeMap<Spot<'m>, Way>) -> BTreeMap<Spot<'m>, Way> {
        let mut onward: BTreeMap<Spot<'m>, Way> = BTreeMap::new();
        loop {
            let mut found: BTreeMap<Spot<'m>, Way> = BTreeMap::new();
            for &spot in places.keys().filter(|s| !onward.contains_key(s)) {
                for (step, end) in self.steps(spot) {
                    let whole = match end {
                        End::Person => step,
                        End::Spot(to) => match onward.get(&to) {
                            Some(rest) => step.and(rest),
                            None => continue,
                        },
                        End::HungUp => continue,
                    };
                    if found.get(&spot).is_none_or(|known| whole.before(known)) {
                        found.insert(spot, whole);
                    }
                }
            }
            // Only those with the fewest keys are certain in this round.
            let Some(least) = found.values().map(|w| w.keys).min() else { return onward };
            onward.extend(found.into_iter().filter(|(_, w)| w.keys == least));
        }
    }

    fn key_rows(&self) -> Vec<Row> {
        let (start, first) = self.start();
        if let End::Person | End::HungUp = first {
            let reached = first == End::Person;
            return vec![self.row(
                self.default_language(),
                Caller::Keys,
                reached.then_some(0),
                reached.then_some(&start),
                start.path.clone(),
            )];
        }
        let places = self.places();
        let onward = self.onward(&places);
        let mut rows = vec![];
        for language in Language::ALL {
            let here: Vec<_> = places.iter().filter(|(s, _)| s.language == language).collect();
            if here.is_empty() {
                continue;
            }
            let wholes: Vec<_> =
                here.iter().map(|(spot, way)| (way, onward.get(spot).map(|rest| way.and(rest)))).collect();
            let least = wholes.iter().filter_map(|(_, whole)| whole.as_ref().map(|w| w.keys)).min();
            match wholes.iter().find(|(_, whole)| whole.is_none()) {
                Some((lost, _)) => {
                    rows.push(self.row(language, Caller::Keys, least, None, format!("{} → nobody", lost.path)));
                }
                None => rows.extend(
                    worst(wholes.into_iter().filter_map(|(_, w)| w))
                        .map(|worst| self.row(language, Caller::Keys, least, Some(&worst.0), worst.1)),
                ),
            }
        }
        rows
    }

    /// He presses nothing, or what is no choice, and is led by the end of patience.
    fn patience_row(&self, caller: Caller) -> Option<Row> {
        let (mut way, mut end) = self.start();
        for _ in 0..=self.menus.0.menus.len() {
            let End::Spot(spot) = end else { break };
            let menu = self.menu(spot.menu);
            let (patience, wait_s, each_keys) = match caller {
                Caller::Silent => (&menu.no_input, menu.no_input.after_s, 0),
                Caller::WrongKeys => (&menu.no_match, 0, 1),
                Caller::Keys => return None,
            };
            let again = patience.prompt.as_ref().map_or(0, |p| self.said(p, spot.language));
            let reading = self.reading(spot) + u64::from(wait_s) * 1000;
            way.millis += self.greeting(spot) + reading + u64::from(patience.replay) * (again + reading);
            way.keys += each_keys * (patience.replay + 1);
            way.path += match caller {
                Caller::WrongKeys => " → wrong keys",
                Caller::Silent | Caller::Keys => " → silence",
            };
            match &patience.then {
                Does::Queue(queue) => {
                    way.path += &format!(" → queue {queue}");
                    end = End::Person;
                }
                Does::Menu(next) => {
                    let (entered, there) = self.enter(next, spot.language);
                    way = way.and(&entered);
                    end = there;
                }
                Does::Language(_) | Does::Replay | Does::HangUp => end = End::HungUp,
            }
        }
        let reached = end == End::Person;
        Some(self.row(
            self.default_language(),
            caller,
            reached.then_some(way.keys),
            reached.then_some(&way),
            way.path.clone(),
        ))
    }

    /// Every choice that leads to a queue finds it full: what its menu says then.
    fn full_rows(&self) -> Vec<Row> {
        let mut found: BTreeMap<Language, WhenFull> = BTreeMap::new();
        for (spot, way) in self.places() {
            for (step, end) in self.steps(spot) {
                if end != End::Person {
                    continue;
                }
                let mut whole = way.and(&step);
                whole.path += " (full)";
                let notice = self.menu(spot.menu).queue_full.as_ref();
                whole.millis += notice.map_or(0, |n| self.said(&n.prompt, spot.language));
                let WhenFull { least, lost, ways } = found.entry(spot.language).or_default();
                match notice.map(|n| &n.then) {
                    Some(Does::Queue(queue)) => {
                        whole.path += &format!(" → queue {queue}");
                        *least = Some(least.map_or(whole.keys, |l| l.min(whole.keys)));
                        ways.push(whole);
                    }
                    Some(Does::Menu(menu)) => *lost = lost.take().or(Some(format!("{} → {menu}", whole.path))),
                    Some(Does::Language(_) | Does::Replay | Does::HangUp) => {
                        *lost = lost.take().or(Some(format!("{} → told, and hung up", whole.path)));
                    }
                    None => *lost = lost.take().or(Some(format!("{} → hung up", whole.path))),
                }
            }
        }
        let row = |(language, WhenFull { least, lost, ways }): (Language, WhenFull)| match lost {
            Some(path) => Some(self.row(language, Caller::Keys, least, None, path)),
            None => worst(ways.into_iter()).map(|w| self.row(language, Caller::Keys, least, Some(&w.0), w.1)),
        };
        found.into_iter().filter_map(row).collect()
    }

    fn row(&self, language: Language, caller: Caller, keys_min: Option<u32>, worst: Option<&Way>, path: String) -> Row {
        Row {
            entry: self.entry.to_owned(),
            situation: self.situation,
            language,
            caller,
            keys_min,
            keys_max: worst.map(|w| w.keys),
            millis_max: worst.map(|w| w.millis),
            path,
        }
    }
}

/// The most keys and the most seconds, which may be two ways, and the path of the one with the most keys.
fn worst(ways: impl Iterator<Item = Way>) -> Option<(Way, String)> {
    let mut worst: Option<Way> = None;
    let mut millis = 0;
    for way in ways {
        millis = millis.max(way.millis);
        if worst.as_ref().is_none_or(|w| way.worse(w)) {
            worst = Some(way);
        }
    }
    worst.map(|w| (Way { millis, ..w.clone() }, w.path))
}

impl fmt::Display for Situation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Situation::Open => "open",
            Situation::Closed => "closed",
            Situation::QueueFull => "queue full",
        })
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Caller::Keys => "keys",
            Caller::Silent => "silent",
            Caller::WrongKeys => "wrong keys",
        })
    }
}

impl Proof {
    /// A table for people.
    pub fn table(&self) -> String {
        let mut table = format!("proof of {}\n\n", &self.hash[..16]);
        table += "state       language  caller      keys    seconds  worst path to a person\n";
        for row in &self.rows {
            let keys = match (row.keys_min, row.keys_max) {
                (Some(least), Some(most)) if least == most => least.to_string(),
                (Some(least), Some(most)) => format!("{least}–{most}"),
                (Some(least), None) => format!("{least}–∞"),
                (None, _) => "–".into(),
            };
            let seconds = row.millis_max.map_or("–".into(), |ms| format!("{:.1}", ms as f64 / 1000.0));
            let language = row.language.tag();
            let entry = if row.path.starts_with(&row.entry) { String::new() } else { format!("{}: ", row.entry) };
            table += &format!(
                "{:<11} {language:<9} {:<11} {keys:<7} {seconds:>7}  {entry}{}\n",
                row.situation, row.caller, row.path
            );
        }
        for waiver in &self.waivers {
            table += &format!("waiver: {waiver}\n");
        }
        table
    }

    /// `rows[{state, language, caller, keys_min, keys_max, seconds_max, path}]`, with the hash and the waivers.
    pub fn json(&self) -> Value {
        let row = |r: &Row| {
            json!({
                "entry": r.entry,
                "state": r.situation.to_string().replace(' ', "_"),
                "language": r.language.tag(),
                "caller": r.caller.to_string().replace(' ', "_"),
                "keys_min": r.keys_min,
                "keys_max": r.keys_max,
                "seconds_max": r.millis_max.map(|ms| ms as f64 / 1000.0),
                "path": r.path,
            })
        };
        json!({ "hash": self.hash, "waivers": self.waivers, "rows": self.rows.iter().map(row).collect::<Vec<_>>() })
    }
}
