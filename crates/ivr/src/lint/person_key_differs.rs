//! The key to a person is not the same in every menu.
use super::{Findings, Layer, Rule, Tree};
use crate::draft::DraftOption;
use crate::menu::Does;
use switchboard_source::Severity;

/// The rule.
pub const RULE: Rule = Rule {
    number: 204,
    name: "person-key-differs",
    layer: Layer::House,
    severity: Severity::Error,
    article: "Art. 10",
    what: "The key to a person is not the same in every menu.",
    why: "A caller learns one key, and it must hold wherever he is.",
    zh: "各菜单的人工键不一致。",
    bad: r##"# accounts.yaml
options:
  "9": { prompt: complaint, queue: complaints }
  "*": { prompt: repeat, replay: true }
  "#": { prompt: back, menu: main }"##,
    good: r##"# accounts.yaml
options:
  "0": { prompt: agent, queue: accounts }
  "9": { prompt: complaint, queue: complaints }
  "*": { prompt: repeat, replay: true }
  "#": { prompt: back, menu: main }"##,
    check,
};

fn check(tree: &Tree<'_>, found: &mut Findings) {
    let Some((key, at)) = tree.person_key() else { return };
    for draft in tree.menus.values() {
        let is_person = |o: &&DraftOption| matches!(o.does.value, Does::Queue(_));
        let here = draft.options.iter().find(|o| o.key.value == key);
        let Some(other) = draft.options.iter().find(is_person) else { continue };
        if here.as_ref().is_some_and(is_person) {
            continue;
        }
        let message = format!("in the menu `{}` the key {key} does not lead to a person", draft.name.value);
        let fault = match here {
            Some(here) => RULE.fault(&here.at, message).label("it does this here"),
            None => RULE.fault(&other.key.at, message).label(format!("here it is the key {}", other.key.value)),
        };
        found.push(draft, fault.also(&at, format!("the main menu says {key}")).help(tree.person_line()));
    }
}
