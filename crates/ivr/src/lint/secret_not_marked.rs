//! A caller is asked for something that nobody may read, and the digits are not marked secret.
use super::{Findings, Layer, Rule, Tree};
use crate::services::DraftCollect;
use switchboard_source::Severity;

/// The rule.
pub const RULE: Rule = Rule {
    number: 407,
    name: "secret-not-marked",
    layer: Layer::Sound,
    severity: Severity::Error,
    article: "Art. 30–35 (confidentiality)",
    what: "A caller is asked for a password, a code or a card's security number, and the digits are not marked `secret: true`.",
    why: "Digits that are not secret stand in logs and records, and their tones in the recording.",
    zh: "要求输入密码、验证码或安全码，却没有写 secret: true。",
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
    collect: [{ name: pin, prompt: enter_pin, digits: [6, 6] }]
# prompts.yaml
  enter_pin: { kind: menu, zh-CN: { text: 请输入六位交易密码。 } }"#,
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
    collect: [{ name: pin, prompt: enter_pin, digits: [6, 6], secret: true }]
# prompts.yaml
  enter_pin: { kind: menu, zh-CN: { text: 请输入六位交易密码。 } }"#,
    check,
};

/// What the name of such digits, or the words that ask for them, say; in lower case.
const SAYS: [&str; 16] = [
    "密码",
    "密碼",
    "口令",
    "验证码",
    "驗證碼",
    "动态码",
    "動態碼",
    "安全码",
    "安全碼",
    "校验码",
    "password",
    "passcode",
    "pin",
    "cvv",
    "cvc",
    "security code",
];

fn check(tree: &Tree<'_>, found: &mut Findings) {
    for (name, service) in tree.services {
        for collect in service.collect.iter().filter(|c| !c.secret) {
            let Some(word) = speaks_of_secret(tree, collect) else { continue };
            let message = format!("`{}` of the service `{name}` is not marked secret", collect.name.value);
            let fault = RULE.fault(&collect.at, message).label(format!("it is about “{word}”"));
            let fault = fault.note("digits that are not secret are written down, and their tones recorded");
            found.anywhere(fault.help("write `secret: true`"));
        }
    }
}

fn speaks_of_secret(tree: &Tree<'_>, collect: &DraftCollect) -> Option<&'static str> {
    let texts = tree.prompts.get(&collect.prompt.value).into_iter().flat_map(|p| p.takes.values());
    let texts = texts.filter_map(|t| t.text.as_ref()).map(|t| t.value.to_lowercase());
    let all: Vec<String> = texts.chain([collect.name.value.to_lowercase()]).collect();
    SAYS.into_iter().find(|word| all.iter().any(|text| has_word(text, word)))
}

/// English words stand alone: a `spinning` pin is none.
fn has_word(text: &str, word: &str) -> bool {
    if !word.is_ascii() {
        return text.contains(word);
    }
    let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.match_indices(word)
        .any(|(i, _)| !letter(text[..i].chars().next_back()) && !letter(text[i + word.len()..].chars().next()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_alone() {
        for (text, word, has) in [
            ("enter your pin.", "pin", true),
            ("card_pin", "pin", true),
            ("spinning", "pin", false),
            ("请输入六位交易密码", "密码", true),
        ] {
            assert_eq!(has_word(text, word), has, "{text}");
        }
    }
}
