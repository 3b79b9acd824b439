//! A service that fails does not lead to a person.
use super::{Findings, Layer, Rule, Tree};
use crate::menu::Does;
use crate::occasion::Occasion;
use switchboard_source::Severity;

/// The rule.
pub const RULE: Rule = Rule {
    number: 511,
    name: "failure-not-to-person",
    layer: Layer::Structure,
    severity: Severity::Error,
    article: "Art. 22–29",
    what: "A service may fail, and its failure does not lead to a person.",
    why: "When a back-end system is down, the menu says so and callers still reach people (应急管理).",
    zh: "业务办理失败（后台故障、超时）时没有转人工。",
    bad: r#"options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "2": { prompt: cards, service: balance }
  "9": { prompt: complaint, queue: complaints }
  "*": { prompt: repeat, replay: true }
# services.yaml
version: 1
services: { balance: {} }"#,
    good: r#"options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "2": { prompt: cards, service: balance }
  "9": { prompt: complaint, queue: complaints }
  "*": { prompt: repeat, replay: true }
systems_down: { prompt: closed, then: { queue: general } }
# services.yaml
version: 1
services: { balance: {} }"#,
    check,
};

fn check(tree: &Tree<'_>, found: &mut Findings) {
    for draft in tree.menus.values() {
        for option in draft.options.iter().filter(|o| matches!(o.does.value, Does::Service(_))) {
            let notice = draft.notice(&Occasion::SystemsDown).and_then(|n| n.then.as_ref());
            let then = option.on_failure.as_ref().or(notice);
            if then.is_some_and(|t| matches!(t.value, Does::Queue(_))) {
                continue;
            }
            let at = then.map_or(&option.does.at, |t| &t.at);
            let key = option.key.value;
            let message =
                format!("who presses {key} in `{}` is not led to a person if the service fails", draft.name.value);
            let fault = RULE.fault(at, message).also(&option.at, "of this choice");
            found.push(
                draft,
                fault.help("add `on_failure: { queue: … }`, or `systems_down: { prompt: …, then: { queue: … } }`"),
            );
        }
    }
}
