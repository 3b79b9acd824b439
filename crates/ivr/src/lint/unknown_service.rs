//! A choice leads to a service that does not exist, or that asks with words a menu's callers cannot be given.
use super::{Findings, Layer, Rule, Tree};
use crate::menu::Does;
use crate::services::{DraftSaid, DraftService};
use crate::spoken::words;
use switchboard_model::Language;
use switchboard_source::{At, Severity, nearest};

/// The rule.
pub const RULE: Rule = Rule {
    number: 308,
    name: "unknown-service",
    layer: Layer::Reference,
    severity: Severity::Error,
    article: "Art. 10",
    what: "A choice leads to a service that does not stand in services.yaml, or the service says something that is missing in one of the \
           menu's languages: a question, or a word of an amount or a date.",
    why: "The caller would press the key and hear nothing.",
    zh: "选项办理的业务在 services.yaml 里没有，或者该业务要播放的提示音（提问、金额和日期的读音）缺少某种语言。",
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
                for language in draft.language_list() {
                    for (prompt, said_at) in said_by(service, language) {
                        let take = tree.prompts.get(prompt).and_then(|p| p.takes.get(&language));
                        if take.is_some_and(|t| t.sound.is_some()) {
                            continue;
                        }
                        let lacks = if take.is_some() { "no sound in" } else { "no" };
                        let fault =
                            RULE.fault(said_at, format!("`{name}` says `{prompt}`, which has {lacks} {language}"));
                        let fault =
                            fault.also(at, format!("the menu `{}` leads there in {language}", draft.name.value));
                        found.push(draft, fault.help("add it to prompts.yaml; `switchboard ivr prompts` speaks it"));
                        // One is enough: a language whose numbers are missing lacks dozens.
                        break;
                    }
                }
            }
        }
    }
}

/// Every prompt that a service may play in this language, with the place that makes it so.
fn said_by(service: &DraftService, language: Language) -> Vec<(&str, &At)> {
    let mut said: Vec<(&str, &At)> = vec![];
    let asked = service.collect.iter().map(|c| &c.prompt).chain(&service.again);
    said.extend(asked.map(|p| (p.value.as_str(), &p.at)));
    for part in &service.say {
        match part {
            DraftSaid::Prompt(prompt) => said.push((&prompt.value, &prompt.at)),
            DraftSaid::Value(form, name) => said.extend(words(*form, language).into_iter().map(|w| (w, &name.at))),
        }
    }
    said
}
