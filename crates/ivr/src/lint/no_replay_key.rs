//! A menu has no key that reads it again.
use super::{Findings, Layer, Rule, Tree};
use crate::menu::Does;
use switchboard_source::Severity;

/// The rule.
pub const RULE: Rule = Rule {
    number: 208,
    name: "no-replay-key",
    layer: Layer::House,
    severity: Severity::Error,
    article: "Art. 10",
    what: "A menu has no key that reads it again.",
    why: "Who missed a choice should not have to guess or to wait.",
    zh: "没有重听键。",
    bad: r##"# accounts.yaml
options:
  "0": { prompt: agent, queue: accounts }
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
        if !draft.options.iter().any(|o| o.does.value == Does::Replay) {
            let fault = RULE.fault(&draft.options_at, format!("no key reads the menu `{}` again", draft.name.value));
            found.push(draft, fault.help("add `\"*\": { replay: true }`"));
        }
    }
}
