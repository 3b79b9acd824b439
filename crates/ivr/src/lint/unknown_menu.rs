//! A choice leads to a menu that does not exist.
use super::{Findings, Layer, Rule, Tree};
use crate::menu::Does;
use switchboard_source::Severity;
use switchboard_source::nearest;

/// The rule.
pub const RULE: Rule = Rule {
    number: 301,
    name: "unknown-menu",
    layer: Layer::Reference,
    severity: Severity::Error,
    article: "Art. 10",
    what: "A choice leads to a menu that does not exist.",
    why: "A caller would press the key and hear nothing.",
    zh: "选项指向不存在的菜单。",
    bad: r#"options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "2": { prompt: cards, menu: acounts }
  "9": { prompt: complaint, queue: complaints }
  "*": { prompt: repeat, replay: true }"#,
    good: r#"options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "2": { prompt: cards, queue: cards }
  "9": { prompt: complaint, queue: complaints }
  "*": { prompt: repeat, replay: true }"#,
    check,
};

fn check(tree: &Tree<'_>, found: &mut Findings) {
    for draft in tree.menus.values() {
        for (way, does) in draft.ways() {
            let Does::Menu(name) = &does.value else { continue };
            if tree.menus.contains_key(name) {
                continue;
            }
            let fault =
                RULE.fault(&does.at, format!("there is no menu `{name}`")).label(format!("`{way}` leads there"));
            let help = match nearest(name, tree.menus.keys().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("menus are: {}", tree.menus.keys().cloned().collect::<Vec<_>>().join(", ")),
            };
            found.push(draft, fault.help(help));
        }
    }
}
