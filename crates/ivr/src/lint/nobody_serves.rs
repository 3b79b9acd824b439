//! A menu leads callers of a language to a queue that no agent can serve in that language.
use super::{Findings, Layer, Rule, Tree};
use crate::menu::Does;
use std::collections::BTreeSet;
use switchboard_source::Severity;

/// The rule.
pub const RULE: Rule = Rule {
    number: 304,
    name: "nobody-serves",
    layer: Layer::Reference,
    severity: Severity::Error,
    article: "Art. 9",
    what: "A menu leads callers of a language to a queue that no agent can serve in that language.",
    why: "Art. 9: a language that is offered must be spoken, by the prompts and by the people.",
    zh: "这个队列没有会说该语言的坐席。",
    bad: r#"languages: [zh-CN, en]
options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "4": { prompt: loans, queue: loans }
  "8": { prompt: english, language: en }
  "9": { prompt: complaint, queue: complaints }
  "*": { prompt: repeat, replay: true }
# accounts.yaml
languages: [zh-CN, en]"#,
    good: r#"languages: [zh-CN, en]
options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "4": { prompt: loans, queue: general }
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
        for (way, does) in draft.ways() {
            let Does::Queue(name) = &does.value else { continue };
            let Some(queue) = tree.facts.queues.get(name) else { continue };
            for language in draft.language_list() {
                if queue.agents.get(&language).is_some_and(|&n| n > 0)
                    || !told.insert((&draft.name.value, name, language))
                {
                    continue;
                }
                let fault = RULE.fault(&does.at, format!("nobody can serve the queue `{name}` in {language}"));
                let fault = fault.label(format!("`{way}` of the menu `{}` leads there", draft.name.value));
                let skill = language.skill();
                found.push(
                    draft,
                    fault.help(format!(
                        "give an agent of this queue the skill {skill}, or take {language} out of `languages`"
                    )),
                );
            }
        }
    }
}
