//! A menu leads to another that lacks the caller's language.
use super::{Findings, Layer, Rule, Tree};
use crate::menu::Does;
use switchboard_source::Severity;

/// The rule.
pub const RULE: Rule = Rule {
    number: 504,
    name: "language-lost",
    layer: Layer::Structure,
    severity: Severity::Error,
    article: "Art. 9",
    what: "A menu leads to another that lacks the caller's language.",
    why: "Art. 9: who chose a language is served in it to the end.",
    zh: "下一个菜单没有来电者所选的语言。",
    bad: r#"languages: [zh-CN, en]
options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "8": { prompt: english, language: en }
  "9": { prompt: complaint, queue: complaints }
  "*": { prompt: repeat, replay: true }"#,
    good: r#"languages: [zh-CN, en]
options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "8": { prompt: english, language: en }
  "9": { prompt: complaint, queue: complaints }
  "*": { prompt: repeat, replay: true }
# accounts.yaml
languages: [zh-CN, en]"#,
    check,
};

fn check(tree: &Tree<'_>, found: &mut Findings) {
    for draft in tree.menus.values() {
        for (way, does) in draft.ways() {
            let Does::Menu(name) = &does.value else { continue };
            let Some(next) = tree.menus.get(name) else { continue };
            let there = next.language_list();
            for language in draft.language_list().into_iter().filter(|l| !there.contains(l)) {
                let fault = RULE.fault(&does.at, format!("the menu `{name}` has no {language}"));
                let fault = fault.label(format!("`{way}` of `{}` leads callers of {language} there", draft.name.value));
                found.push(draft, fault.help(format!("add {language} to the languages of `{name}`")));
            }
        }
    }
}
