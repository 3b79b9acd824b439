//! The graph of the menus on a day like this: places, keys, and the ways between them.
//!
//! Knows nothing of the interpreter; what this file and that one have in common is the menus.
use super::{Caller, Row, Situation};
use crate::calendar::Opening;
use crate::menu::{Does, Menu, MenuOption, Menus, Notice};
use crate::occasion::Occasion;
use std::collections::BTreeMap;
use switchboard_model::{Digit, Language};

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
    /// The call ends, or he leaves a message or is promised a call: he speaks with nobody now.
    Nobody,
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

/// All ways through the menus from one of them, on a day like this.
pub(super) struct Walk<'m> {
    pub menus: &'m Menus,
    pub entry: &'m str,
    pub situation: Situation,
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

    /// What this menu says on such a day before it begins, in that order.
    fn notices(&self, menu: &'m Menu, elderly: bool) -> Vec<(Occasion, &'m Notice)> {
        let mut said = vec![];
        let has_hours = menu.opening != Opening::Always;
        let has_holidays = matches!(menu.opening, Opening::Calendar(_));
        match &self.situation {
            Situation::Emergency(plan) => said.push(Occasion::Emergency(plan.clone())),
            Situation::Closed if has_hours => said.push(Occasion::Closed),
            Situation::Holiday if has_holidays && menu.notices.contains_key(&Occasion::Holiday) => {
                said.push(Occasion::Holiday)
            }
            Situation::Holiday if has_holidays => said.push(Occasion::Closed),
            Situation::SystemsDown => said.push(Occasion::SystemsDown),
            Situation::Open | Situation::Closed | Situation::Holiday | Situation::QueueFull => {}
        }
        if elderly {
            said.push(Occasion::Elderly);
        }
        said.into_iter().filter_map(|occasion| menu.notices.get(&occasion).map(|n| (occasion, n))).collect()
    }

    /// Through the front door of a menu, and through as many that lead on by themselves as follow.
    fn enter(&self, menu: &'m str, language: Language, elderly: bool) -> (Way, End<'m>) {
        let mut way = Way { keys: 0, millis: 0, path: format!(" → {menu}") };
        let mut menu = self.menu(menu);
        'doors: for _ in 0..=self.menus.set.menus.len() {
            for (occasion, notice) in self.notices(menu, elderly) {
                way.millis += self.said(&notice.prompt, language);
                way.path += &format!(" ({occasion})");
                match &notice.then {
                    None => {}
                    Some(Does::Menu(next)) => {
                        way.path += &format!(" → {next}");
                        menu = self.menu(next);
                        continue 'doors;
                    }
                    Some(does) => return (way.and(&end_words(does)), end_of(does)),
                }
            }
            let greeted = !menu.greeting().is_empty();
            return (way, End::Spot(Spot { menu: &menu.name, language, greeted }));
        }
        (way, End::Nobody)
    }

    fn start(&self, elderly: bool) -> (Way, End<'m>) {
        let (mut way, end) = self.enter(self.entry, self.default_language(), elderly);
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
        let menu = self.menu(spot.menu);
        let step = |option: &'m MenuOption| {
            let way = Way { keys: 1, millis: self.until_said(spot, option.key), path: format!(" → {}", option.key) };
            let (more, end) = match &option.does {
                Does::Service(service) => self.failed(service, option, spot)?,
                does => self.lead(does, spot)?,
            };
            Some((way.and(&more), end))
        };
        menu.options.iter().filter_map(step).collect()
    }

    /// Where that leads; nowhere new if the menu is only read again.
    fn lead(&self, does: &'m Does, spot: Spot<'m>) -> Option<(Way, End<'m>)> {
        match does {
            Does::Menu(menu) => Some(self.enter(menu, spot.language, false)),
            Does::Language(language) => {
                let path = format!(" → {} ({language})", spot.menu);
                let end = End::Spot(Spot { menu: spot.menu, language: *language, greeted: false });
                Some((Way { keys: 0, millis: 0, path }, end))
            }
            Does::Replay | Does::Service(_) => None,
            Does::Queue(_) | Does::Voicemail(_) | Does::Callback(_) | Does::HangUp => {
                Some((end_words(does), end_of(does)))
            }
        }
    }

    /// A service that fails, where it does; one that does not leads back to where he was.
    fn failed(&self, service: &str, option: &'m MenuOption, spot: Spot<'m>) -> Option<(Way, End<'m>)> {
        if self.situation != Situation::SystemsDown {
            return None;
        }
        let millis = u64::from(self.menus.time_limit_s(service)) * 1000;
        let mut way = Way { keys: 0, millis, path: format!(" → {service} (failed)") };
        let does = match &option.on_failure {
            Some(does) => does,
            None => {
                let notice = self.menu(spot.menu).notices.get(&Occasion::SystemsDown)?;
                way.millis += self.said(&notice.prompt, spot.language);
                notice.then.as_ref()?
            }
        };
        let (more, end) = self.lead(does, spot)?;
        Some((way.and(&more), end))
    }

    /// Every place, with the fewest keys to it.
    fn places(&self) -> BTreeMap<Spot<'m>, Way> {
        let mut places = BTreeMap::new();
        let (way, End::Spot(first)) = self.start(false) else { return places };
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
                        End::Nobody => continue,
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

    /// A caller who presses choices, in each language.
    pub fn key_rows(&self) -> Vec<Row> {
        let (start, first) = self.start(false);
        if let End::Person | End::Nobody = first {
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
    pub fn patience_row(&self, caller: Caller) -> Row {
        let mut elderly = caller == Caller::Elderly;
        let (mut way, mut end) = self.start(elderly);
        for _ in 0..=self.menus.set.menus.len() {
            let End::Spot(spot) = end else { break };
            let (more, does) = match caller {
                Caller::WrongKeys => self.mistakes(spot),
                Caller::Silent | Caller::Elderly | Caller::Keys => self.silences(spot, &mut elderly),
            };
            way = way.and(&more);
            let (more, there) = match does {
                Does::Menu(next) => self.enter(next, spot.language, elderly),
                does => (end_words(does), end_of(does)),
            };
            way = way.and(&more);
            end = there;
        }
        let reached = end == End::Person;
        let keys = reached.then_some(way.keys);
        self.row(self.default_language(), caller, keys, reached.then_some(&way), way.path.clone())
    }

    /// Wrong keys until the menu leads on.
    fn mistakes(&self, spot: Spot<'m>) -> (Way, &'m Does) {
        let patience = &self.menu(spot.menu).no_match;
        let again = patience.prompt.as_ref().map_or(0, |p| self.said(p, spot.language));
        let times = u64::from(patience.replay);
        let millis = self.greeting(spot) + self.reading(spot) + times * (again + self.reading(spot));
        (Way { keys: patience.replay + 1, millis, path: " → wrong keys".to_owned() }, &patience.then)
    }

    /// Silence until the menu leads on. Who is silent where silence says that he needs time is an elderly caller from then on.
    fn silences(&self, spot: Spot<'m>, elderly: &mut bool) -> (Way, &'m Does) {
        let menu = self.menu(spot.menu);
        let patience = &menu.no_input;
        let again = patience.prompt.as_ref().map_or(0, |p| self.said(p, spot.language));
        let wait = |elderly: bool| {
            let least = if elderly { self.menus.elderly_answer_s() } else { 0 };
            u64::from(patience.after_s.max(least)) * 1000
        };
        let mut way = Way { keys: 0, millis: self.greeting(spot), path: " → silence".to_owned() };
        way.millis += self.reading(spot) + wait(*elderly);
        let mut left = patience.replay;
        if menu.elderly_on_silence && !*elderly {
            *elderly = true;
            let notice = menu.notices.get(&Occasion::Elderly).expect("`on_silence` stands in it");
            way.millis += self.said(&notice.prompt, spot.language);
            way.path += &format!(" ({})", Occasion::Elderly);
            if let Some(then) = &notice.then {
                return (way, then);
            }
            // The menu once more, and that was one of its repetitions.
            way.millis += self.reading(spot) + wait(true);
            if left == 0 {
                return (way, &patience.then);
            }
            left -= 1;
        }
        way.millis += u64::from(left) * (again + self.reading(spot) + wait(*elderly));
        (way, &patience.then)
    }

    /// Every choice that leads to a queue finds it full: what its menu says then.
    pub fn full_rows(&self) -> Vec<Row> {
        let mut found: BTreeMap<Language, WhenFull> = BTreeMap::new();
        for (spot, way) in self.places() {
            for (step, end) in self.steps(spot) {
                if end != End::Person {
                    continue;
                }
                let mut whole = way.and(&step);
                whole.path += " (full)";
                let notice = self.menu(spot.menu).notices.get(&Occasion::QueueFull);
                whole.millis += notice.map_or(0, |n| self.said(&n.prompt, spot.language));
                let WhenFull { least, lost, ways } = found.entry(spot.language).or_default();
                match notice.and_then(|n| n.then.as_ref()) {
                    Some(Does::Queue(queue)) => {
                        whole.path += &format!(" → queue {queue}");
                        *least = Some(least.map_or(whole.keys, |l| l.min(whole.keys)));
                        ways.push(whole);
                    }
                    Some(Does::Menu(menu)) => *lost = lost.take().or(Some(format!("{} → {menu}", whole.path))),
                    Some(does) => *lost = lost.take().or(Some(whole.and(&end_words(does)).path)),
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
            situation: self.situation.clone(),
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

/// Whether that is a person.
fn end_of<'m>(does: &Does) -> End<'m> {
    match does {
        Does::Queue(_) => End::Person,
        Does::Menu(_)
        | Does::Language(_)
        | Does::Replay
        | Does::Service(_)
        | Does::Voicemail(_)
        | Does::Callback(_)
        | Does::HangUp => End::Nobody,
    }
}

/// The last words of a path.
fn end_words(does: &Does) -> Way {
    let path = match does {
        Does::Queue(queue) => format!(" → queue {queue}"),
        Does::Voicemail(mailbox) => format!(" → voicemail {mailbox}"),
        Does::Callback(queue) => format!(" → callback by {queue}"),
        Does::Menu(_) | Does::Language(_) | Does::Replay | Does::Service(_) | Does::HangUp => " → hung up".to_owned(),
    };
    Way { keys: 0, millis: 0, path }
}
