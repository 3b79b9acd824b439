//! No sequence of keys leads from a menu to a person.
use super::{Findings, Layer, Rule, Tree};
use switchboard_source::Severity;

/// The rule.
pub const RULE: Rule = Rule {
    number: 103,
    name: "no-way-to-person",
    layer: Layer::Article,
    severity: Severity::Error,
    article: "Art. 10",
    what: "No sequence of keys leads from a menu to a person.",
    why: "Art. 10: the human option must be easy to find (人工服务选项便于寻找).",
    zh: "在这个菜单里，无论按什么键都到不了人工。",
    bad: r##"options:
  "1": { prompt: accounts, menu: accounts }
  "*": { prompt: repeat, replay: true }
# accounts.yaml
options:
  "*": { prompt: repeat, replay: true }
  "#": { prompt: back, menu: main }"##,
    good: r##"options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "9": { prompt: complaint, queue: complaints }
  "*": { prompt: repeat, replay: true }
# accounts.yaml
options:
  "0": { prompt: agent, queue: accounts }
  "*": { prompt: repeat, replay: true }
  "#": { prompt: back, menu: main }"##,
    check,
};

fn check(tree: &Tree<'_>, found: &mut Findings) {
    for draft in tree.menus.values() {
        if tree.keys_to_person(&draft.name.value).is_none() {
            let fault =
                RULE.fault(&draft.options_at, format!("no key leads from the menu `{}` to a person", draft.name.value));
            let fault = fault.label("neither here nor in any menu these lead to");
            let fault = fault.note("Art. 10: the human option must be easy to find (人工服务选项便于寻找)");
            found.push(draft, fault.help(tree.person_line()));
        }
    }
}
