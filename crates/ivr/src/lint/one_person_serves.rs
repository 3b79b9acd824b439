//! Only one agent can serve a queue in a language.
use super::{Findings, Layer, Rule, Tree};
use crate::menu::Does;
use std::collections::BTreeSet;
use switchboard_source::Severity;

/// The rule.
pub const RULE: Rule = Rule {
    number: 306,
    name: "one-person-serves",
    layer: Layer::Reference,
    severity: Severity::Warning,
    article: "Art. 34",
    what: "Only one agent can serve a queue in a language.",
    why: "Art. 34 (人员因素风险): if he is ill, callers wait for nobody.",
    bad: "one agent with lang.en for the queue loans",
    good: "two or more",
    check,
};

fn check(tree: &Tree<'_>, found: &mut Findings) {
    let mut told = BTreeSet::new();
    for draft in tree.menus.values() {
        for (_, does) in draft.ways() {
            let Does::Queue(name) = &does.value else { continue };
            let Some(queue) = tree.facts.queues.get(name) else { continue };
            for language in draft.language_list() {
                if queue.agents.get(&language) == Some(&1) && told.insert((name, language)) {
                    let fault =
                        RULE.fault(&does.at, format!("only one agent can serve the queue `{name}` in {language}"));
                    found.push(draft, fault.help("have a second one who can"));
                }
            }
        }
    }
}
