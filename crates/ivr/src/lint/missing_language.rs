//! A prompt does not exist in a language in which it is played.
use super::{Findings, Layer, Rule, Tree};
use std::collections::BTreeSet;
use switchboard_source::Severity;

/// The rule.
pub const RULE: Rule = Rule {
    number: 401,
    name: "missing-language",
    layer: Layer::Sound,
    severity: Severity::Error,
    article: "Art. 9",
    what: "A prompt does not exist in a language in which it is played.",
    why: "Art. 9: every prompt in every language that is offered.",
    zh: "提示音缺少某种语言。",
    bad: r#"languages: [zh-CN, en]
options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "8": { prompt: english, language: en }
  "9": { prompt: complaint, queue: complaints }
  "*": { prompt: repeat, replay: true }
# accounts.yaml
languages: [zh-CN, en]
# prompts.yaml
  welcome: { kind: menu, zh-CN: { text: 欢迎致电示范银行。 } }"#,
    good: r#"languages: [zh-CN, en]
options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "8": { prompt: english, language: en }
  "9": { prompt: complaint, queue: complaints }
  "*": { prompt: repeat, replay: true }
# accounts.yaml
languages: [zh-CN, en]
# prompts.yaml
  welcome: { kind: menu, zh-CN: { text: 欢迎致电示范银行。 }, en: { text: Welcome to Model Bank. } }"#,
    check,
};

fn check(tree: &Tree<'_>, found: &mut Findings) {
    let mut told = BTreeSet::new();
    for draft in tree.menus.values() {
        for name in draft.prompts() {
            let Some(prompt) = tree.prompts.get(&name.value) else { continue };
            for language in draft.language_list() {
                if prompt.takes.contains_key(&language) || !told.insert((&name.value, language)) {
                    continue;
                }
                let fault = RULE.fault(&name.at, format!("the prompt `{}` does not exist in {language}", name.value));
                let fault = fault.label(format!("the menu `{}` plays it in {language}", draft.name.value));
                found.push(
                    draft,
                    fault.also(&prompt.at, "the prompt is here").help(format!("add `{language}: {{ text: … }}` to it")),
                );
            }
        }
    }
}
