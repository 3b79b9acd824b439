//! A menu as it was written: every word with its place, nothing believed yet.
//!
//! Shape only: whether the names it names exist and the rules hold is the linter's business. `read_menu.rs` reads it.
use crate::hours::Hours;
use crate::lint::LANGUAGE_VERSION;
use crate::menu::{Does, Retention};
use crate::occasion::Occasion;
use std::collections::BTreeMap;
use switchboard_model::{Digit, Instant, Language};
use switchboard_source::{At, Diagnostic, Fields, Spanned};

/// A menu as written.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Its name.
    pub name: Spanned<String>,
    /// For readers.
    pub title: String,
    /// The first is the default.
    pub languages: Vec<Spanned<Language>>,
    /// Heard on entering.
    pub greeting: Vec<Spanned<String>>,
    /// The key whose prompt is read first.
    pub announce_first: Option<Spanned<Digit>>,
    /// In the order of the text.
    pub options: Vec<DraftOption>,
    /// Where the options stand.
    pub options_at: At,
    /// When nothing is pressed.
    pub no_input: DraftPatience,
    /// When a wrong key is pressed.
    pub no_match: DraftPatience,
    /// When it is open, said here.
    pub hours: Option<Spanned<Hours>>,
    /// When it is open, said by this calendar.
    pub calendar: Option<Spanned<String>>,
    /// What it says beside its choices, and when.
    pub notices: BTreeMap<Occasion, DraftNotice>,
    /// Who is silent once is treated as an elderly caller.
    pub elderly_on_silence: bool,
    /// Not live before this moment.
    pub effective_from: Option<Spanned<Instant>>,
}

/// A choice as written.
#[derive(Clone, Debug)]
pub struct DraftOption {
    /// The key.
    pub key: Spanned<Digit>,
    /// The prompt's name.
    pub prompt: Option<Spanned<String>>,
    /// What it does, with the place of the word that says so.
    pub does: Spanned<Does>,
    /// What follows if its service fails.
    pub on_failure: Option<Spanned<Does>>,
    /// How long the file of such a call is kept.
    pub retention: Option<Spanned<Retention>>,
    /// The verification that comes before.
    pub verify: Option<Spanned<String>>,
    /// The whole choice.
    pub at: At,
}

/// How often it is asked again, as written.
#[derive(Clone, Debug)]
pub struct DraftPatience {
    /// Said before the menu is read again.
    pub prompt: Option<Spanned<String>>,
    /// Seconds after the last word.
    pub after_s: u32,
    /// How often it is read again.
    pub replay: u32,
    /// What then.
    pub then: Spanned<Does>,
    /// The whole part.
    pub at: At,
}

/// A notice as written.
#[derive(Clone, Debug)]
pub struct DraftNotice {
    /// The prompt's name.
    pub prompt: Spanned<String>,
    /// What follows; the menu itself if nothing is said.
    pub then: Option<Spanned<Does>>,
    /// Its key.
    pub at: At,
}

impl Draft {
    /// What it says on this occasion.
    pub fn notice(&self, occasion: &Occasion) -> Option<&DraftNotice> {
        self.notices.get(occasion)
    }
    /// The choices in the order in which they are read out.
    pub fn in_reading_order(&self) -> Vec<&DraftOption> {
        let first = self.announce_first.as_ref().map(|k| k.value);
        let (mut ordered, rest): (Vec<_>, Vec<_>) = self.options.iter().partition(|o| Some(o.key.value) == first);
        ordered.extend(rest);
        ordered
    }
    /// The languages without their places.
    pub fn language_list(&self) -> Vec<Language> {
        self.languages.iter().map(|l| l.value).collect()
    }
    /// Every place that leads somewhere, with what leads there in words.
    pub fn ways(&self) -> Vec<(String, &Spanned<Does>)> {
        let mut ways: Vec<_> = self.options.iter().map(|o| (o.key.value.to_string(), &o.does)).collect();
        ways.push(("no input".into(), &self.no_input.then));
        ways.push(("no match".into(), &self.no_match.then));
        ways.extend(
            self.options.iter().filter_map(|o| Some((format!("{} failed", o.key.value), o.on_failure.as_ref()?))),
        );
        ways.extend(self.notices.iter().filter_map(|(occasion, n)| Some((occasion.to_string(), n.then.as_ref()?))));
        ways
    }
    /// Every prompt it names.
    pub fn prompts(&self) -> Vec<&Spanned<String>> {
        let mut prompts: Vec<_> = self.greeting.iter().collect();
        prompts.extend(self.options.iter().filter_map(|o| o.prompt.as_ref()));
        prompts.extend(self.no_input.prompt.iter().chain(&self.no_match.prompt));
        prompts.extend(self.notices.values().map(|n| &n.prompt));
        prompts
    }
}

/// The field every file of ours begins with.
pub fn version(fields: &mut Fields<'_>, faults: &mut Vec<Diagnostic>) {
    if let Some(item) = fields.must("version", faults) {
        item.number(LANGUAGE_VERSION..=LANGUAGE_VERSION, faults);
    }
}
