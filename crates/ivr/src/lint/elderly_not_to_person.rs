//! What elderly callers hear leads them elsewhere than to a person.
use super::{Findings, Layer, Rule, Tree};
use crate::menu::Does;
use crate::occasion::Occasion;
use switchboard_source::Severity;

/// The rule.
pub const RULE: Rule = Rule {
    number: 513,
    name: "elderly-not-to-person",
    layer: Layer::Structure,
    severity: Severity::Error,
    article: "Art. 10",
    what: "The `elderly` part of a menu leads elsewhere than to a person.",
    why: "It is there so that who cannot cope with keys need not: to a person at once, or into the menu with more time.",
    zh: "老年客户通道（elderly）没有直接转人工。",
    bad: r"elderly: { prompt: closed, then: { menu: accounts } }",
    good: r"elderly: { prompt: closed, then: { queue: general } }",
    check,
};

fn check(tree: &Tree<'_>, found: &mut Findings) {
    for draft in tree.menus.values() {
        let Some(then) = draft.notice(&Occasion::Elderly).and_then(|n| n.then.as_ref()) else { continue };
        if !matches!(then.value, Does::Queue(_)) {
            let fault =
                RULE.fault(&then.at, format!("elderly callers of the menu `{}` are led elsewhere", draft.name.value));
            found.push(
                draft,
                fault.help("write `then: { queue: … }`, or no `then`: the menu goes on, with more time to answer"),
            );
        }
    }
}
