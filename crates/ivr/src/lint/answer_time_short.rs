//! A menu waits too short a time for an answer.
use super::{Findings, Layer, Rule, Tree};
use switchboard_source::Severity;

/// The rule.
pub const RULE: Rule = Rule {
    number: 207,
    name: "answer-time-short",
    layer: Layer::House,
    severity: Severity::Error,
    article: "Art. 10",
    what: "A menu waits too short a time for an answer.",
    why: "Five seconds is what a person needs who must take the telephone from his ear to see the keys.",
    zh: "等待按键的时间太短。",
    bad: "no_input: { after_s: 2, replay: 1, then: { queue: general } }",
    good: "no_input: { after_s: 6, replay: 1, then: { queue: general } }",
    check,
};

fn check(tree: &Tree<'_>, found: &mut Findings) {
    for draft in tree.menus.values().filter(|d| d.no_input.after_s < tree.policy.answer_s_min) {
        let (waits, least) = (draft.no_input.after_s, tree.policy.answer_s_min);
        let fault = RULE
            .fault(&draft.no_input.at, format!("the menu `{}` waits only {waits} s for an answer", draft.name.value));
        found.push(draft, fault.label(format!("at least {least} s")).help(format!("write `after_s: {least}` or more")));
    }
}
