//! Only one agent can serve a queue in a language.
use super::{Findings, Layer, Rule, Tree};
use crate::menu::Does;
use std::collections::BTreeSet;
use switchboard_source::Severity;

/// The rule.
pub const RULE: Rule = Rule {
    number: 306,
    name: "one-person-serves",
    layer: Layer::Reference,
    severity: Severity::Warning,
    article: "Art. 34",
    what: "Only one agent can serve a queue in a language.",
    why: "Art. 34 (人员因素风险): if he is ill, callers wait for nobody.",
    zh: "这个队列只有一名坐席会说该语言，他生病时无人接听。",
    bad: r#"languages: [zh-CN, en]
options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "2": { prompt: cards, queue: cards }
  "8": { prompt: english, language: en }
  "9": { prompt: complaint, queue: complaints }
  "*": { prompt: repeat, replay: true }
# accounts.yaml
languages: [zh-CN, en]"#,
    good: r#"languages: [zh-CN, en]
options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "2": { prompt: cards, queue: accounts }
  "8": { prompt: english, language: en }
  "9": { prompt: complaint, queue: complaints }
  "*": { prompt: repeat, replay: true }
# accounts.yaml
languages: [zh-CN, en]"#,
    check,
};

fn check(tree: &Tree<'_>, found: &mut Findings) {
    let mut told = BTreeSet::new();
    for draft in tree.menus.values() {
        for (_, does) in draft.ways() {
            let Does::Queue(name) = &does.value else { continue };
            let Some(queue) = tree.facts.queues.get(name) else { continue };
            for language in draft.language_list() {
                if queue.agents.get(&language) == Some(&1) && told.insert((name, language)) {
                    let fault =
                        RULE.fault(&does.at, format!("only one agent can serve the queue `{name}` in {language}"));
                    found.push(draft, fault.help("have a second one who can"));
                }
            }
        }
    }
}
