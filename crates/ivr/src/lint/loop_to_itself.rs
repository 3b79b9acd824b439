//! A choice leads back into its own menu.
use super::{Findings, Layer, Rule, Tree};
use crate::menu::Does;
use switchboard_source::Severity;

/// The rule.
pub const RULE: Rule = Rule {
    number: 507,
    name: "loop-to-itself",
    layer: Layer::Structure,
    severity: Severity::Error,
    article: "Art. 10",
    what: "A choice leads back into its own menu.",
    why: "That is a replay with the greeting in front; say `replay` if that is meant.",
    zh: "选项又指回本菜单。",
    bad: r##"options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "#": { prompt: back, menu: main }
  "9": { prompt: complaint, queue: complaints }
  "*": { prompt: repeat, replay: true }"##,
    good: r##"options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "#": { prompt: back, replay: true }
  "9": { prompt: complaint, queue: complaints }
  "*": { prompt: repeat, replay: true }"##,
    check,
};

fn check(tree: &Tree<'_>, found: &mut Findings) {
    for draft in tree.menus.values() {
        for option in draft.options.iter().filter(|o| o.does.value == Does::Menu(draft.name.value.clone())) {
            let fault =
                RULE.fault(&option.does.at, format!("a choice of the menu `{}` leads back into it", draft.name.value));
            found.push(draft, fault.help("write `replay: true`"));
        }
    }
}
