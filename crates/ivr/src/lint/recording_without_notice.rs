//! Calls are recorded and a main menu does not say so before the first choice.
use super::{Findings, Layer, Rule, Tree};
use crate::menu::PromptKind;
use switchboard_source::Severity;

/// The rule.
pub const RULE: Rule = Rule {
    number: 105,
    name: "recording-without-notice",
    layer: Layer::Article,
    severity: Severity::Error,
    article: "Personal Information Protection Law, Art. 17",
    what: "Calls are recorded (`recorded: true` in policy.yaml), and a main menu does not say so before the first choice.",
    why: "Whoever is recorded must be told before it happens (个人信息保护法第十七条), in words that no key cuts short.",
    zh: "通话要录音（policy.yaml 里 recorded: true），主菜单却没有在第一个选项之前用必须听完的通知告知。",
    bad: r"# policy.yaml
version: 1
recorded: true",
    good: r"greeting: [recording, welcome]
# prompts.yaml
  recording: { kind: notice, zh-CN: { text: 为提升服务质量，本次通话将被录音。 } }
# policy.yaml
version: 1
recorded: true",
    check,
};

/// What a notice of recording says, in any of the languages.
const SAYS: [&str; 4] = ["录音", "錄音", "recorded", "recording"];

fn check(tree: &Tree<'_>, found: &mut Findings) {
    if !tree.policy.recorded {
        return;
    }
    for draft in tree.entry_menus() {
        // Who changes the language has heard the greeting in the first one.
        let Some(language) = draft.language_list().first().copied() else { continue };
        let told = draft.greeting.iter().any(|name| {
            let Some(prompt) = tree.prompts.get(&name.value) else { return false };
            let to_its_end = matches!(prompt.kind, PromptKind::Notice | PromptKind::Consent);
            let text = prompt.takes.get(&language).and_then(|t| t.text.as_ref());
            to_its_end && text.is_some_and(|t| SAYS.iter().any(|w| t.value.to_lowercase().contains(w)))
        });
        if told {
            continue;
        }
        let message = format!("the main menu `{}` does not say that the call is recorded", draft.name.value);
        let at = draft.greeting.first().map_or(&draft.name.at, |g| &g.at);
        let fault = RULE.fault(at, message).label("no notice in the greeting speaks of it");
        found.push(draft, fault.help("put a prompt of kind `notice` that says so first in `greeting`"));
    }
}
