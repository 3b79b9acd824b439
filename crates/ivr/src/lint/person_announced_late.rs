//! The way to a person is said too late.
use super::{Findings, Layer, Rule, Tree};
use crate::draft::DraftOption;
use crate::menu::Does;
use switchboard_source::Severity;

/// The rule.
pub const RULE: Rule = Rule {
    number: 205,
    name: "person-announced-late",
    layer: Layer::House,
    severity: Severity::Error,
    article: "Art. 10",
    what: "The way to a person is said too late.",
    why: "Art. 10: easy to find. Whoever wants a person should not have to hear the whole menu first.",
    zh: "人工选项报得太晚。",
    bad: r#"options:
  "1": { prompt: accounts, menu: accounts }
  "2": { prompt: cards, queue: cards }
  "4": { prompt: loans, queue: loans }
  "9": { prompt: complaint, queue: complaints }
  "*": { prompt: repeat, replay: true }
  "0": { prompt: agent, queue: general }"#,
    good: r#"announce_first: "0"
options:
  "1": { prompt: accounts, menu: accounts }
  "2": { prompt: cards, queue: cards }
  "4": { prompt: loans, queue: loans }
  "9": { prompt: complaint, queue: complaints }
  "*": { prompt: repeat, replay: true }
  "0": { prompt: agent, queue: general }"#,
    check,
};

fn check(tree: &Tree<'_>, found: &mut Findings) {
    let main_key = tree.person_key().map(|(key, _)| key);
    for draft in tree.menus.values() {
        let is_person = |o: &DraftOption| matches!(o.does.value, Does::Queue(_)) && o.prompt.is_some();
        let ordered = draft.in_reading_order();
        // The key every caller learns; where it does not hold, another rule speaks, and any person counts here.
        let by_key = ordered.iter().position(|o| is_person(o) && Some(o.key.value) == main_key);
        let Some(last) = by_key.or_else(|| ordered.iter().position(|o| is_person(o))) else { continue };
        let said = |language| {
            let prompts = ordered[..=last].iter().filter_map(|o| o.prompt.clone());
            tree.millis(&draft.greeting, language) + tree.millis(&prompts.collect::<Vec<_>>(), language)
        };
        let slowest = draft.languages.iter().map(|l| (said(l.value), l.value)).max_by_key(|l| l.0);
        let Some((millis, language)) = slowest.filter(|(ms, _)| *ms > tree.policy.person_within_s * 1000) else {
            continue;
        };
        let seconds = millis as f64 / 1000.0;
        let message = format!("the menu `{}` says only after {seconds:.1} s how to reach a person", draft.name.value);
        let most = tree.policy.person_within_s;
        let fault =
            RULE.fault(&ordered[last].at, message).label(format!("in {language}; at most {most} s are allowed"));
        let key = ordered[last].key.value;
        found.push(draft, fault.help(format!("read it first (`announce_first: \"{key}\"`), or shorten the greeting")));
    }
}
