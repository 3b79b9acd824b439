//! A menu plays a prompt that prompts.yaml does not have.
use super::{Findings, Layer, Rule, Tree};
use switchboard_source::Severity;
use switchboard_source::nearest;

/// The rule.
pub const RULE: Rule = Rule {
    number: 303,
    name: "unknown-prompt",
    layer: Layer::Reference,
    severity: Severity::Error,
    article: "Art. 10",
    what: "A menu plays a prompt that prompts.yaml does not have.",
    why: "A caller would hear nothing at that place.",
    zh: "菜单播放的提示音在 prompts.yaml 里没有。",
    bad: "greeting: welcom",
    good: "greeting: welcome",
    check,
};

fn check(tree: &Tree<'_>, found: &mut Findings) {
    for draft in tree.menus.values() {
        for name in draft.prompts().into_iter().filter(|n| !tree.prompts.contains_key(&n.value)) {
            let fault = RULE.fault(&name.at, format!("there is no prompt `{}`", name.value));
            found.push(
                draft,
                fault.help(match nearest(&name.value, tree.prompts.keys().map(String::as_str)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "add it to prompts.yaml".into(),
                }),
            );
        }
    }
}
