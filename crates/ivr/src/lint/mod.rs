//! The rules, one a file, in layers.
//!
//! ```text
//!   01xx Article     no switch, no waiver                 05xx structure    of the tree of menus
//!   02xx house       policy.yaml, waivers with a name     06xx advice       the Specification says "may"
//!   03xx reference   names that must exist                08xx shape        \ of the text itself: crate `source`
//!   04xx sound       what is heard                        09xx text         /
//! ```
//! A rule sees the whole tree and adds findings; it changes nothing and knows no other rule.
mod advert_in_main_menu;
mod advert_wording;
mod announce_first_unknown;
mod answer_time_short;
mod beyond;
mod calendar_gap;
mod calendar_next_year;
mod calendar_overlap;
mod changed_sound;
mod digits_before_person;
mod elderly_not_to_person;
mod failure_not_to_person;
mod hours_and_calendar;
mod hours_without_closed;
mod language_choice;
mod language_lost;
mod loop_to_itself;
mod manual;
mod missing_language;
mod missing_sound;
mod no_complaint_option;
mod no_key_to_person;
mod no_replay_key;
mod no_way_to_person;
mod nobody_serves;
mod not_staffed;
mod one_person_serves;
mod person_announced_late;
mod person_key_differs;
mod person_not_announced;
mod recording_without_notice;
mod retention_weaker;
mod sample;
mod seconds_wrong;
mod secret_not_marked;
mod silence_not_to_person;
mod silent_loop;
mod sound_form;
mod text_and_key_disagree;
mod too_deep;
mod too_many_choices;
mod tree;
mod unknown_calendar;
mod unknown_menu;
mod unknown_prompt;
mod unknown_queue;
mod unknown_service;
mod unreachable;

pub use manual::{Page, page, pages, sample_text};
pub(crate) use tree::{Findings, Parts, Tree};

use switchboard_source::{At, Code, Diagnostic, RuleText, Severity};

/// The version of the menu language this program reads.
pub const LANGUAGE_VERSION: u64 = 1;
/// Whose codes these are.
pub const FAMILY: &str = "IVR";

/// On what a rule rests, and so whether it can be waived.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Layer {
    /// The Specification: no switch.
    Article,
    /// The house's own policy: a waiver is possible.
    House,
    /// Names must exist.
    Reference,
    /// What is heard must be there and be right.
    Sound,
    /// The tree of menus must make sense.
    Structure,
    /// A friendly word.
    Advice,
}

/// A rule, and its page of the manual.
#[derive(Debug)]
pub struct Rule {
    /// Its number: `IVR0203` is 203.
    pub number: u16,
    /// Its name.
    pub name: &'static str,
    /// What it rests on.
    pub layer: Layer,
    /// How grave a finding is.
    pub severity: Severity,
    /// The Article it serves.
    pub article: &'static str,
    /// What it finds.
    pub what: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// What it finds and why, in Chinese, for those who edit the menus.
    pub zh: &'static str,
    /// An example of it, over the sample (`sample.rs`).
    pub bad: &'static str,
    /// What to write instead.
    pub good: &'static str,
    check: fn(&Tree<'_>, &mut Findings),
}

impl Rule {
    fn fault(&self, at: &At, message: String) -> Diagnostic {
        Diagnostic::error(Code { family: FAMILY, number: self.number }, at, message).severity(self.severity)
    }
}

/// All rules, by number.
pub const RULES: [&Rule; 44] = [
    &advert_in_main_menu::RULE,
    &advert_wording::RULE,
    &no_way_to_person::RULE,
    &person_not_announced::RULE,
    &recording_without_notice::RULE,
    &too_deep::RULE,
    &too_many_choices::RULE,
    &no_key_to_person::RULE,
    &person_key_differs::RULE,
    &person_announced_late::RULE,
    &silence_not_to_person::RULE,
    &answer_time_short::RULE,
    &no_replay_key::RULE,
    &digits_before_person::RULE,
    &unknown_menu::RULE,
    &unknown_queue::RULE,
    &unknown_prompt::RULE,
    &nobody_serves::RULE,
    &one_person_serves::RULE,
    &unknown_calendar::RULE,
    &unknown_service::RULE,
    &not_staffed::RULE,
    &missing_language::RULE,
    &missing_sound::RULE,
    &changed_sound::RULE,
    &seconds_wrong::RULE,
    &text_and_key_disagree::RULE,
    &sound_form::RULE,
    &secret_not_marked::RULE,
    &unreachable::RULE,
    &silent_loop::RULE,
    &language_choice::RULE,
    &language_lost::RULE,
    &hours_without_closed::RULE,
    &announce_first_unknown::RULE,
    &loop_to_itself::RULE,
    &calendar_overlap::RULE,
    &calendar_gap::RULE,
    &hours_and_calendar::RULE,
    &failure_not_to_person::RULE,
    &retention_weaker::RULE,
    &elderly_not_to_person::RULE,
    &no_complaint_option::RULE,
    &calendar_next_year::RULE,
];

/// What every code says of itself, the text's own faults included.
pub fn rule_texts() -> Vec<RuleText> {
    pages().into_iter().map(|p| RuleText { code: p.code(), name: p.name.into(), why: p.what.into() }).collect()
}

/// Every finding that no waiver covers, and the waivers in use.
pub(crate) fn lint(tree: &Tree<'_>) -> (Vec<Diagnostic>, Vec<String>) {
    let mut diagnostics = vec![];
    let mut used = vec![];
    for rule in RULES {
        let mut found = Findings::default();
        (rule.check)(tree, &mut found);
        used.append(&mut found.accepted);
        for (menu, diagnostic) in found.found {
            let covers = |w: &&crate::policy::Waiver| {
                w.rule == rule.number
                    && w.menu.as_ref().is_none_or(|m| Some(m) == menu.as_ref())
                    && tree.counts_today(w.until)
            };
            match tree.policy.waivers.iter().find(covers).filter(|_| rule.layer == Layer::House) {
                Some(waiver) => used.push(waiver.line()),
                None => diagnostics.push(diagnostic),
            }
        }
    }
    let waivers = tree.policy.waivers.iter().map(|w| (w.rule, w.until, &w.at, "waiver"));
    let accepted = tree.policy.accepted.iter().map(|a| (advert_wording::RULE.number, a.until, &a.at, "acceptance"));
    for (rule, until, at, what) in waivers.chain(accepted).filter(|(_, until, ..)| !tree.counts_today(*until)) {
        let message = format!("the {what} of IVR{rule:04} ended on {until}");
        let fault = Diagnostic::error(Code { family: FAMILY, number: rule }, at, message).severity(Severity::Warning);
        diagnostics.push(fault.help("have it renewed, or take it out"));
    }
    used.sort();
    used.dedup();
    (diagnostics, used)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_stand_in_order_and_each_layer_has_its_hundred() {
        assert!(RULES.is_sorted_by(|a, b| a.number < b.number));
        for rule in RULES {
            let hundred = match rule.layer {
                Layer::Article => 1,
                Layer::House => 2,
                Layer::Reference => 3,
                Layer::Sound => 4,
                Layer::Structure => 5,
                Layer::Advice => 6,
            };
            assert_eq!(rule.number / 100, hundred, "{}", rule.name);
        }
    }
}
