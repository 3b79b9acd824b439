//! A choice asks that the file of a call be kept for less long than its queue requires.
use super::{Findings, Layer, Rule, Tree};
use crate::menu::{Does, Retention};
use switchboard_source::Severity;

/// The rule.
pub const RULE: Rule = Rule {
    number: 512,
    name: "retention-weaker",
    layer: Layer::Structure,
    severity: Severity::Error,
    article: "Art. 30–35 (five years for high risk)",
    what: "A choice gives its calls the retention class `ordinary`, and the queue it leads to is of class `high_risk` (queues.yaml).",
    why: "Money transactions, serious complaints and other high risk are kept five years or more; banks may lengthen that, not shorten it.",
    zh: "选项写的保存等级低于队列要求的等级。",
    bad: r#"options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "9": { prompt: complaint, queue: complaints, retention: ordinary }
  "*": { prompt: repeat, replay: true }"#,
    good: r#"options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "9": { prompt: complaint, queue: complaints, retention: high_risk }
  "*": { prompt: repeat, replay: true }"#,
    check,
};

fn check(tree: &Tree<'_>, found: &mut Findings) {
    for draft in tree.menus.values() {
        for option in &draft.options {
            let (Some(said), Does::Queue(queue)) = (&option.retention, &option.does.value) else { continue };
            let wants = tree.facts.queues.get(queue).and_then(|q| q.retention);
            if wants == Some(Retention::HighRisk) && said.value == Retention::Ordinary {
                let fault = RULE.fault(&said.at, format!("calls to the queue `{queue}` are kept as `high_risk`"));
                found
                    .push(draft, fault.label("less is said here").help("write `retention: high_risk`, or take it out"));
            }
        }
    }
}
