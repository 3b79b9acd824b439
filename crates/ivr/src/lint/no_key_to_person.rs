//! A menu has no single key that leads to a person.
use super::{Findings, Layer, Rule, Tree};
use crate::menu::Does;
use switchboard_source::Severity;

/// The rule.
pub const RULE: Rule = Rule {
    number: 203,
    name: "no-key-to-person",
    layer: Layer::House,
    severity: Severity::Error,
    article: "Art. 10",
    what: "A menu has no single key that leads to a person.",
    why: "Art. 10: the human option must be easy to find (人工服务选项便于寻找): one key, in every menu.",
    zh: "菜单里没有一个直接通往人工的键。",
    bad: r##"# accounts.yaml
options:
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
    for draft in tree.menus.values() {
        if draft.options.iter().any(|o| matches!(o.does.value, Does::Queue(_))) {
            continue;
        }
        // Without any way at all it is a matter of the Article (`no_way_to_person`).
        let Some(path) = tree.keys_to_person(&draft.name.value) else { continue };
        let message = format!("no key of the menu `{}` leads straight to a person", draft.name.value);
        let fault = RULE.fault(&draft.options_at, message).label(format!("shortest way: {path}"));
        found.push(draft, fault.help(tree.person_line()));
    }
}
