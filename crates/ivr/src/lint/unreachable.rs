//! No caller can come to a menu.
use super::{Findings, Layer, Rule, Tree};
use switchboard_source::Severity;

/// The rule.
pub const RULE: Rule = Rule {
    number: 501,
    name: "unreachable",
    layer: Layer::Structure,
    severity: Severity::Error,
    article: "Art. 10",
    what: "No caller can come to a menu.",
    why: "A menu that nobody can reach is a choice that somebody forgot.",
    zh: "没有任何来电者能进入这个菜单。",
    bad: r#"# loans.yaml
version: 1
menu: loans
languages: [zh-CN]
options:
  "0": { prompt: agent, queue: loans }
  "*": { prompt: repeat, replay: true }
no_input: { after_s: 6, replay: 1, then: { queue: loans } }
no_match: { replay: 1, then: { queue: loans } }"#,
    good: r#"options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "4": { prompt: loans, menu: loans }
  "9": { prompt: complaint, queue: complaints }
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
    check,
};

fn check(tree: &Tree<'_>, found: &mut Findings) {
    let reached = tree.levels();
    for draft in tree.menus.values().filter(|d| !reached.contains_key(d.name.value.as_str())) {
        let fault = RULE.fault(&draft.name.at, format!("no caller can come to the menu `{}`", draft.name.value));
        let name = &draft.name.value;
        found.push(
            draft,
            fault
                .label("nothing leads here")
                .help(format!("lead to it (`menu: {name}`), lead a number to it, or remove the file")),
        );
    }
}
