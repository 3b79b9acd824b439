//! What the rules look at: all menus, prompts, policy and facts, and the questions several rules ask.
use crate::calendars::DraftCalendar;
use crate::civil::Day;
use crate::draft::Draft;
use crate::facts::Facts;
use crate::menu::Does;
use crate::policy::Policy;
use crate::prompts::{DraftPrompt, Take};
use crate::services::DraftService;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use switchboard_model::{Digit, Language};
use switchboard_source::{At, Diagnostic, Spanned};

/// Everything at once.
#[derive(Debug)]
pub(crate) struct Tree<'a> {
    pub menus: &'a BTreeMap<String, Draft>,
    pub prompts: &'a BTreeMap<String, DraftPrompt>,
    pub calendars: &'a BTreeMap<String, DraftCalendar>,
    pub services: &'a BTreeMap<String, DraftService>,
    pub policy: &'a Policy,
    pub facts: &'a Facts,
    /// Where calls begin.
    pub entries: Vec<&'a str>,
}

/// What the files of one version say, by name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts<'a> {
    pub menus: &'a BTreeMap<String, Draft>,
    pub prompts: &'a BTreeMap<String, DraftPrompt>,
    pub calendars: &'a BTreeMap<String, DraftCalendar>,
    pub services: &'a BTreeMap<String, DraftService>,
}

/// What the rules found, with the menu each finding is about.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub found: Vec<(Option<String>, Diagnostic)>,
    /// What a rule let pass because somebody accepted it, as the proof prints it.
    pub accepted: Vec<String>,
}

impl Findings {
    pub fn push(&mut self, menu: &Draft, diagnostic: Diagnostic) {
        self.found.push((Some(menu.name.value.clone()), diagnostic));
    }
    /// A finding about no menu.
    pub fn anywhere(&mut self, diagnostic: Diagnostic) {
        self.found.push((None, diagnostic));
    }
}

impl<'a> Tree<'a> {
    pub fn new(parts: Parts<'a>, policy: &'a Policy, facts: &'a Facts) -> Self {
        let Parts { menus, prompts, calendars, services } = parts;
        Tree { menus, prompts, calendars, services, policy, facts, entries: entries(menus, facts) }
    }

    /// The menus in which calls begin.
    pub fn entry_menus(&self) -> impl Iterator<Item = &'a Draft> {
        self.entries.iter().filter_map(|e| self.menus.get(*e))
    }

    /// Whether something that counts until that day still does.
    pub fn counts_today(&self, until: Day) -> bool {
        self.facts.today.is_none_or(|today| today <= until)
    }

    /// Every menu a caller can come to, with its level (the first is 1) and the shortest way.
    pub fn levels(&self) -> BTreeMap<&'a str, (usize, String)> {
        let mut levels: BTreeMap<&str, (usize, String)> =
            self.entries.iter().map(|e| (*e, (1, (*e).to_owned()))).collect();
        let mut next: VecDeque<&str> = self.entries.iter().copied().collect();
        while let Some(name) = next.pop_front() {
            let (level, path) = levels[name].clone();
            let Some(draft) = self.menus.get(name) else { continue };
            for (way, does) in draft.ways() {
                if let Does::Menu(to) = &does.value
                    && !levels.contains_key(to.as_str())
                {
                    levels.insert(to, (level + 1, format!("{path} → {way} → {to}")));
                    next.push_back(to);
                }
            }
        }
        levels
    }

    /// The fewest keys from a menu to a person, as a path; none if no keys lead there.
    pub fn keys_to_person(&self, from: &str) -> Option<String> {
        let mut seen = BTreeSet::from([from.to_owned()]);
        let mut next = VecDeque::from([(from.to_owned(), from.to_owned())]);
        while let Some((name, path)) = next.pop_front() {
            let options = self.menus.get(&name).map_or(&[][..], |d| &d.options);
            for option in options {
                let key = option.key.value;
                match &option.does.value {
                    Does::Queue(queue) => return Some(format!("{path} → {key} → {queue}")),
                    Does::Menu(to) if seen.insert(to.clone()) => {
                        next.push_back((to.clone(), format!("{path} → {key} → {to}")))
                    }
                    Does::Menu(_)
                    | Does::Language(_)
                    | Does::Replay
                    | Does::Service(_)
                    | Does::Voicemail(_)
                    | Does::Callback(_)
                    | Does::HangUp => {}
                }
            }
        }
        None
    }

    /// The key that leads to a person in the main menu, and where it is said.
    pub fn person_key(&self) -> Option<(Digit, At)> {
        let main = self.entry_menus().next()?;
        let persons: Vec<_> = main.options.iter().filter(|o| matches!(o.does.value, Does::Queue(_))).collect();
        let first = main.announce_first.as_ref().map(|k| k.value);
        let preferred = persons
            .iter()
            .find(|o| Some(o.key.value) == first)
            .or_else(|| persons.iter().find(|o| o.key.value.face() == '0'));
        preferred.or(persons.first()).map(|o| (o.key.value, o.key.at.clone()))
    }

    /// The cure for a missing way to a person.
    pub fn person_line(&self) -> String {
        let key = self.person_key().map_or('0', |(key, _)| key.face());
        format!("add `\"{key}\": {{ prompt: agent, queue: general }}`")
    }

    /// How long these prompts take in a language.
    pub fn millis(&self, names: &[Spanned<String>], language: Language) -> u64 {
        names.iter().filter_map(|n| self.prompts.get(&n.value)?.takes.get(&language)).map(Take::millis).sum()
    }

    /// Every prompt in use, at its first use.
    pub fn first_uses(&self) -> Vec<(&'a Draft, &'a Spanned<String>)> {
        let mut told = BTreeSet::new();
        let uses = self.menus.values().flat_map(|d| d.prompts().into_iter().map(move |p| (d, p)));
        uses.filter(|(_, p)| told.insert(p.value.as_str())).collect()
    }

    /// Every take that is played, with the menu that plays it first.
    pub fn takes(&self) -> Vec<(&'a Draft, Language, &'a Take)> {
        let mut told = BTreeSet::new();
        let mut takes = vec![];
        for draft in self.menus.values() {
            for name in draft.prompts() {
                let Some(prompt) = self.prompts.get(&name.value) else { continue };
                for language in draft.language_list() {
                    let Some(take) = prompt.takes.get(&language) else { continue };
                    if told.insert((&name.value, if take.shared { Language::Mandarin } else { language })) {
                        takes.push((draft, language, take));
                    }
                }
            }
        }
        takes
    }
}

fn entries<'a>(menus: &'a BTreeMap<String, Draft>, facts: &'a Facts) -> Vec<&'a str> {
    // A number that leads to no menu is reported where the number stands; here it would make every menu unreachable.
    let named: Vec<&str> = facts.entries.iter().map(String::as_str).filter(|e| menus.contains_key(*e)).collect();
    if !named.is_empty() {
        return named;
    }
    if let Some((main, _)) = menus.get_key_value("main") {
        return vec![main];
    }
    let targets: BTreeSet<&str> = menus
        .values()
        .flat_map(Draft::ways)
        .filter_map(|(_, does)| match &does.value {
            Does::Menu(name) => Some(name.as_str()),
            Does::Queue(_)
            | Does::Language(_)
            | Does::Replay
            | Does::Service(_)
            | Does::Voicemail(_)
            | Does::Callback(_)
            | Does::HangUp => None,
        })
        .collect();
    let roots: Vec<&str> = menus.keys().map(String::as_str).filter(|m| !targets.contains(m)).collect();
    // All lead to each other: the first by name, so that there is one.
    if roots.is_empty() { menus.keys().take(1).map(String::as_str).collect() } else { roots }
}
