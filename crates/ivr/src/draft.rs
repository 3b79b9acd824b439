//! A menu as it was written: every word with its place, nothing believed yet.
//!
//! Shape only: whether the names it names exist and the rules hold is the linter's business. What the language has and
//! this version does not is refused here, never ignored.
use crate::hours::{Hours, time_of_day, utc_offset};
use crate::lint::LANGUAGE_VERSION;
use crate::menu::Does;
use std::str::FromStr;
use switchboard_model::{Digit, Language};
use switchboard_source::{At, Diagnostic, Doc, Fields, Item, Spanned};

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
    /// When it is open.
    pub hours: Option<Spanned<Hours>>,
    /// What happens outside the hours.
    pub closed: Option<DraftNotice>,
    /// What happens when the queue is full.
    pub queue_full: Option<DraftNotice>,
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
    /// What follows.
    pub then: Spanned<Does>,
    /// Its key.
    pub at: At,
}

impl Draft {
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
        ways.extend(self.closed.iter().map(|n| ("closed".into(), &n.then)));
        ways.extend(self.queue_full.iter().map(|n| ("queue full".into(), &n.then)));
        ways
    }
    /// Every prompt it names.
    pub fn prompts(&self) -> Vec<&Spanned<String>> {
        let mut prompts: Vec<_> = self.greeting.iter().collect();
        prompts.extend(self.options.iter().filter_map(|o| o.prompt.as_ref()));
        prompts.extend(self.no_input.prompt.iter().chain(&self.no_match.prompt));
        prompts.extend(self.closed.iter().chain(&self.queue_full).map(|n| &n.prompt));
        prompts
    }
}

/// Reads a menu; none if its shape is wrong, with every fault of the shape.
pub fn read_menu(doc: &Doc, faults: &mut Vec<Diagnostic>) -> Option<Draft> {
    let before = faults.len();
    let mut fields = doc.top().fields(faults)?;
    version(&mut fields, faults);
    let name =
        fields.must("menu", faults).and_then(|i| i.parse("a menu's name: letters, digits and _", faults, is_name));
    let title = fields.may("title").and_then(|i| i.text(faults)).map_or(String::new(), |t| t.value);
    let languages = fields.must("languages", faults).map(|i| languages(&i, faults));
    let greeting = fields.may("greeting").map_or(vec![], |i| one_or_more(&i, faults));
    let announce_first = fields.may("announce_first").and_then(|i| i.parse("a key", faults, key));
    let options_item = fields.must("options", faults);
    let options = options_item.as_ref().map(|i| options(i, faults));
    let no_input = fields.must("no_input", faults).and_then(|i| patience(&i, true, faults));
    let no_match = fields.must("no_match", faults).and_then(|i| patience(&i, false, faults));
    let hours = fields.may("hours").and_then(|i| read_hours(&i, faults));
    let closed = fields.may("closed").and_then(|i| notice(&i, faults));
    let queue_full = fields.may("queue_full").and_then(|i| notice(&i, faults));
    if let Some(item) = fields.may("effective_from") {
        faults.push(
            item.unsupported(
                "a timed change (`effective_from`)",
                "take the line out and put the file live at its time",
            ),
        );
    }
    fields.done(faults);
    if faults.len() > before {
        return None;
    }
    Some(Draft {
        name: name?,
        title,
        languages: languages?,
        greeting,
        announce_first,
        options: options?,
        options_at: options_item?.key_at(),
        no_input: no_input?,
        no_match: no_match?,
        hours,
        closed,
        queue_full,
    })
}

/// The field every file of ours begins with.
pub fn version(fields: &mut Fields<'_>, faults: &mut Vec<Diagnostic>) {
    if let Some(item) = fields.must("version", faults) {
        item.number(LANGUAGE_VERSION..=LANGUAGE_VERSION, faults);
    }
}

fn is_name(s: &str) -> Option<String> {
    let fits = s.len() <= 64 && s.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (fits && !s.is_empty()).then(|| s.to_owned())
}

fn key(s: &str) -> Option<Digit> {
    let mut chars = s.chars();
    let key = chars.next().filter(|c| c.is_ascii_digit() || *c == '*' || *c == '#')?;
    chars.next().is_none().then(|| Digit::from_char(key)).flatten()
}

fn languages(item: &Item<'_>, faults: &mut Vec<Diagnostic>) -> Vec<Spanned<Language>> {
    let wanted = "a language: zh-CN, en or yue";
    let list: Vec<_> =
        item.list(faults).iter().filter_map(|i| i.parse(wanted, faults, |s| Language::from_str(s).ok())).collect();
    if list.is_empty() {
        faults.push(item.wrong("at least one language"));
    }
    list
}

fn one_or_more(item: &Item<'_>, faults: &mut Vec<Diagnostic>) -> Vec<Spanned<String>> {
    let mut quiet = vec![];
    if let Some(one) = item.text(&mut quiet) {
        return vec![one];
    }
    item.list(faults).iter().filter_map(|i| i.text(faults)).collect()
}

fn options(item: &Item<'_>, faults: &mut Vec<Diagnostic>) -> Vec<DraftOption> {
    let mut options = vec![];
    for (face, item) in item.entries(faults) {
        let Some(digit) = key(&face) else {
            let longer = face.chars().count() > 1 && face.chars().all(|c| c.is_ascii_digit());
            let why = if longer {
                "a choice is one key; after the first digit nobody knows that a second will come"
            } else {
                ""
            };
            let at = item.key_at();
            let fault = item.wrong("a key: 0 to 9, * or #");
            let fault = Diagnostic {
                message: format!("`{face}` is no key of a telephone that a menu can use"),
                at: Some(at),
                ..fault
            };
            faults.push(fault.label(why).help("use one of \"0\" to \"9\", \"*\", \"#\""));
            continue;
        };
        let key = Spanned { value: digit, at: item.key_at() };
        let Some(mut fields) = item.fields(faults) else { continue };
        let prompt = fields.may("prompt").and_then(|i| i.text(faults));
        let does = does(&mut fields, true, faults);
        for (name, what) in [
            ("retention", "a retention class of its own"),
            ("on_failure", "a service's failure"),
            ("secret", "digit collection"),
        ] {
            if let Some(item) = fields.may(name) {
                faults.push(item.unsupported(what, "take it out"));
            }
        }
        fields.done(faults);
        if let Some(does) = does {
            options.push(DraftOption { key, prompt, does, at: item.at() });
        }
    }
    options
}

/// The one word that says where it leads.
fn does(fields: &mut Fields<'_>, choice: bool, faults: &mut Vec<Diagnostic>) -> Option<Spanned<Does>> {
    let before = faults.len();
    let mut found: Vec<Spanned<Does>> = vec![];
    if let Some(item) = fields.may("queue") {
        found.extend(item.text(faults).map(|t| Spanned { value: Does::Queue(t.value), at: t.at }));
    }
    if let Some(item) = fields.may("menu") {
        found.extend(item.text(faults).map(|t| Spanned { value: Does::Menu(t.value), at: t.at }));
    }
    if let Some(item) = fields.may("hang_up") {
        found.extend(says_true(&item, Does::HangUp, faults));
    }
    if choice {
        if let Some(item) = fields.may("language") {
            let language = item.parse("a language: zh-CN, en or yue", faults, |s| Language::from_str(s).ok());
            found.extend(language.map(|l| Spanned { value: Does::Language(l.value), at: l.at }));
        }
        if let Some(item) = fields.may("replay") {
            found.extend(says_true(&item, Does::Replay, faults));
        }
    }
    for (name, what) in [("service", "a self-service"), ("voicemail", "voicemail"), ("callback", "a callback")] {
        if let Some(item) = fields.may(name) {
            faults.push(item.unsupported(&format!("{what} (`{name}`)"), "lead the caller to a queue: `queue: …`"));
        }
    }
    if faults.len() > before {
        return None;
    }
    if found.len() == 1 {
        return found.pop();
    }
    let whole = fields.whole();
    let words = if choice { "queue, menu, language, replay, hang_up" } else { "queue, menu, hang_up" };
    let message = if found.is_empty() { "it leads nowhere" } else { "it leads to two places at once" };
    let fault = whole.wrong("");
    faults.push(Diagnostic { message: message.into(), ..fault }.help(format!("say exactly one of: {words}")));
    None
}

fn says_true(item: &Item<'_>, does: Does, faults: &mut Vec<Diagnostic>) -> Option<Spanned<Does>> {
    match item.truth(faults)? {
        true => Some(Spanned { value: does, at: item.at() }),
        false => {
            faults.push(item.wrong("true (or leave it out)"));
            None
        }
    }
}

fn target(item: &Item<'_>, faults: &mut Vec<Diagnostic>) -> Option<Spanned<Does>> {
    let mut fields = item.fields(faults)?;
    let does = does(&mut fields, false, faults);
    fields.done(faults);
    does
}

fn patience(item: &Item<'_>, timed: bool, faults: &mut Vec<Diagnostic>) -> Option<DraftPatience> {
    let mut fields = item.fields(faults)?;
    let after_s = match timed {
        true => fields.must("after_s", faults).and_then(|i| i.number(1..=60, faults)),
        false => Some(0),
    };
    let replay = fields.must("replay", faults).and_then(|i| i.number(0..=5, faults));
    let prompt = fields.may("prompt").and_then(|i| i.text(faults));
    let then = fields.must("then", faults).and_then(|i| target(&i, faults));
    fields.done(faults);
    Some(DraftPatience { prompt, after_s: after_s? as u32, replay: replay? as u32, then: then?, at: item.key_at() })
}

fn notice(item: &Item<'_>, faults: &mut Vec<Diagnostic>) -> Option<DraftNotice> {
    let mut fields = item.fields(faults)?;
    let prompt = fields.must("prompt", faults).and_then(|i| i.text(faults));
    let then = fields.must("then", faults).and_then(|i| target(&i, faults));
    fields.done(faults);
    Some(DraftNotice { prompt: prompt?, then: then?, at: item.key_at() })
}

fn read_hours(item: &Item<'_>, faults: &mut Vec<Diagnostic>) -> Option<Spanned<Hours>> {
    let mut fields = item.fields(faults)?;
    let mut days = [false; 7];
    for day in fields.must("days", faults).map_or(vec![], |i| i.list(faults)) {
        let day =
            day.parse("a day: mon, tue, wed, thu, fri, sat, sun", faults, |s| Hours::DAYS.iter().position(|d| *d == s));
        day.into_iter().for_each(|d| days[d.value] = true);
    }
    let from = fields.must("from", faults).and_then(|i| i.parse("a time like \"09:00\"", faults, time_of_day));
    let to = fields.must("to", faults).and_then(|i| i.parse("a time like \"17:30\"", faults, time_of_day));
    let offset =
        fields.must("utc_offset", faults).and_then(|i| i.parse("an offset like \"+08:00\"", faults, utc_offset));
    fields.done(faults);
    let hours = Hours { days, from_min: from?.value, to_min: to?.value, utc_offset_min: offset?.value };
    Some(Spanned { value: hours, at: item.key_at() })
}
