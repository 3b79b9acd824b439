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
    bad: "a: no_input then menu b; b: no_input then menu a",
    good: "then: { queue: general }",
    check,
};

type Part = fn(&Draft) -> Option<&Spanned<Does>>;

fn check(tree: &Tree<'_>, found: &mut Findings) {
    let parts: [(&str, Part); 3] = [
        ("presses nothing", |d| Some(&d.no_input.then)),
        ("presses wrong keys", |d| Some(&d.no_match.then)),
        ("comes when it is closed", |d| d.closed.as_ref().map(|c| &c.then)),
    ];
    for (who, part) in parts {
        for draft in tree.menus.values() {
            let mut path = vec![draft.name.value.as_str()];
            let mut here = draft;
            while let Some(Does::Menu(next)) = part(here).map(|s| &s.value) {
                let Some(menu) = tree.menus.get(next) else { break };
                path.push(next);
                if next == &draft.name.value {
                    if let Some(then) = part(draft) {
                        let fault = RULE.fault(&then.at, format!("a caller who {who} goes round in a circle"));
                        found.push(draft, fault.label(path.join(" → ")).help("let it end with a queue"));
                    }
                    break;
                }
                if path.len() > tree.menus.len() {
                    break;
                }
                here = menu;
            }
        }
    }
}
