//! What a change of the menus means to callers, in their words.
//!
//! ```text
//!   old Menus ──► choices (fewest keys, seconds until said) ┐
//!        └──► proof rows, languages, hours, patience        ├─► Change{worse | better | other}
//!   new Menus ──► the same ─────────────────────────────────┘
//! ```
//! A choice is known by its prompt, so it is found again under another key or in another menu. Does not compare texts word by
//! word, and not files: a comment that moved means nothing to a caller.
use crate::calendar::Opening;
use crate::menu::{Does, Menus};
use crate::proof::{Row, prove};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::fmt;

/// What a change is to callers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Verdict {
    /// More keys, longer listening, fewer hours, a choice less.
    Worse,
    /// The other way round.
    Better,
    /// Other, and neither.
    Other,
}

/// One change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// What it is to callers.
    pub verdict: Verdict,
    /// About what.
    pub subject: String,
    /// What changes.
    pub what: String,
}

/// A choice is said later if it is more than so much later: nobody notices less.
const LATER_MS: u64 = 2_000;

/// All changes, the worse ones first.
pub fn diff(old: &Menus, new: &Menus) -> Vec<Change> {
    let mut changes = vec![];
    choices_changed(old, new, &mut changes);
    ways_changed(old, new, &mut changes);
    menus_changed(old, new, &mut changes);
    words_changed(old, new, &mut changes);
    waivers_changed(old, new, &mut changes);
    changes.sort_by_key(|c| c.verdict);
    changes
}

/// A choice at the end of the fewest keys to it.
struct Choice<'m> {
    keys: String,
    count: usize,
    said_ms: u64,
    does: &'m Does,
    words: String,
}

/// Every choice that is read out, by its prompt, from each menu in which calls begin.
fn choices(menus: &Menus) -> BTreeMap<(String, String), Choice<'_>> {
    let mut found = BTreeMap::new();
    for entry in menus.entries() {
        let mut next = VecDeque::from([(entry.as_str(), String::new(), 0u64)]);
        let mut seen = vec![entry.as_str()];
        while let Some((name, keys, before_ms)) = next.pop_front() {
            let Some(menu) = menus.menu(name) else { continue };
            let language = menu.languages[0];
            let millis = |prompt: &str| menus.prompt_named(prompt, language).map_or(0, |id| menus.millis(&[id]));
            let mut said_ms = before_ms + menu.greeting().iter().map(|p| millis(p)).sum::<u64>();
            for option in &menu.options {
                let Some(prompt) = &option.prompt else { continue };
                said_ms += millis(prompt);
                let keys = format!("{keys} {}", option.key).trim_start().to_owned();
                let words = menus.prompt_named(prompt, language).and_then(|id| menus.prompt(id));
                let choice = Choice {
                    count: keys.split(' ').count(),
                    said_ms,
                    does: &option.does,
                    words: words.map_or(String::new(), |p| subject(&p.text)),
                    keys: keys.clone(),
                };
                found.entry((entry.clone(), prompt.clone())).or_insert(choice);
                if let Does::Menu(to) = &option.does
                    && !seen.contains(&to.as_str())
                {
                    seen.push(to);
                    next.push_back((to, keys, said_ms));
                }
            }
        }
    }
    found
}

/// `银行卡挂失请按二。` is about 银行卡挂失; `For a lost card, press two.` about a lost card.
fn subject(text: &str) -> String {
    let text = text.split("请按").next().unwrap_or(text);
    let text = text.split(", press").next().unwrap_or(text).trim_end_matches(['。', '.', '，', ',']);
    text.strip_prefix("For ").or(text.strip_prefix("To ")).unwrap_or(text).trim().to_owned()
}

fn choices_changed(old: &Menus, new: &Menus, changes: &mut Vec<Change>) {
    let (before, after) = (choices(old), choices(new));
    let several = old.entries().len().max(new.entries().len()) > 1;
    let mut moved = vec![];
    for ((entry, prompt), was) in &before {
        let subject = named(several, entry, &was.words, prompt);
        let Some(is) = after.get(&(entry.clone(), prompt.clone())) else {
            let what = format!("key {}: no longer offered", was.keys);
            changes.push(Change { verdict: Verdict::Worse, subject, what });
            continue;
        };
        let mut what = vec![];
        if was.keys != is.keys {
            what.push(format!("key {} → {}", was.keys, is.keys));
        }
        if was.does != is.does {
            what.push(format!("{} → {}", leads(was.does), leads(is.does)));
        }
        let (later, sooner) = (is.said_ms > was.said_ms + LATER_MS, was.said_ms > is.said_ms + LATER_MS);
        if (later || sooner) && what.is_empty() {
            moved.push((is.said_ms as i64 - was.said_ms as i64, subject));
            continue;
        }
        if later || sooner {
            what.push(format!("said after {:.1} → {:.1} s", seconds(was.said_ms), seconds(is.said_ms)));
        }
        let hung_up = *is.does == Does::HangUp && *was.does != Does::HangUp;
        let verdict = match (is.count > was.count || later || hung_up, is.count < was.count || sooner) {
            (true, _) => Verdict::Worse,
            (false, true) => Verdict::Better,
            (false, false) => Verdict::Other,
        };
        if !what.is_empty() {
            changes.push(Change { verdict, subject, what: what.join(", ") });
        }
    }
    for ((entry, prompt), is) in after.iter().filter(|(k, _)| !before.contains_key(*k)) {
        let subject = named(several, entry, &is.words, prompt);
        let what = format!("new, key {}, {}", is.keys, leads(is.does));
        changes.push(Change { verdict: Verdict::Better, subject, what });
    }
    // A choice more or less moves all that follow: one line for them.
    for (verdict, word, sign) in [(Verdict::Worse, "later", 1), (Verdict::Better, "sooner", -1)] {
        let of = moved.iter().filter(|(by, _)| by.signum() == sign);
        let Some((most, subject)) = of.clone().max_by_key(|(by, _)| by.abs()) else { continue };
        let what = format!("said up to {:.1} s {word}, most of all {subject}", seconds(most.unsigned_abs()));
        changes.push(Change {
            verdict,
            subject: format!("choices under their old keys, {} of them", of.count()),
            what,
        });
    }
}

fn named(several: bool, entry: &str, words: &str, prompt: &str) -> String {
    let entry = if several { format!("{entry}: ") } else { String::new() };
    format!("{entry}{words} ({prompt})")
}

fn leads(does: &Does) -> String {
    match does {
        Does::Queue(queue) => format!("queue {queue}"),
        Does::Menu(menu) => format!("menu {menu}"),
        Does::Language(language) => format!("language {language}"),
        Does::Replay => "read again".into(),
        Does::Service(service) => format!("service {service}"),
        Does::Voicemail(mailbox) => format!("voicemail {mailbox}"),
        Does::Callback(queue) => format!("callback by {queue}"),
        Does::HangUp => "the call ends".into(),
    }
}

fn seconds(millis: u64) -> f64 {
    millis as f64 / 1000.0
}

/// The proof's rows: how far it is to a person at worst.
fn ways_changed(old: &Menus, new: &Menus, changes: &mut Vec<Change>) {
    let key = |r: &Row| (r.entry.clone(), r.situation.clone(), r.language, r.caller);
    let (before, after) = (prove(old).rows, prove(new).rows);
    for was in &before {
        let subject = format!("{}, {}, {}, {}", was.entry, was.situation, was.language, was.caller);
        let Some(is) = after.iter().find(|r| key(r) == key(was)) else {
            // Closed and full exist only where the menus speak of them; a language or a menu that is gone is missed.
            let verdict = match new.menu(&was.entry).is_some_and(|m| m.languages.contains(&was.language)) {
                true => Verdict::Other,
                false => Verdict::Worse,
            };
            changes.push(Change { verdict, subject, what: "no longer happens".into() });
            continue;
        };
        let keys = |was: Option<u32>, is: Option<u32>| match (was, is) {
            (Some(was), Some(is)) => format!("{was} → {is} keys"),
            (Some(was), None) => format!("{was} keys → nobody"),
            (None, Some(is)) => format!("nobody → {is} keys"),
            (None, None) => "nobody".to_owned(),
        };
        let mut worse = false;
        let mut what = vec![];
        for (name, was, is) in [("best", was.keys_min, is.keys_min), ("worst", was.keys_max, is.keys_max)] {
            if was != is {
                worse |= is.is_none() || was.is_some_and(|w| is > Some(w));
                what.push(format!("{name} way to a person {}", keys(was, is)));
            }
        }
        let (was_ms, is_ms) = (was.millis_max, is.millis_max);
        if let (Some(was), Some(is)) = (was_ms, is_ms)
            && was.abs_diff(is) > LATER_MS
        {
            worse |= is > was;
            what.push(format!("at worst {:.1} → {:.1} s", seconds(was), seconds(is)));
        }
        if !what.is_empty() {
            let verdict = if worse { Verdict::Worse } else { Verdict::Better };
            changes.push(Change { verdict, subject, what: what.join(", ") });
        }
    }
    for is in after.iter().filter(|r| !before.iter().any(|b| key(b) == key(r))) {
        let subject = format!("{}, {}, {}, {}", is.entry, is.situation, is.language, is.caller);
        let what = match is.keys_max {
            Some(keys) => format!("now happens: worst way to a person {keys} keys"),
            None => format!("now happens: nobody is reached ({})", is.path),
        };
        let verdict = if is.keys_max.is_none() { Verdict::Worse } else { Verdict::Other };
        changes.push(Change { verdict, subject, what });
    }
}

/// Hours and patience of the menus that both have.
fn menus_changed(old: &Menus, new: &Menus, changes: &mut Vec<Change>) {
    for was in old.all() {
        let Some(is) = new.menu(&was.name) else { continue };
        let subject = format!("menu {} {}", is.name, is.title);
        let open = |o: &Opening| if *o == Opening::Always { "always open".to_owned() } else { o.words() };
        if was.opening != is.opening {
            let verdict = match is.opening.minutes_a_week().cmp(&was.opening.minutes_a_week()) {
                std::cmp::Ordering::Less => Verdict::Worse,
                std::cmp::Ordering::Equal => Verdict::Other,
                std::cmp::Ordering::Greater => Verdict::Better,
            };
            let what = format!("{} → {}", open(&was.opening), open(&is.opening));
            changes.push(Change { verdict, subject: subject.clone(), what });
        }
        let (before, after) = (was.no_input.after_s, is.no_input.after_s);
        if before != after {
            let verdict = if after < before { Verdict::Worse } else { Verdict::Better };
            changes.push(Change { verdict, subject, what: format!("waits for a key {before} → {after} s") });
        }
    }
}

/// What prompts say, in every language.
fn words_changed(old: &Menus, new: &Menus, changes: &mut Vec<Change>) {
    for was in old.prompts() {
        let is = new.prompt_named(&was.name, was.language).and_then(|id| new.prompt(id));
        if let Some(is) = is.filter(|is| is.text != was.text) {
            let what = format!("says “{}” → “{}”", was.text, is.text);
            let subject = format!("prompt {} ({})", was.name, was.language);
            changes.push(Change { verdict: Verdict::Other, subject, what });
        }
    }
}

fn waivers_changed(old: &Menus, new: &Menus, changes: &mut Vec<Change>) {
    for waiver in new.waivers().iter().filter(|w| !old.waivers().contains(w)) {
        changes.push(Change { verdict: Verdict::Other, subject: "waiver".into(), what: format!("new: {waiver}") });
    }
    for waiver in old.waivers().iter().filter(|w| !new.waivers().contains(w)) {
        changes.push(Change { verdict: Verdict::Other, subject: "waiver".into(), what: format!("gone: {waiver}") });
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.verdict {
            Verdict::Worse => "✗",
            Verdict::Better => "✓",
            Verdict::Other => "·",
        };
        write!(f, "{mark} {}: {}", self.subject, self.what)
    }
}

impl Change {
    /// For programs.
    pub fn json(&self) -> Value {
        let verdict = match self.verdict {
            Verdict::Worse => "worse",
            Verdict::Better => "better",
            Verdict::Other => "other",
        };
        json!({ "verdict": verdict, "subject": self.subject, "what": self.what })
    }
}
