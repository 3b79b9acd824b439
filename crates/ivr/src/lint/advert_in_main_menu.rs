//! An advert is heard in a main menu, or by everybody on the way through it.
use super::{Findings, Layer, Rule, Tree};
use crate::menu::PromptKind;
use switchboard_source::Severity;

/// The rule.
pub const RULE: Rule = Rule {
    number: 101,
    name: "advert-in-main-menu",
    layer: Layer::Article,
    severity: Severity::Error,
    article: "Art. 10",
    what: "An advert is heard in a main menu, or by everybody on the way through it.",
    why: "Art. 10: no advertisement in the main menu (禁止在主菜单插播广告), on any visit.",
    zh: "主菜单以及每位来电者都要听到的提示音里不得有广告。",
    bad: r"greeting: [welcome, gold_card]
# prompts.yaml
  gold_card: { kind: advert, zh-CN: { text: 金卡新客尊享好礼。 } }",
    good: "greeting: welcome",
    check,
};

fn check(tree: &Tree<'_>, found: &mut Findings) {
    for draft in tree.entry_menus() {
        for name in draft.prompts() {
            let Some(prompt) = tree.prompts.get(&name.value).filter(|p| p.kind == PromptKind::Advert) else { continue };
            let fault =
                RULE.fault(&name.at, format!("the main menu `{}` plays the advert `{}`", draft.name.value, name.value));
            let fault = fault
                .label("every caller hears it")
                .note("Art. 10: no advertisement in the main menu (禁止在主菜单插播广告)");
            let fault =
                fault.also(&prompt.at, "it is declared an advert here").help("take it out; no waiver is possible");
            found.push(draft, fault);
        }
    }
}
