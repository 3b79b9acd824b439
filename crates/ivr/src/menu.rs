//! Menus that passed every rule. There is no way to make one but `compile`.
use crate::hours::Hours;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::sync::Arc;
use switchboard_model::{Digit, Language, PromptId};

/// All menus of one version of the text, proved. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Menus(pub(crate) Arc<Set>);

/// What `Menus` shares.
#[derive(Debug)]
pub(crate) struct Set {
    /// SHA-256 of everything it was made of.
    pub hash: String,
    /// By name.
    pub menus: BTreeMap<String, Menu>,
    /// Where calls begin; at least one.
    pub entries: Vec<String>,
    /// In the order of their numbers.
    pub prompts: Vec<Prompt>,
    /// No prompt of these menus, or of those they follow, has this number or a higher one.
    pub next_prompt: u32,
    /// Prompt name and language to its number.
    pub by_name: BTreeMap<(String, Language), PromptId>,
    /// Deviations from house policy that somebody approved, as the proof prints them.
    pub waivers: Vec<String>,
}

impl Menus {
    /// SHA-256, in hex, of every text and sound they were made of.
    pub fn hash(&self) -> &str {
        &self.0.hash
    }
    /// The first 64 bits of the hash, for records.
    pub(crate) fn mark(&self) -> u64 {
        u64::from_str_radix(&self.0.hash[..16], 16).expect("a hash is hex")
    }
    /// A menu by name.
    pub fn menu(&self, name: &str) -> Option<&Menu> {
        self.0.menus.get(name)
    }
    /// All menus, by name.
    pub fn all(&self) -> impl Iterator<Item = &Menu> {
        self.0.menus.values()
    }
    /// The menus in which calls begin.
    pub fn entries(&self) -> &[String] {
        &self.0.entries
    }
    /// These menus as they follow the ones that are live: whoever hears a prompt while they take over goes on hearing it.
    ///
    /// A prompt of the same name, language and sound keeps its number. Any other gets a number that none has had before, so a
    /// number says the same to all threads, whichever menus they know yet.
    pub fn following(&self, live: &Menus) -> Menus {
        let old = &live.0;
        let known: BTreeMap<_, PromptId> =
            old.prompts.iter().map(|p| ((p.name.as_str(), p.language, &p.sound), p.id)).collect();
        let mut next = old.next_prompt;
        let mut number = |prompt: &Prompt| {
            known.get(&(prompt.name.as_str(), prompt.language, &prompt.sound)).copied().unwrap_or_else(|| {
                next += 1;
                PromptId(next - 1)
            })
        };
        let renamed: BTreeMap<PromptId, PromptId> = self.0.prompts.iter().map(|p| (p.id, number(p))).collect();
        let mut prompts: Vec<Prompt> =
            self.0.prompts.iter().map(|p| Prompt { id: renamed[&p.id], ..p.clone() }).collect();
        prompts.sort_by_key(|p| p.id);
        Menus(Arc::new(Set {
            hash: self.0.hash.clone(),
            menus: self.0.menus.clone(),
            entries: self.0.entries.clone(),
            prompts,
            next_prompt: next,
            by_name: self.0.by_name.iter().map(|(name, id)| (name.clone(), renamed[id])).collect(),
            waivers: self.0.waivers.clone(),
        }))
    }
    /// Everything that can be played, in the order of its numbers.
    pub fn prompts(&self) -> &[Prompt] {
        &self.0.prompts
    }
    /// One of them.
    pub fn prompt(&self, id: PromptId) -> Option<&Prompt> {
        let at = self.0.prompts.binary_search_by_key(&id, |p| p.id).ok()?;
        Some(&self.0.prompts[at])
    }
    /// The number of a prompt in a language; of its only sound if it is the same in all (music).
    pub fn prompt_named(&self, name: &str, language: Language) -> Option<PromptId> {
        self.0.by_name.get(&(name.to_owned(), language)).copied()
    }
    /// Approved deviations from house policy, as the proof prints them.
    pub fn waivers(&self) -> &[String] {
        &self.0.waivers
    }
    /// How long these prompts take, in milliseconds.
    pub(crate) fn millis(&self, prompts: &[PromptId]) -> u64 {
        prompts.iter().filter_map(|&p| self.prompt(p)).map(|p| p.millis).sum()
    }
}

/// What a prompt is, by which rules it is played.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum PromptKind {
    /// Read out as part of a menu; a key stops it.
    Menu,
    /// Must be heard to its end.
    Notice,
    /// Must be heard to its end, and asks for consent.
    Consent,
    /// Promotes something. Never in a main menu (Art. 10).
    Advert,
    /// Fills a wait.
    Music,
}

impl PromptKind {
    /// All, with the words the files use.
    pub const ALL: [(&'static str, PromptKind); 5] = [
        ("menu", PromptKind::Menu),
        ("notice", PromptKind::Notice),
        ("consent", PromptKind::Consent),
        ("advert", PromptKind::Advert),
        ("music", PromptKind::Music),
    ];
}

/// A prompt in one language.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// Its number, the same for as long as the centre runs.
    pub id: PromptId,
    /// Its name in the files.
    pub name: String,
    /// Its language; the first one if it is the same in all.
    pub language: Language,
    /// What it is.
    pub kind: PromptKind,
    /// What it says; empty for music.
    pub text: String,
    /// The sound's path beside the menus.
    pub file: String,
    /// The sound: a RIFF WAVE file, 8 kHz, mono, 16 bit.
    pub sound: Bytes,
    /// How long it takes.
    pub millis: u64,
}

impl Prompt {
    /// How long it takes, in seconds.
    pub fn seconds(&self) -> f64 {
        self.millis as f64 / 1000.0
    }
    /// The samples of the sound, little-endian 16-bit at 8 kHz.
    pub fn samples(&self) -> &[u8] {
        crate::sound::samples(&self.sound).expect("compile checked the sound").data
    }
}

/// One menu.
#[derive(Clone, Debug)]
pub struct Menu {
    /// Its name.
    pub name: String,
    /// For readers, never spoken.
    pub title: String,
    /// The first is the default.
    pub languages: Vec<Language>,
    /// What is heard on entering, before the choices.
    pub(crate) greeting: Vec<String>,
    /// In the order in which they are read out.
    pub options: Vec<MenuOption>,
    /// When nothing is pressed.
    pub no_input: Patience,
    /// When a key is pressed that is no choice.
    pub no_match: Patience,
    /// When it is open; always if none.
    pub hours: Option<Hours>,
    /// What happens outside its hours.
    pub closed: Option<Notice>,
    /// What happens when the queue it leads to is full.
    pub queue_full: Option<Notice>,
}

/// A choice.
#[derive(Clone, Debug)]
pub struct MenuOption {
    /// The key.
    pub key: Digit,
    /// What is said of it; nothing for keys that are not read out.
    pub prompt: Option<String>,
    /// What it does.
    pub does: Does,
}

/// What a choice, or the end of patience, does.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Does {
    /// To a person of this queue.
    Queue(String),
    /// Into this menu.
    Menu(String),
    /// The same menu in this language.
    Language(Language),
    /// The menu is read again.
    Replay,
    /// The call ends.
    HangUp,
}

/// How often a menu asks again, and what then.
#[derive(Clone, Debug)]
pub struct Patience {
    /// Said before the menu is read again.
    pub prompt: Option<String>,
    /// How long it waits after the last word; of no meaning for wrong keys.
    pub after_s: u32,
    /// How often the menu is read again.
    pub replay: u32,
    /// What then.
    pub then: Does,
}

/// Something that must be heard, and what follows.
#[derive(Clone, Debug)]
pub struct Notice {
    /// What is heard.
    pub prompt: String,
    /// What follows.
    pub then: Does,
}

impl Menu {
    /// The choice behind a key.
    pub fn option(&self, key: Digit) -> Option<&MenuOption> {
        self.options.iter().find(|o| o.key == key)
    }
    /// What is heard on entering, before the choices.
    pub fn greeting(&self) -> &[String] {
        &self.greeting
    }
    /// The prompts of the choices in the order in which they are heard.
    pub(crate) fn choices(&self, menus: &Menus, language: Language) -> Vec<PromptId> {
        let names = self.options.iter().filter_map(|o| o.prompt.as_deref());
        names.map(|n| menus.said(n, language)).collect()
    }
}

impl Menus {
    /// A prompt that the menus use, in a language in which they are used.
    pub(crate) fn said(&self, name: &str, language: Language) -> PromptId {
        self.prompt_named(name, language).unwrap_or_else(|| panic!("compile checked that {name} exists in {language}"))
    }
}
