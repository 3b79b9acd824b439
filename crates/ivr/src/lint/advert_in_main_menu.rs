//! An advert is heard in a main menu, or by everybody on the way through it.
use super::{Findings, Layer, Rule, Tree};
use crate::draft::Draft;
use crate::menu::{Does, PromptKind};
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
    for draft in heard_without_a_choice(tree) {
        for name in draft.prompts() {
            let Some(prompt) = tree.prompts.get(&name.value).filter(|p| p.kind == PromptKind::Advert) else { continue };
            let fault = RULE.fault(
                &name.at,
                format!("the {} `{}` plays the advert `{}`", is_a(tree, draft), draft.name.value, name.value),
            );
            let fault = fault
                .label("callers hear it without having chosen it")
                .note("Art. 10: no advertisement in the main menu (禁止在主菜单插播广告)");
            let fault =
                fault.also(&prompt.at, "it is declared an advert here").help("take it out; no waiver is possible");
            found.push(draft, fault);
        }
    }
}

fn is_a(tree: &Tree<'_>, draft: &Draft) -> &'static str {
    match tree.entries.contains(&draft.name.value.as_str()) {
        true => "main menu",
        false => "menu to which a main menu leads by itself,",
    }
}

/// The main menus, and those that they lead to by themselves: outside their hours, in an emergency, when a queue is full, when nothing or what is no choice
/// is pressed.
fn heard_without_a_choice<'t>(tree: &'t Tree<'_>) -> Vec<&'t Draft> {
    let mut found: Vec<&Draft> = tree.entry_menus().collect();
    let mut next = 0;
    while let Some(draft) = found.get(next).copied() {
        next += 1;
        let notices = draft.notices.values().filter_map(|n| n.then.as_ref());
        for does in notices.chain([&draft.no_input.then, &draft.no_match.then]) {
            let Does::Menu(name) = &does.value else { continue };
            if let Some(menu) = tree.menus.get(name).filter(|m| !found.iter().any(|f| f.name.value == m.name.value)) {
                found.push(menu);
            }
        }
    }
    found
}
