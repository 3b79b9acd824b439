//! No main menu has a choice for complaints.
use super::{Findings, Layer, Rule, Tree};
use crate::menu::Does;
use switchboard_source::Severity;

/// The rule.
pub const RULE: Rule = Rule {
    number: 601,
    name: "no-complaint-option",
    layer: Layer::Advice,
    severity: Severity::Advice,
    article: "Art. 36",
    what: "No main menu has a choice for complaints.",
    why: "The Specification's chapter on complaints (Art. 36 ff.) says that the hotline menu may offer one.",
    zh: "主菜单里没有投诉选项（建议）。",
    bad: r#"options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "*": { prompt: repeat, replay: true }"#,
    good: r#"options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "9": { prompt: complaint, queue: complaints }
  "*": { prompt: repeat, replay: true }"#,
    check,
};

fn check(tree: &Tree<'_>, found: &mut Findings) {
    for draft in tree.entry_menus() {
        let is_complaint = |d: &Does| matches!(d, Does::Queue(q) | Does::Menu(q) if q.starts_with("complaint"));
        if !draft.options.iter().any(|o| is_complaint(&o.does.value)) {
            let fault =
                RULE.fault(&draft.options_at, format!("the menu `{}` has no choice for complaints", draft.name.value));
            found.push(draft, fault.help("consider `\"9\": { prompt: complaint, queue: complaints }`"));
        }
    }
}
