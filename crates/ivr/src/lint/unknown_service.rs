//! A choice leads to a service that does not exist, or that asks with words a menu's callers cannot be given.
use super::{Findings, Layer, Rule, Tree};
use crate::menu::Does;
use switchboard_source::{Severity, nearest};

/// The rule.
pub const RULE: Rule = Rule {
    number: 308,
    name: "unknown-service",
    layer: Layer::Reference,
    severity: Severity::Error,
    article: "Art. 10",
    what: "A choice leads to a service that does not stand in services.yaml, or the service asks with a prompt that is missing in one of \
           the menu's languages.",
    why: "The caller would press the key and hear nothing.",
    zh: "选项办理的业务在 services.yaml 里没有，或者该业务的提示音缺少某种语言。",
    bad: r#"options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "2": { prompt: cards, service: balance, on_failure: { queue: general } }
  "9": { prompt: complaint, queue: complaints }
  "*": { prompt: repeat, replay: true }"#,
    good: r#"options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "2": { prompt: cards, service: balance, on_failure: { queue: general } }
  "9": { prompt: complaint, queue: complaints }
  "*": { prompt: repeat, replay: true }
# services.yaml
version: 1
services:
  balance: { time_limit_s: 8 }"#,
    check,
};

fn check(tree: &Tree<'_>, found: &mut Findings) {
    for draft in tree.menus.values() {
        for option in &draft.options {
            let served = match &option.does.value {
                Does::Service(name) => Some((name, &option.does.at)),
                _ => None,
            };
            let verified = option.verify.as_ref().map(|v| (&v.value, &v.at));
            for (name, at) in served.into_iter().chain(verified) {
                let Some(service) = tree.services.get(name) else {
                    let fault = RULE.fault(at, format!("there is no service `{name}`"));
                    found.push(
                        draft,
                        fault.help(match nearest(name, tree.services.keys().map(String::as_str)) {
                            Some(near) => format!("did you mean `{near}`?"),
                            None => "add it to services.yaml".into(),
                        }),
                    );
                    continue;
                };
                for collect in &service.collect {
                    let takes = tree.prompts.get(&collect.prompt.value).map(|p| &p.takes);
                    for language in draft.language_list() {
                        if takes.is_some_and(|t| t.contains_key(&language)) {
                            continue;
                        }
                        let message = format!("`{name}` asks with `{}`, which has no {language}", collect.prompt.value);
                        let fault = RULE.fault(&collect.prompt.at, message);
                        let fault =
                            fault.also(at, format!("the menu `{}` leads there in {language}", draft.name.value));
                        found.push(draft, fault.help("add it to prompts.yaml"));
                    }
                }
            }
        }
    }
}
