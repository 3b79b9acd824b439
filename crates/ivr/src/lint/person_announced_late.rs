//! The way to a person is said too late.
use super::{Findings, Layer, Rule, Tree};
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
    bad: "the last of eight options",
    good: "announce_first: \"0\"",
    check,
};

fn check(tree: &Tree<'_>, found: &mut Findings) {
    for draft in tree.menus.values() {
        let late = draft.languages.iter().filter_map(|language| {
            let mut millis = tree.millis(&draft.greeting, language.value);
            for option in draft.in_reading_order() {
                millis += option.prompt.as_ref().map_or(0, |p| tree.millis(std::slice::from_ref(p), language.value));
                if matches!(option.does.value, Does::Queue(_)) && option.prompt.is_some() {
                    return Some((millis, language.value, option));
                }
            }
            None
        });
        let Some((millis, language, option)) = late.max_by_key(|l| l.0) else { continue };
        if millis <= tree.policy.person_within_s * 1000 {
            continue;
        }
        let seconds = millis as f64 / 1000.0;
        let message = format!("the menu `{}` says only after {seconds:.1} s how to reach a person", draft.name.value);
        let fault = RULE
            .fault(&option.at, message)
            .label(format!("in {language}; at most {} s are allowed", tree.policy.person_within_s));
        let key = option.key.value;
        found.push(draft, fault.help(format!("read it first (`announce_first: \"{key}\"`), or shorten the greeting")));
    }
}
