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
    zh: "菜单里有人工键，却从不报读。",
    bad: r##"# accounts.yaml
options:
  "0": { queue: accounts }
  "*": { prompt: repeat, replay: true }
  "#": { prompt: back, menu: main }"##,
    good: r##"# accounts.yaml
options:
  "0": { prompt: agent, queue: accounts }
  "*": { prompt: repeat, replay: true }
  "#": { prompt: back, menu: main }"##,
    check,
};

fn check(tree: &Tree<'_>, found: &mut Findings) {
    let main_key = tree.person_key().map(|(key, _)| key);
    for draft in tree.menus.values() {
        let persons: Vec<_> = draft.options.iter().filter(|o| matches!(o.does.value, Does::Queue(_))).collect();
        // The key every caller learns must be said; without it, at least one of the others.
        let learnt = persons.iter().find(|o| Some(o.key.value) == main_key);
        let silent = match learnt {
            Some(option) => option.prompt.is_none(),
            None => persons.iter().all(|o| o.prompt.is_none()),
        };
        let Some(option) = learnt.or(persons.first()).filter(|_| silent) else { continue };
        let fault = RULE.fault(&option.at, format!("the menu `{}` never says how to reach a person", draft.name.value));
        found.push(draft, fault.label("no prompt is read for it").help("give it a prompt: `prompt: agent`"));
    }
}
