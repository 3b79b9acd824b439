//! A caller who presses nothing is not led to a person.
use super::silent_loop::{self, Who};
use super::{Findings, Layer, Rule, Tree};
use crate::menu::Does;
use switchboard_source::Severity;

/// The rule.
pub const RULE: Rule = Rule {
    number: 206,
    name: "silence-not-to-person",
    layer: Layer::House,
    severity: Severity::Error,
    article: "Art. 10",
    what: "A caller who presses nothing is not led to a person.",
    why: "Who presses nothing may be old, ill, driving, or on a telephone without keys.",
    zh: "来电者不按键或按错键，没有转到人工。",
    bad: "no_input: { after_s: 6, replay: 1, then: { hang_up: true } }",
    good: "no_input: { after_s: 6, replay: 1, then: { queue: general } }",
    check,
};

fn check(tree: &Tree<'_>, found: &mut Findings) {
    for draft in tree.menus.values() {
        for (part, who, which) in
            [(&draft.no_input, "presses nothing", Who::Silent), (&draft.no_match, "presses wrong keys", Who::Wrong)]
        {
            // What goes round in a circle is worse, and another rule's (`silent_loop`).
            if matches!(part.then.value, Does::Queue(_)) || silent_loop::goes_round(tree, draft, which).is_some() {
                continue;
            }
            let message = format!("who {who} in the menu `{}` is not led to a person", draft.name.value);
            let fault = RULE.fault(&part.then.at, message).label("it leads elsewhere").also(&part.at, "of this part");
            found.push(draft, fault.help("write `then: { queue: … }`"));
        }
    }
}
