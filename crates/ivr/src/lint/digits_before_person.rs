//! A service asks for more digits than a caller should have to enter before he gets anything.
use super::{Findings, Layer, Rule, Tree};
use switchboard_source::Severity;

/// The rule.
pub const RULE: Rule = Rule {
    number: 209,
    name: "digits-before-person",
    layer: Layer::House,
    severity: Severity::Error,
    article: "Art. 10",
    what: "A service asks for more digits than `digits_max` of policy.yaml before it answers or leads to a person.",
    why: "Art. 10: the human option must be easy to find. Each digit is a chance to give up.",
    zh: "办理业务前要求输入的数字位数超过本行规定（policy.yaml 的 digits_max）。",
    bad: r#"options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "2": { prompt: cards, service: balance, on_failure: { queue: general } }
  "9": { prompt: complaint, queue: complaints }
  "*": { prompt: repeat, replay: true }
# services.yaml
version: 1
services:
  balance:
    collect:
      - { name: account, prompt: enter_account, digits: [16, 19] }
      - { name: document, prompt: enter_account, digits: [18, 18] }
# prompts.yaml
  enter_account: { kind: menu, zh-CN: { text: 请输入账号。 } }"#,
    good: r#"options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "2": { prompt: cards, service: balance, on_failure: { queue: general } }
  "9": { prompt: complaint, queue: complaints }
  "*": { prompt: repeat, replay: true }
# services.yaml
version: 1
services:
  balance:
    collect: [{ name: account, prompt: enter_account, digits: [16, 19] }]
# prompts.yaml
  enter_account: { kind: menu, zh-CN: { text: 请输入账号。 } }"#,
    check,
};

fn check(tree: &Tree<'_>, found: &mut Findings) {
    for (name, service) in tree.services {
        let digits: u32 = service.collect.iter().map(|c| c.digits.1).sum();
        if digits <= tree.policy.digits_max {
            continue;
        }
        let message =
            format!("the service `{name}` asks for up to {digits} digits; {} are allowed", tree.policy.digits_max);
        found.anywhere(
            RULE.fault(&service.at, message).help("ask for less: a verified caller need not name his account again"),
        );
    }
}
