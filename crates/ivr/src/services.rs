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
//! ```
//! Shape only. Where the back-end is, and what it is asked, is configuration of the centre, not of its menus.
use crate::draft::version;
use std::collections::BTreeMap;
use switchboard_source::{At, Diagnostic, Doc, Item, Spanned};

/// A service as written.
#[derive(Clone, Debug)]
pub struct DraftService {
    /// What the caller is asked for, in order.
    pub collect: Vec<DraftCollect>,
    /// Seconds after which the back-end has failed.
    pub time_limit_s: u32,
    /// Where its name stands.
    pub at: At,
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
    let collect = collect.iter().filter_map(|i| read_collect(i, faults)).collect();
    fields.done(faults);
    Some(DraftService { collect, time_limit_s: time_limit_s? as u32, at: item.key_at() })
}

fn read_collect(item: &Item<'_>, faults: &mut Vec<Diagnostic>) -> Option<DraftCollect> {
    let mut fields = item.fields(faults)?;
    let name = fields.must("name", faults).and_then(|i| i.text(faults));
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
