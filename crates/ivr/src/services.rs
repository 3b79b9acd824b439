//! `services.yaml`: what a caller can have done without a person, and what he is asked for first.
//!
//! ```yaml
//! version: 1
//! services:
//!   balance_enquiry:
//!     time_limit_s: 8                                    # after which the back-end has failed
//!     collect:                                           # in this order, each ended by # or by its last digit
//!       - { name: account, prompt: enter_account, digits: [16, 19] }
//!       - { name: pin, prompt: enter_pin, digits: [6, 6], secret: true }
//!     attempts: 3                                        # how often he may key it all, if the back-end refuses what he keyed
//!     again: that_was_wrong                              # said before he is asked again
//!     say:                                               # what he hears of the answer
//!       - { prompt: balance_is }
//!       - { amount: balance }                            # the back-end's value of that name; also `date` and `digits`
//! ```
//! Shape only. Where the back-end is, and what it is asked, is configuration of the centre, not of its menus.
use crate::draft::version;
use crate::read_menu::is_name;
use crate::spoken::Form;
use std::collections::BTreeMap;
use switchboard_source::{At, Code, Diagnostic, Doc, Item, Spanned};

/// A service as written.
#[derive(Clone, Debug)]
pub struct DraftService {
    /// What the caller is asked for, in order.
    pub collect: Vec<DraftCollect>,
    /// Seconds after which the back-end has failed.
    pub time_limit_s: u32,
    /// How often the caller may key it all.
    pub attempts: u32,
    /// What he hears before he is asked again.
    pub again: Option<Spanned<String>>,
    /// What he hears of the answer.
    pub say: Vec<DraftSaid>,
    /// Where its name stands.
    pub at: At,
}

/// A part of what a caller hears of the answer.
#[derive(Clone, Debug)]
pub enum DraftSaid {
    /// These words.
    Prompt(Spanned<String>),
    /// The back-end's value of this name, said in this form.
    Value(Form, Spanned<String>),
}

/// Digits that a caller is asked for.
#[derive(Clone, Debug)]
pub struct DraftCollect {
    /// What they are: `account`, `pin`.
    pub name: Spanned<String>,
    /// How he is asked.
    pub prompt: Spanned<String>,
    /// The fewest and the most digits.
    pub digits: (u32, u32),
    /// Whether nobody may read them: they are kept in no log, record or recording.
    pub secret: bool,
    /// The whole part.
    pub at: At,
}

/// A back-end that has not answered by then has failed, if nothing else is written: callers hang up in silence after some ten seconds.
pub const TIME_LIMIT_S: u32 = 10;

/// Reads one file of services.
pub fn read_services(doc: &Doc, faults: &mut Vec<Diagnostic>) -> BTreeMap<String, DraftService> {
    let Some(mut fields) = doc.top().fields(faults) else { return BTreeMap::new() };
    version(&mut fields, faults);
    let entries = fields.must("services", faults).map_or(vec![], |i| i.entries(faults));
    fields.done(faults);
    entries.into_iter().filter_map(|(name, item)| Some((name, read_service(&item, faults)?))).collect()
}

fn read_service(item: &Item<'_>, faults: &mut Vec<Diagnostic>) -> Option<DraftService> {
    let mut fields = item.fields(faults)?;
    let time_limit_s = fields.may("time_limit_s").map_or(Some(u64::from(TIME_LIMIT_S)), |i| i.number(1..=30, faults));
    let collect = fields.may("collect").map_or(vec![], |i| i.list(faults));
    let collect: Vec<DraftCollect> = collect.iter().filter_map(|i| read_collect(i, faults)).collect();
    let attempts = fields.may("attempts").map_or(Some(ATTEMPTS), |i| i.number(1..=5, faults));
    let again = fields.may("again").and_then(|i| i.text(faults));
    let say = fields.may("say").map_or(vec![], |i| i.list(faults));
    let say = say.iter().filter_map(|i| read_said(i, faults)).collect();
    fields.done(faults);
    if let Some(more) = collect.get(COLLECT_MAX) {
        let code = Code { family: crate::lint::FAMILY, number: 804 };
        let fault = Diagnostic::error(code, &more.at, format!("a service asks for {COLLECT_MAX} things at most"));
        faults.push(fault.help("ask for less, or let a person ask"));
    }
    let (time_limit_s, attempts) = (time_limit_s? as u32, attempts? as u32);
    Some(DraftService { collect, time_limit_s, attempts, again, say, at: item.key_at() })
}

/// How often a caller may key it all, if nothing is written.
const ATTEMPTS: u64 = 3;
/// What one service asks for; more is a form, and a person fills it in.
const COLLECT_MAX: usize = 4;

fn read_said(item: &Item<'_>, faults: &mut Vec<Diagnostic>) -> Option<DraftSaid> {
    let mut fields = item.fields(faults)?;
    let prompt = fields.may("prompt").and_then(|i| i.text(faults)).map(DraftSaid::Prompt);
    let mut said: Vec<DraftSaid> = prompt.into_iter().collect();
    for (word, form) in Form::ALL {
        let name = fields.may(word).and_then(|i| i.parse("a value's name: letters, digits and _", faults, is_name));
        said.extend(name.map(|name| DraftSaid::Value(form, name)));
    }
    fields.done(faults);
    if said.len() != 1 {
        faults.push(item.wrong("exactly one of: prompt, amount, date, digits"));
        return None;
    }
    said.pop()
}

fn read_collect(item: &Item<'_>, faults: &mut Vec<Diagnostic>) -> Option<DraftCollect> {
    let mut fields = item.fields(faults)?;
    let name = fields.must("name", faults).and_then(|i| i.parse("a name: letters, digits and _", faults, is_name));
    let prompt = fields.must("prompt", faults).and_then(|i| i.text(faults));
    let digits = fields.must("digits", faults).and_then(|i| {
        let both: Vec<u64> = i.list(faults).iter().filter_map(|i| i.number(1..=32, faults)).collect();
        match both[..] {
            [least, most] if least <= most => Some((least as u32, most as u32)),
            _ => {
                faults.push(i.wrong("the fewest and the most digits, as [16, 19]"));
                None
            }
        }
    });
    let secret = fields.may("secret").map_or(Some(false), |i| i.truth(faults));
    fields.done(faults);
    Some(DraftCollect { name: name?, prompt: prompt?, digits: digits?, secret: secret?, at: item.at() })
}
