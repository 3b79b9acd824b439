//! A caller who presses nothing, or wrong keys, goes round in a circle.
use super::{Findings, Layer, Rule, Tree};
use crate::draft::Draft;
use crate::menu::Does;
use crate::occasion::Occasion;
use std::collections::{BTreeMap, VecDeque};
use switchboard_source::{Severity, Spanned};

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

/// What a caller does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Who {
    /// Presses nothing.
    Silent,
    /// Presses wrong keys.
    Wrong,
    /// Comes in on a day on which menus lead on by themselves: closed, a holiday, an emergency, systems that are down.
    Comes,
}

fn check(tree: &Tree<'_>, found: &mut Findings) {
    for (who, does) in
        [(Who::Comes, "only comes in"), (Who::Silent, "presses nothing"), (Who::Wrong, "presses wrong keys")]
    {
        for draft in tree.menus.values() {
            // Who need not even press is told of first, and once.
            if who != Who::Comes && goes_round(tree, draft, Who::Comes).is_some() {
                continue;
            }
            let Some((path, then)) = goes_round(tree, draft, who) else { continue };
            let fault = RULE.fault(&then.at, format!("a caller who {does} goes round in a circle"));
            found.push(draft, fault.label(path.join(" → ")).help("let it end with a queue"));
        }
    }
}

/// The ways that a menu takes by itself for such a caller, on any day.
fn ways(draft: &Draft, who: Who) -> impl Iterator<Item = (&str, &Spanned<Does>)> {
    let patience = match who {
        Who::Silent => Some(&draft.no_input.then),
        Who::Wrong => Some(&draft.no_match.then),
        Who::Comes => None,
    };
    let comes = draft.notices.iter().filter(|(o, _)| **o != Occasion::QueueFull).filter_map(|(_, n)| n.then.as_ref());
    patience.into_iter().chain(comes).filter_map(|does| match &does.value {
        Does::Menu(menu) => Some((menu.as_str(), does)),
        _ => None,
    })
}

/// The circle back to this menu that such a caller can be led in, and where it begins.
pub(super) fn goes_round<'t>(
    tree: &'t Tree<'_>,
    from: &'t Draft,
    who: Who,
) -> Option<(Vec<&'t str>, &'t Spanned<Does>)> {
    let start = from.name.value.as_str();
    let mut before: BTreeMap<&str, (&str, &Spanned<Does>)> = BTreeMap::new();
    let mut next = VecDeque::from([from]);
    while let Some(draft) = next.pop_front() {
        for (to, does) in ways(draft, who) {
            if before.contains_key(to) {
                continue;
            }
            before.insert(to, (&draft.name.value, does));
            if to == start {
                let mut path = vec![start];
                let mut here = start;
                loop {
                    let (earlier, does) = before[here];
                    path.push(earlier);
                    here = earlier;
                    if here == start {
                        path.reverse();
                        return Some((path, does));
                    }
                }
            }
            next.extend(tree.menus.get(to));
        }
    }
    None
}
