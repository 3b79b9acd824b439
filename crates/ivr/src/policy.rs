//! `policy.yaml`: the house's own rules, and who allowed which exception until when.
//!
//! Article rules have no switch here. A missing file means the defaults.
use crate::civil::Day;
use crate::draft::version;
use crate::lint;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use switchboard_source::{At, Diagnostic, Doc, Item, Spanned};

/// House policy.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Levels of menus, the first included.
    pub levels_max: usize,
    /// Choices of one menu beside 0, * and #.
    pub choices_max: usize,
    /// How soon after entering a menu the way to a person has been said.
    pub person_within_s: u64,
    /// The least time to answer.
    pub answer_s_min: u32,
    /// The least time to answer for callers who need it: those on the bank's list of elderly customers, and those who were silent where
    /// silence means the same.
    pub elderly_answer_s: u32,
    /// The most digits a service may ask for before it answers or leads to a person.
    pub digits_max: u32,
    /// Whether calls are recorded, by this program or by what stands around it.
    pub recorded: bool,
    /// More words that make a prompt an advert.
    pub advert_words: Vec<String>,
    /// Prompts whose words look like an advert and were found not to be one.
    pub accepted: Vec<Accepted>,
    /// Exceptions.
    pub waivers: Vec<Waiver>,
}

/// An exception from one rule.
#[derive(Clone, Debug)]
pub struct Waiver {
    /// From which.
    pub rule: u16,
    /// For one menu, or for all.
    pub menu: Option<String>,
    /// Who allowed it.
    pub approver: String,
    /// Why.
    pub reason: String,
    /// The last day on which it counts.
    pub until: Day,
    /// Where it stands.
    pub at: At,
}

/// A prompt that was read by a person and found to be no advert.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// SHA-256 of its exact words, in hex: others were not read.
    pub hash: String,
    /// Who read it.
    pub approver: String,
    /// The last day on which it counts.
    pub until: Day,
    /// Where it stands.
    pub at: At,
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            levels_max: 2,
            choices_max: 7,
            person_within_s: 10,
            answer_s_min: 5,
            elderly_answer_s: 12,
            digits_max: 32,
            recorded: false,
            advert_words: vec![],
            accepted: vec![],
            waivers: vec![],
        }
    }
}

impl Waiver {
    /// As the proof prints it.
    pub fn line(&self) -> String {
        let menu = self.menu.as_deref().unwrap_or("every menu");
        format!("IVR{:04} for {menu} until {}: {} ({})", self.rule, self.until, self.reason, self.approver)
    }
}

/// Reads the policy, over what is already known.
pub fn read_policy(doc: &Doc, policy: &mut Policy, faults: &mut Vec<Diagnostic>) {
    let Some(mut fields) = doc.top().fields(faults) else { return };
    version(&mut fields, faults);
    if let Some(n) = fields.may("levels_max").and_then(|i| i.number(1..=9, faults)) {
        policy.levels_max = n as usize;
    }
    if let Some(n) = fields.may("choices_max").and_then(|i| i.number(1..=9, faults)) {
        policy.choices_max = n as usize;
    }
    if let Some(n) = fields.may("person_within_s").and_then(|i| i.number(1..=120, faults)) {
        policy.person_within_s = n;
    }
    if let Some(n) = fields.may("answer_s_min").and_then(|i| i.number(1..=60, faults)) {
        policy.answer_s_min = n as u32;
    }
    if let Some(n) = fields.may("elderly_answer_s").and_then(|i| i.number(1..=60, faults)) {
        policy.elderly_answer_s = n as u32;
    }
    if let Some(n) = fields.may("digits_max").and_then(|i| i.number(1..=99, faults)) {
        policy.digits_max = n as u32;
    }
    if let Some(recorded) = fields.may("recorded").and_then(|i| i.truth(faults)) {
        policy.recorded = recorded;
    }
    let words = fields.may("advert_words").map_or(vec![], |i| i.list(faults));
    policy.advert_words.extend(words.iter().filter_map(|i| i.text(faults)).map(|t| t.value));
    for item in fields.may("accepted").map_or(vec![], |i| i.list(faults)) {
        policy.accepted.extend(read_accepted(&item, faults));
    }
    for item in fields.may("waivers").map_or(vec![], |i| i.list(faults)) {
        policy.waivers.extend(read_waiver(&item, faults));
    }
    fields.done(faults);
}

fn read_accepted(item: &Item<'_>, faults: &mut Vec<Diagnostic>) -> Option<Accepted> {
    let before = faults.len();
    let mut fields = item.fields(faults)?;
    let text = fields.may("text").and_then(|i| i.text(faults)).map(|t| hash(&t.value));
    let known =
        fields.may("hash").and_then(|i| i.parse("the SHA-256 of a prompt's words, 64 hex digits", faults, is_hash));
    let approver = fields.must("approver", faults).and_then(|i| i.text(faults));
    let until = fields.must("until", faults).and_then(|i| i.parse("a day like \"2027-01-31\"", faults, Day::read));
    fields.done(faults);
    let known = known.map(|k| k.value);
    if text.is_some() == known.is_some() && faults.len() == before {
        faults.push(item.wrong("either `text` (the prompt's exact words) or `hash` (their SHA-256)"));
    }
    Some(Accepted { hash: text.or(known)?, approver: approver?.value, until: until?.value, at: item.at() })
}

/// SHA-256 of a prompt's words, in hex.
pub fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|b| format!("{b:02x}")).collect()
}

fn is_hash(s: &str) -> Option<String> {
    (s.len() == 64 && s.bytes().all(|b| b.is_ascii_hexdigit())).then(|| s.to_ascii_lowercase())
}

fn read_waiver(item: &Item<'_>, faults: &mut Vec<Diagnostic>) -> Option<Waiver> {
    let mut fields = item.fields(faults)?;
    let rule = fields.must("rule", faults).and_then(|i| waivable(&i, faults));
    let menu = fields.may("menu").and_then(|i| i.text(faults)).map(|t| t.value);
    let approver = fields.must("approver", faults).and_then(|i| i.text(faults));
    let reason = fields.must("reason", faults).and_then(|i| i.text(faults));
    let until = fields.must("until", faults).and_then(|i| i.parse("a day like \"2027-01-31\"", faults, Day::read));
    fields.done(faults);
    let (approver, reason) = (approver?.value, reason?.value);
    Some(Waiver { rule: rule?.value, menu, approver, reason, until: until?.value, at: item.at() })
}

/// A house rule's code; an Article rule has no exception.
fn waivable(item: &Item<'_>, faults: &mut Vec<Diagnostic>) -> Option<Spanned<u16>> {
    let house: BTreeSet<u16> = lint::RULES.iter().filter(|r| r.layer == lint::Layer::House).map(|r| r.number).collect();
    item.parse("a house rule, IVR0201 to IVR0299 (Article rules have no exception)", faults, |s| {
        s.strip_prefix("IVR").and_then(|n| n.parse().ok()).filter(|n| house.contains(n))
    })
}
