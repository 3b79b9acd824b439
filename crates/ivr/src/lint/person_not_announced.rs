//! A menu never says how to reach a person.
use super::{Findings, Layer, Rule, Tree};
use crate::menu::Does;
use switchboard_source::Severity;

/// The rule.
pub const RULE: Rule = Rule {
    number: 104,
    name: "person-not-announced",
    layer: Layer::Article,
    severity: Severity::Error,
    article: "Art. 10",
    what: "A menu never says how to reach a person.",
    why: "Art. 10: a human option that nobody is told of cannot be found (人工服务选项便于寻找).",
    bad: "\"0\": { queue: general }",
    good: "\"0\": { prompt: agent, queue: general }",
    check,
};

fn check(tree: &Tree<'_>, found: &mut Findings) {
    for draft in tree.menus.values() {
        let mut persons = draft.options.iter().filter(|o| matches!(o.does.value, Does::Queue(_))).peekable();
        let Some(first) = persons.peek().map(|o| o.at.clone()) else { continue };
        if persons.all(|o| o.prompt.is_none()) {
            let fault = RULE.fault(&first, format!("the menu `{}` never says how to reach a person", draft.name.value));
            found.push(draft, fault.label("no prompt is read for it").help("give it a prompt: `prompt: agent`"));
        }
    }
}
