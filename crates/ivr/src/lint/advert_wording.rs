//! A prompt reads like an advert and is declared something else.
use super::{Findings, Layer, Rule, Tree};
use crate::advert;
use crate::menu::PromptKind;
use crate::policy;
use switchboard_source::Severity;

/// The rule.
pub const RULE: Rule = Rule {
    number: 102,
    name: "advert-wording",
    layer: Layer::Article,
    severity: Severity::Error,
    article: "Art. 10",
    what: "A prompt reads like an advert and is declared something else.",
    why: "Art. 10 would mean nothing if an advert could be called a notice. An app or WeChat account promoted counts.",
    zh: "提示音读起来像广告，却声明为其他种类；推广 App 或微信公众号也算广告。",
    bad: r"# prompts.yaml
  welcome: { kind: menu, zh-CN: { text: 欢迎致电，下载手机银行客户端享好礼。 } }",
    good: r"# prompts.yaml
  welcome: { kind: menu, zh-CN: { text: 欢迎致电示范银行。 } }",
    check,
};

fn check(tree: &Tree<'_>, found: &mut Findings) {
    for (draft, name) in tree.first_uses() {
        let Some(prompt) = tree.prompts.get(&name.value).filter(|p| p.kind != PromptKind::Advert) else { continue };
        for take in prompt.takes.values() {
            let Some(text) = &take.text else { continue };
            let Some(words) = advert::found_in(&text.value, &tree.policy.advert_words) else { continue };
            let hash = policy::hash(&text.value);
            if let Some(by) = tree.policy.accepted.iter().find(|a| a.hash == hash && tree.counts_today(a.until)) {
                let (name, approver, until) = (&name.value, &by.approver, by.until);
                found
                    .accepted
                    .push(format!("IVR0102 accepted for prompt {name} until {until}: `{words}` ({approver})"));
                continue;
            }
            let fault = RULE.fault(&text.at, format!("the prompt `{}` reads like an advert", name.value));
            let fault = fault.label(format!("`{words}`")).also(&name.at, "it is played here");
            let help = "take the promotion out; if it is none, enter under `accepted` in policy.yaml";
            found.push(draft, fault.help(format!("{help}: {{ hash: {hash}, approver: …, until: … }}")));
        }
    }
}
