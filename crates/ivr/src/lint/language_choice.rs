//! A language that is offered cannot be chosen, or one that can be chosen is not offered.
use super::{Findings, Layer, Rule, Tree};
use crate::menu::Does;
use switchboard_source::Severity;

/// The rule.
pub const RULE: Rule = Rule {
    number: 503,
    name: "language-choice",
    layer: Layer::Structure,
    severity: Severity::Error,
    article: "Art. 9",
    what: "A language that is offered cannot be chosen, or one that can be chosen is not offered.",
    why: "Art. 9: the choice of a language takes one key at most.",
    zh: "声明了一种语言，却没有选它的键。",
    bad: r"languages: [zh-CN, en]
# accounts.yaml
languages: [zh-CN, en]",
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
        let listed = draft.language_list();
        for option in &draft.options {
            if let Does::Language(language) = option.does.value
                && !listed.contains(&language)
            {
                let fault = RULE
                    .fault(&option.does.at, format!("{language} can be chosen but is not among the menu's languages"));
                found.push(draft, fault.help(format!("add {language} to `languages`")));
            }
        }
        if !tree.entries.contains(&draft.name.value.as_str()) {
            continue;
        }
        for language in draft.languages.iter().skip(1) {
            if !draft.options.iter().any(|o| o.does.value == Does::Language(language.value)) {
                let fault = RULE.fault(
                    &language.at,
                    format!("no key of the menu `{}` chooses {}", draft.name.value, language.value),
                );
                let help = format!("add a choice with `language: {}`", language.value);
                found.push(draft, fault.label("a caller cannot come to it").help(help));
            }
        }
    }
}
