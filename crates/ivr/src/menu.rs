//! Menus that passed every rule. There is no way to make one but `compile`.
use crate::calendar::Opening;
use crate::occasion::{Conditions, Occasion};
use crate::services::TIME_LIMIT_S;
use crate::spoken::{Form, spoken};
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use switchboard_model::{Digit, Instant, Language, PromptId};

/// All menus of one version of the text, proved. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Menus {
    pub(crate) set: Arc<Set>,
    /// What holds while they are live.
    conditions: Arc<Conditions>,
    /// Those that were live before, the newest first: who was in them when they were replaced finishes in them.
    earlier: Vec<Arc<Set>>,
}

/// Menus kept for callers who are still inside: nobody is in a menu while three others go live, each after a check.
const EARLIER_MAX: usize = 3;

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
    /// How long callers who need time are given to answer, at least.
    pub elderly_answer_s: u32,
    /// What is done without a person, by name.
    pub services: BTreeMap<String, Service>,
    /// Not live before this moment.
    pub effective_from: Option<Instant>,
}

impl Menus {
    /// These and no others, on an ordinary day.
    pub(crate) fn new(set: Set) -> Menus {
        Menus { set: Arc::new(set), conditions: Arc::default(), earlier: vec![] }
    }
    /// The same menus while this holds.
    pub fn under(&self, conditions: Conditions) -> Menus {
        Menus { conditions: Arc::new(conditions), ..self.clone() }
    }
    /// What holds.
    pub fn conditions(&self) -> &Conditions {
        &self.conditions
    }
    /// The emergency plans that a menu has words for, by name.
    pub fn plans(&self) -> BTreeSet<&str> {
        self.all().flat_map(Menu::plans).collect()
    }
    /// How long callers who need time are given to answer, at least, in seconds.
    pub fn elderly_answer_s(&self) -> u32 {
        self.set.elderly_answer_s
    }
    /// How long a service may take, in seconds.
    pub fn time_limit_s(&self, service: &str) -> u32 {
        self.service(service).map_or(TIME_LIMIT_S, |s| s.time_limit_s)
    }
    /// Something that is done without a person.
    pub fn service(&self, name: &str) -> Option<&Service> {
        self.set.services.get(name)
    }
    /// Whether anything is done without a person.
    pub fn serves(&self) -> bool {
        self.all().any(|m| m.options.iter().any(|o| matches!(o.does, Does::Service(_))))
    }
    /// The moment before which they are not to be live.
    pub fn effective_from(&self) -> Option<Instant> {
        self.set.effective_from
    }
    /// The version with this mark, if it is this one or one that was live before it.
    pub(crate) fn version(&self, mark: u64) -> Option<Menus> {
        if self.mark() == mark {
            return Some(self.clone());
        }
        let set = self.earlier.iter().find(|s| s.mark() == mark)?.clone();
        Some(Menus { set, conditions: self.conditions.clone(), earlier: vec![] })
    }
    /// SHA-256, in hex, of every text and sound they were made of.
    pub fn hash(&self) -> &str {
        &self.set.hash
    }
    /// The first 64 bits of the hash, for records.
    pub(crate) fn mark(&self) -> u64 {
        self.set.mark()
    }
    /// A menu by name.
    pub fn menu(&self, name: &str) -> Option<&Menu> {
        self.set.menus.get(name)
    }
    /// All menus, by name.
    pub fn all(&self) -> impl Iterator<Item = &Menu> {
        self.set.menus.values()
    }
    /// The menus in which calls begin.
    pub fn entries(&self) -> &[String] {
        &self.set.entries
    }
    /// These menus as they follow the ones that are live: whoever hears a prompt while they take over goes on hearing it.
    ///
    /// A prompt of the same name, language and sound keeps its number. Any other gets a number that none has had before, so a
    /// number says the same to all threads, whichever menus they know yet.
    pub fn following(&self, live: &Menus) -> Menus {
        let old = &live.set;
        let known: BTreeMap<_, PromptId> =
            old.prompts.iter().map(|p| ((p.name.as_str(), p.language, &p.sound), p.id)).collect();
        let mut next = old.next_prompt;
        let mut number = |prompt: &Prompt| {
            known.get(&(prompt.name.as_str(), prompt.language, &prompt.sound)).copied().unwrap_or_else(|| {
                next += 1;
                PromptId(next - 1)
            })
        };
        let renamed: BTreeMap<PromptId, PromptId> = self.set.prompts.iter().map(|p| (p.id, number(p))).collect();
        let mut prompts: Vec<Prompt> =
            self.set.prompts.iter().map(|p| Prompt { id: renamed[&p.id], ..p.clone() }).collect();
        prompts.sort_by_key(|p| p.id);
        let set = Set {
            hash: self.set.hash.clone(),
            menus: self.set.menus.clone(),
            entries: self.set.entries.clone(),
            prompts,
            next_prompt: next,
            by_name: self.set.by_name.iter().map(|(name, id)| (name.clone(), renamed[id])).collect(),
            waivers: self.set.waivers.clone(),
            elderly_answer_s: self.set.elderly_answer_s,
            services: self.set.services.clone(),
            effective_from: self.set.effective_from,
        };
        let mark = set.mark();
        let earlier = std::iter::once(&live.set).chain(&live.earlier).filter(|s| s.mark() != mark);
        let earlier = earlier.take(EARLIER_MAX).cloned().collect();
        Menus { set: Arc::new(set), conditions: self.conditions.clone(), earlier }
    }
    /// Everything that can be played, by those who are in earlier menus too.
    pub fn all_prompts(&self) -> Vec<&Prompt> {
        let mut all: BTreeMap<PromptId, &Prompt> = BTreeMap::new();
        for prompt in self.earlier.iter().flat_map(|s| &s.prompts).chain(&self.set.prompts) {
            all.insert(prompt.id, prompt);
        }
        all.into_values().collect()
    }
    /// Everything that can be played, in the order of its numbers.
    pub fn prompts(&self) -> &[Prompt] {
        &self.set.prompts
    }
    /// One of them.
    pub fn prompt(&self, id: PromptId) -> Option<&Prompt> {
        let at = self.set.prompts.binary_search_by_key(&id, |p| p.id).ok()?;
        Some(&self.set.prompts[at])
    }
    /// The number of a prompt in a language; of its only sound if it is the same in all (music).
    pub fn prompt_named(&self, name: &str, language: Language) -> Option<PromptId> {
        self.set.by_name.get(&(name.to_owned(), language)).copied()
    }
    /// Approved deviations from house policy, as the proof prints them.
    pub fn waivers(&self) -> &[String] {
        &self.set.waivers
    }
    /// How long these prompts take, in milliseconds.
    pub fn millis(&self, prompts: &[PromptId]) -> u64 {
        prompts.iter().filter_map(|&p| self.prompt(p)).map(|p| p.millis).sum()
    }
}

impl Set {
    /// The first 64 bits of the hash, for records.
    fn mark(&self) -> u64 {
        u64::from_str_radix(&self.hash[..16], 16).expect("a hash is hex")
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
    /// When it is open.
    pub opening: Opening,
    /// What it says beside its choices, and when.
    pub notices: BTreeMap<Occasion, Notice>,
    /// Who is silent once is treated as an elderly caller.
    pub elderly_on_silence: bool,
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
    /// What follows if its service fails; what the menu says of systems that are down if nothing is said here.
    pub on_failure: Option<Does>,
    /// The class by which the file of such a call is kept, if it is not the queue's.
    pub retention: Option<Retention>,
    /// The verification that comes before.
    pub verify: Option<String>,
}

/// Something that is done for a caller without a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Service {
    /// What he is asked for, in order.
    pub collect: Vec<Collect>,
    /// Seconds after which the back-end has failed.
    pub time_limit_s: u32,
    /// How often he may key it all.
    pub attempts: u32,
    /// What he hears before he is asked again.
    pub again: Option<String>,
    /// What he hears of the answer.
    pub say: Vec<Said>,
}

/// Digits that a caller is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Collect {
    /// As the back-end knows them.
    pub name: String,
    /// How he is asked.
    pub prompt: String,
    /// The fewest and the most digits.
    pub digits: (usize, usize),
}

/// A part of what a caller hears of the answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Said {
    /// These words.
    Prompt(String),
    /// The back-end's value of this name.
    Value(Form, String),
}

impl Service {
    /// What is played to say this answer in a language; none if a value is missing or cannot be said.
    pub fn says(&self, menus: &Menus, values: &BTreeMap<String, String>, language: Language) -> Option<Vec<PromptId>> {
        let mut played = vec![];
        for part in &self.say {
            match part {
                Said::Prompt(name) => played.push(menus.prompt_named(name, language)?),
                Said::Value(form, name) => {
                    for word in spoken(*form, values.get(name)?, language)? {
                        played.push(menus.prompt_named(word, language)?);
                    }
                }
            }
        }
        Some(played)
    }
}

/// How long the file of a contact is kept.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Retention {
    /// As long as the house keeps any.
    Ordinary,
    /// Money transactions, serious complaints and other high risk: five years or more (Specification, Art. 30–35).
    HighRisk,
}

impl Retention {
    /// All, with the words the files use.
    pub const ALL: [(&'static str, Retention); 2] =
        [("ordinary", Retention::Ordinary), ("high_risk", Retention::HighRisk)];
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
    /// Something is done for him without a person, and the menu is read again.
    Service(String),
    /// He leaves a message in this box.
    Voicemail(String),
    /// He is called back by this queue.
    Callback(String),
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
    /// What follows; the menu goes on if nothing does.
    pub then: Option<Does>,
}

impl Menu {
    /// What it says on this occasion.
    pub fn notice(&self, occasion: &Occasion) -> Option<&Notice> {
        self.notices.get(occasion)
    }
    /// The emergency plans it has words for.
    pub fn plans(&self) -> impl Iterator<Item = &str> {
        self.notices.keys().filter_map(|occasion| match occasion {
            Occasion::Emergency(plan) => Some(plan.as_str()),
            Occasion::Holiday | Occasion::Closed | Occasion::SystemsDown | Occasion::Elderly | Occasion::QueueFull => {
                None
            }
        })
    }
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
