//! Reads a menu's text into a `Draft`, with every fault of its shape.
//!
//! What the language has and the engine cannot do is refused here, never ignored.
use crate::calendars::read_times;
use crate::civil::moment;
use crate::draft::{Draft, DraftNotice, DraftOption, DraftPatience, version};
use crate::facts::Ability;
use crate::hours::{Hours, utc_offset};
use crate::menu::{Does, Retention};
use crate::occasion::Occasion;
use std::collections::BTreeMap;
use std::str::FromStr;
use switchboard_model::{Digit, Language};
use switchboard_source::{Diagnostic, Doc, Fields, Item, Spanned};

/// Reads a menu; none if its shape is wrong, with every fault of the shape.
pub fn read_menu(doc: &Doc, can: &[Ability], faults: &mut Vec<Diagnostic>) -> Option<Draft> {
    let reader = Reader { can };
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
    let options = options_item.as_ref().map(|i| reader.options(i, faults));
    let no_input = fields.must("no_input", faults).and_then(|i| reader.patience(&i, true, faults));
    let no_match = fields.must("no_match", faults).and_then(|i| reader.patience(&i, false, faults));
    let hours = fields.may("hours").and_then(|i| read_hours(&i, faults));
    let calendar = fields.may("calendar").and_then(|i| i.text(faults));
    let mut elderly_on_silence = false;
    let notices = reader.notices(&mut fields, &mut elderly_on_silence, faults);
    let effective_from =
        fields.may("effective_from").and_then(|i| i.parse("a moment like 2026-12-06T02:00+08:00", faults, moment));
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
        calendar,
        notices,
        elderly_on_silence,
        effective_from,
    })
}

/// Letters, digits and `_`.
pub(crate) fn is_name(s: &str) -> Option<String> {
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

/// What a wrong word gets as its cure if the engine cannot do what it says.
const QUEUE_INSTEAD: &str = "lead the caller to a queue: `queue: …`";

/// Reads the parts of a menu for an engine that can do so much.
struct Reader<'a> {
    can: &'a [Ability],
}

impl Reader<'_> {
    /// A field that needs this ability of the engine; refused, with what to write instead, if it has not got it.
    fn able<'a>(
        &self,
        fields: &mut Fields<'a>,
        ability: Ability,
        instead: &str,
        faults: &mut Vec<Diagnostic>,
    ) -> Option<Item<'a>> {
        let item = fields.may(ability.word())?;
        if self.can.contains(&ability) {
            return Some(item);
        }
        faults.push(item.unsupported(&format!("{} (`{}`)", ability.what(), ability.word()), instead));
        None
    }

    fn options(&self, item: &Item<'_>, faults: &mut Vec<Diagnostic>) -> Vec<DraftOption> {
        item.entries(faults).iter().filter_map(|(face, item)| self.option(face, item, faults)).collect()
    }

    fn option(&self, face: &str, item: &Item<'_>, faults: &mut Vec<Diagnostic>) -> Option<DraftOption> {
        let Some(digit) = key(face) else {
            faults.push(no_key(face, item));
            return None;
        };
        let key = Spanned { value: digit, at: item.key_at() };
        let mut fields = item.fields(faults)?;
        let prompt = fields.may("prompt").and_then(|i| i.text(faults));
        let does = self.does(&mut fields, true, faults);
        let on_failure = fields.may("on_failure").and_then(|i| self.target(&i, faults));
        let retention = self.able(&mut fields, Ability::Retention, "take it out", faults).and_then(|i| {
            let of = |s: &str| Retention::ALL.iter().find(|(word, _)| *word == s).map(|(_, class)| *class);
            i.parse("a retention class: ordinary or high_risk", faults, of)
        });
        let verify = self.able(&mut fields, Ability::Verify, "take it out", faults).and_then(|i| i.text(faults));
        fields.done(faults);
        Some(DraftOption { key, prompt, does: does?, on_failure, retention, verify, at: item.at() })
    }

    /// The one word that says where it leads.
    fn does(&self, fields: &mut Fields<'_>, choice: bool, faults: &mut Vec<Diagnostic>) -> Option<Spanned<Does>> {
        let before = faults.len();
        let mut found: Vec<Spanned<Does>> = vec![];
        let named = |item: Option<Item<'_>>, faults: &mut Vec<Diagnostic>, does: fn(String) -> Does| {
            let text = item.and_then(|i| i.text(faults));
            text.map(|t| Spanned { value: does(t.value), at: t.at })
        };
        found.extend(named(fields.may("queue"), faults, Does::Queue));
        found.extend(named(fields.may("menu"), faults, Does::Menu));
        if let Some(item) = fields.may("hang_up") {
            found.extend(says_true(&item, Does::HangUp, faults));
        }
        let item = self.able(fields, Ability::Voicemail, QUEUE_INSTEAD, faults);
        found.extend(named(item, faults, Does::Voicemail));
        let item = self.able(fields, Ability::Callback, QUEUE_INSTEAD, faults);
        found.extend(named(item, faults, Does::Callback));
        if choice {
            if let Some(item) = fields.may("language") {
                let language = item.parse("a language: zh-CN, en or yue", faults, |s| Language::from_str(s).ok());
                found.extend(language.map(|l| Spanned { value: Does::Language(l.value), at: l.at }));
            }
            if let Some(item) = fields.may("replay") {
                found.extend(says_true(&item, Does::Replay, faults));
            }
            let item = self.able(fields, Ability::Service, QUEUE_INSTEAD, faults);
            found.extend(named(item, faults, Does::Service));
        }
        if faults.len() > before {
            return None;
        }
        if found.len() == 1 {
            return found.pop();
        }
        let whole = fields.whole();
        let words = match choice {
            true => "queue, menu, service, voicemail, callback, language, replay, hang_up",
            false => "queue, menu, voicemail, callback, hang_up",
        };
        let message = if found.is_empty() { "it leads nowhere" } else { "it leads to two places at once" };
        let fault = whole.wrong("");
        faults.push(Diagnostic { message: message.into(), ..fault }.help(format!("say exactly one of: {words}")));
        None
    }

    fn target(&self, item: &Item<'_>, faults: &mut Vec<Diagnostic>) -> Option<Spanned<Does>> {
        let mut fields = item.fields(faults)?;
        let does = self.does(&mut fields, false, faults);
        fields.done(faults);
        does
    }

    fn patience(&self, item: &Item<'_>, timed: bool, faults: &mut Vec<Diagnostic>) -> Option<DraftPatience> {
        let mut fields = item.fields(faults)?;
        let after_s = match timed {
            true => fields.must("after_s", faults).and_then(|i| i.number(1..=60, faults)),
            false => Some(0),
        };
        let replay = fields.must("replay", faults).and_then(|i| i.number(0..=5, faults));
        let prompt = fields.may("prompt").and_then(|i| i.text(faults));
        let then = fields.must("then", faults).and_then(|i| self.target(&i, faults));
        fields.done(faults);
        Some(DraftPatience { prompt, after_s: after_s? as u32, replay: replay? as u32, then: then?, at: item.key_at() })
    }

    /// Everything it says beside its choices.
    fn notices(
        &self,
        fields: &mut Fields<'_>,
        elderly_on_silence: &mut bool,
        faults: &mut Vec<Diagnostic>,
    ) -> BTreeMap<Occasion, DraftNotice> {
        let mut notices = BTreeMap::new();
        // Whether it must say what follows: a menu that is closed cannot go on.
        for (name, occasion, must) in [
            ("closed", Occasion::Closed, true),
            ("holiday", Occasion::Holiday, true),
            ("queue_full", Occasion::QueueFull, true),
            ("systems_down", Occasion::SystemsDown, false),
        ] {
            let notice = fields.may(name).and_then(|i| self.notice(&i, must, None, faults));
            notices.extend(notice.map(|n| (occasion, n)));
        }
        if let Some(item) = fields.may("elderly") {
            let notice = self.notice(&item, false, Some(elderly_on_silence), faults);
            notices.extend(notice.map(|n| (Occasion::Elderly, n)));
        }
        for (plan, item) in fields.may("emergency").map_or(vec![], |i| i.entries(faults)) {
            if is_name(&plan).is_none() {
                let fault = item.wrong("a plan's name");
                let message = format!("`{plan}` is no plan's name: letters, digits and _");
                faults.push(Diagnostic { message, at: Some(item.key_at()), ..fault });
                continue;
            }
            let notice = self.notice(&item, false, None, faults);
            notices.extend(notice.map(|n| (Occasion::Emergency(plan), n)));
        }
        notices
    }

    fn notice(
        &self,
        item: &Item<'_>,
        must: bool,
        on_silence: Option<&mut bool>,
        faults: &mut Vec<Diagnostic>,
    ) -> Option<DraftNotice> {
        let mut fields = item.fields(faults)?;
        let prompt = fields.must("prompt", faults).and_then(|i| i.text(faults));
        let then = if must { fields.must("then", faults) } else { fields.may("then") };
        let said = then.is_some();
        let then = then.and_then(|i| self.target(&i, faults));
        if let Some(on_silence) = on_silence {
            *on_silence = fields.may("on_silence").and_then(|i| i.truth(faults)).unwrap_or(false);
        }
        fields.done(faults);
        // What was said and could not be read has been reported, and is not the same as nothing said.
        (then.is_some() == said && (said || !must)).then_some(())?;
        Some(DraftNotice { prompt: prompt?, then, at: item.key_at() })
    }
}

fn no_key(face: &str, item: &Item<'_>) -> Diagnostic {
    let longer = face.chars().count() > 1 && face.chars().all(|c| c.is_ascii_digit());
    let why =
        if longer { "a choice is one key; after the first digit nobody knows that a second will come" } else { "" };
    let fault = item.wrong("a key: 0 to 9, * or #");
    let message = format!("`{face}` is no key of a telephone that a menu can use");
    let fault = Diagnostic { message, at: Some(item.key_at()), ..fault };
    fault.label(why).help("use one of \"0\" to \"9\", \"*\", \"#\"")
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

fn read_hours(item: &Item<'_>, faults: &mut Vec<Diagnostic>) -> Option<Spanned<Hours>> {
    let mut fields = item.fields(faults)?;
    let (days, from, to) = read_times(&mut fields, faults);
    let offset =
        fields.must("utc_offset", faults).and_then(|i| i.parse("an offset like \"+08:00\"", faults, utc_offset));
    fields.done(faults);
    let hours = Hours { days, from_min: from?, to_min: to?, utc_offset_min: offset?.value };
    Some(Spanned { value: hours, at: item.key_at() })
}
