//! A caller who presses nothing, or wrong keys, goes round in a circle.
use super::{Findings, Layer, Rule, Tree};
use crate::draft::Draft;
use crate::menu::Does;
use switchboard_source::Severity;
use switchboard_source::Spanned;

/// The rule.
pub const RULE: Rule = Rule {
    number: 502,
    name: "silent-loop",
    layer: Layer::Structure,
    severity: Severity::Error,
    article: "Art. 10",
    what: "A caller who presses nothing, or wrong keys, goes round in a circle.",
    why: "He would never reach anybody, and never be told.",
    zh: "来电者不按键（或按错键）时在几个菜单之间打转。",
    bad: r"no_input: { after_s: 6, replay: 1, then: { menu: accounts } }
# accounts.yaml
no_input: { after_s: 6, replay: 1, then: { menu: main } }",
    good: r"no_input: { after_s: 6, replay: 1, then: { queue: general } }
# accounts.yaml
no_input: { after_s: 6, replay: 1, then: { queue: accounts } }",
    check,
};

/// A way that a menu takes by itself.
pub(super) type Part = fn(&Draft) -> Option<&Spanned<Does>>;

pub(super) fn no_input(draft: &Draft) -> Option<&Spanned<Does>> {
    Some(&draft.no_input.then)
}
pub(super) fn no_match(draft: &Draft) -> Option<&Spanned<Does>> {
    Some(&draft.no_match.then)
}
fn closed(draft: &Draft) -> Option<&Spanned<Does>> {
    draft.closed.as_ref().map(|c| &c.then)
}

fn check(tree: &Tree<'_>, found: &mut Findings) {
    let parts: [(&str, Part); 3] =
        [("presses nothing", no_input), ("presses wrong keys", no_match), ("comes when it is closed", closed)];
    for (who, part) in parts {
        for draft in tree.menus.values() {
            if let (Some(path), Some(then)) = (goes_round(tree, draft, part), part(draft)) {
                let fault = RULE.fault(&then.at, format!("a caller who {who} goes round in a circle"));
                found.push(draft, fault.label(path.join(" → ")).help("let it end with a queue"));
            }
        }
    }
}

/// The circle back to this menu that a caller takes without doing anything else.
pub(super) fn goes_round<'t>(tree: &'t Tree<'_>, from: &'t Draft, part: Part) -> Option<Vec<&'t str>> {
    let mut path = vec![from.name.value.as_str()];
    let mut here = from;
    while let Some(Does::Menu(next)) = part(here).map(|s| &s.value) {
        here = tree.menus.get(next)?;
        path.push(next);
        if next == &from.name.value {
            return Some(path);
        }
        if path.len() > tree.menus.len() {
            return None;
        }
    }
    None
}
