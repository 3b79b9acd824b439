//! `prompts.yaml`: every prompt's kind, its words in each language, and its sound.
//!
//! ```yaml
//! version: 1
//! prompts:
//!   agent:
//!     kind: menu
//!     zh-CN: { text: 人工服务请按零, seconds: 2.1 }      # sound: prompts/zh-CN/agent.wav
//!     en: { text: "For an agent, press zero", file: prompts/en/agent.wav, sha256: 5e8f… }
//!   music: { kind: music, all: { file: prompts/music.wav } }
//! ```
//! `seconds` and `sha256` are what was reviewed: if the sound is another, it is a fault. Without them the sound is believed.
use crate::draft::version;
use crate::menu::PromptKind;
use crate::sound;
use crate::sources::{Sources, beside};
use bytes::Bytes;
use std::collections::BTreeMap;
use switchboard_model::Language;
use switchboard_source::{At, Diagnostic, Doc, Item, Spanned};

/// A prompt as written.
#[derive(Clone, Debug)]
pub struct DraftPrompt {
    /// What it is.
    pub kind: PromptKind,
    /// Where its name stands.
    pub at: At,
    /// By language. The same in all languages: under each of them.
    pub takes: BTreeMap<Language, Take>,
}

/// A prompt in one language as written.
#[derive(Clone, Debug)]
pub struct Take {
    /// What it says.
    pub text: Option<Spanned<String>>,
    /// The sound's path beside `prompts.yaml`.
    pub file: String,
    /// Its place in `prompts.yaml`.
    pub at: At,
    /// The sound, if there is one.
    pub sound: Option<Bytes>,
    /// How long it is, as written.
    pub seconds: Option<(f64, At)>,
    /// Its hash, as written.
    pub sha256: Option<Spanned<String>>,
    /// The same in all languages.
    pub shared: bool,
}

impl Take {
    /// How long it takes: the sound's length; else what is written; else by its words.
    pub fn millis(&self) -> u64 {
        if let Some(sound) = self.sound.as_ref().and_then(|s| sound::samples(s).ok()) {
            return sound.millis;
        }
        match (&self.seconds, &self.text) {
            (Some((seconds, _)), _) => (seconds * 1000.0) as u64,
            (None, Some(text)) => by_words(&text.value),
            (None, None) => 0,
        }
    }
}

/// A guess at spoken length: four Chinese characters or two and a half English words a second.
pub(crate) fn by_words(text: &str) -> u64 {
    let chinese = text.chars().filter(|c| *c > '\u{2e7f}').count() as u64;
    let english = text.split_whitespace().filter(|w| w.is_ascii()).count() as u64;
    chinese * 250 + english * 400
}

/// Reads one file of prompts.
pub fn read_prompts(doc: &Doc, sources: &Sources, faults: &mut Vec<Diagnostic>) -> BTreeMap<String, DraftPrompt> {
    let Some(mut fields) = doc.top().fields(faults) else { return BTreeMap::new() };
    version(&mut fields, faults);
    let entries = fields.must("prompts", faults).map_or(vec![], |i| i.entries(faults));
    fields.done(faults);
    let read = |(name, item): (String, Item<'_>)| read_prompt(&name, &item, doc, sources, faults).map(|p| (name, p));
    entries.into_iter().filter_map(read).collect()
}

fn read_prompt(
    name: &str,
    item: &Item<'_>,
    doc: &Doc,
    sources: &Sources,
    faults: &mut Vec<Diagnostic>,
) -> Option<DraftPrompt> {
    let mut fields = item.fields(faults)?;
    let kind = fields.must("kind", faults).and_then(|i| {
        let of = |s: &str| PromptKind::ALL.iter().find(|(word, _)| *word == s).map(|(_, kind)| *kind);
        i.parse("a kind: menu, notice, consent, advert or music", faults, of)
    });
    let mut takes = BTreeMap::new();
    for (language, word) in [(Language::Mandarin, "zh-CN"), (Language::English, "en"), (Language::Cantonese, "yue")] {
        if let Some(item) = fields.may(word) {
            let folder = format!("prompts/{word}/{name}.wav");
            takes.extend(read_take(&item, folder, false, doc, sources, faults).map(|t| (language, t)));
        }
    }
    if let Some(item) = fields.may("all")
        && let Some(take) = read_take(&item, format!("prompts/{name}.wav"), true, doc, sources, faults)
    {
        for language in Language::ALL {
            takes.entry(language).or_insert_with(|| take.clone());
        }
    }
    fields.done(faults);
    Some(DraftPrompt { kind: kind?.value, at: item.key_at(), takes })
}

fn read_take(
    item: &Item<'_>,
    usual_file: String,
    shared: bool,
    doc: &Doc,
    sources: &Sources,
    faults: &mut Vec<Diagnostic>,
) -> Option<Take> {
    let mut fields = item.fields(faults)?;
    let text = fields.may("text").and_then(|i| i.text(faults));
    let file = fields.may("file").and_then(|i| i.text(faults)).map_or(usual_file, |t| t.value);
    let file = beside(doc.text().path(), &file);
    let seconds = fields.may("seconds").and_then(|i| Some((i.decimal(0.1..=600.0, faults)?, i.at())));
    let sha256 = fields.may("sha256").and_then(|i| i.text(faults));
    // Only whoever makes the sound needs it (`switchboard ivr prompts`).
    fields.may("say").map(|i| i.text(faults));
    fields.done(faults);
    let sound = sources.file(&file).cloned();
    Some(Take { text, file, at: item.key_at(), sound, seconds, sha256, shared })
}
