//! A menu lies deeper than house policy allows.
use super::{Findings, Layer, Rule, Tree};
use switchboard_source::Severity;

/// The rule.
pub const RULE: Rule = Rule {
    number: 201,
    name: "too-deep",
    layer: Layer::House,
    severity: Severity::Error,
    article: "Art. 10",
    what: "A menu lies deeper than house policy allows.",
    why: "Art. 10: levels simple (层级简单). Each level is one more menu to listen to.",
    zh: "菜单层数超过本行规定。",
    bad: r#"# accounts.yaml
options:
  "0": { prompt: agent, queue: accounts }
  "4": { prompt: loans, menu: loans }
  "*": { prompt: repeat, replay: true }
# loans.yaml
version: 1
menu: loans
languages: [zh-CN]
options:
  "0": { prompt: agent, queue: loans }
  "*": { prompt: repeat, replay: true }
no_input: { after_s: 6, replay: 1, then: { queue: loans } }
no_match: { replay: 1, then: { queue: loans } }"#,
    good: r#"# accounts.yaml
options:
  "0": { prompt: agent, queue: accounts }
  "4": { prompt: loans, queue: loans }
  "*": { prompt: repeat, replay: true }"#,
    check,
};

fn check(tree: &Tree<'_>, found: &mut Findings) {
    for (name, (level, path)) in tree.levels() {
        if level <= tree.policy.levels_max {
            continue;
        }
        let Some(draft) = tree.menus.get(name) else { continue };
        let fault = RULE.fault(
            &draft.name.at,
            format!("the menu `{name}` is on level {level}; at most {} are allowed", tree.policy.levels_max),
        );
        let fault = fault.label(format!("shortest way: {path}"));
        found.push(draft, fault.help("lead to it from the main menu, or lead the caller to a queue one level earlier"));
    }
}
