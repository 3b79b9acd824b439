//! A prompt names another key than the one it stands for.
use super::{Findings, Layer, Rule, Tree};
use crate::draft::Draft;
use std::collections::BTreeSet;
use switchboard_source::Severity;
use switchboard_source::Spanned;

/// The rule.
pub const RULE: Rule = Rule {
    number: 405,
    name: "text-and-key-disagree",
    layer: Layer::Sound,
    severity: Severity::Error,
    article: "Art. 10",
    what: "A prompt names another key than the one it stands for.",
    why: "A caller does what he hears; if that is wrong, he ends with the wrong people.",
    zh: "提示音说的键与实际的键不一致。",
    bad: r"# prompts.yaml
  complaint: { kind: menu, zh-CN: { text: 投诉和建议请按八。 } }",
    good: r"# prompts.yaml
  complaint: { kind: menu, zh-CN: { text: 投诉和建议请按九。 } }",
    check,
};

fn check(tree: &Tree<'_>, found: &mut Findings) {
    for draft in tree.menus.values() {
        for option in &draft.options {
            let Some(name) = &option.prompt else { continue };
            for text in texts(tree, draft, name) {
                let keys = keys_in(&text.value);
                let key = option.key.value.face();
                let wrong = match keys.iter().find(|k| **k != key) {
                    Some(other) => format!("the prompt `{}` of the key {key} says to press {other}", name.value),
                    None if keys.is_empty() => format!("the prompt `{}` does not say to press {key}", name.value),
                    None => continue,
                };
                let fault = RULE.fault(&text.at, wrong).also(&option.key.at, "the key is here");
                found.push(
                    draft,
                    fault.help(format!("say 按{key} or \"press {key}\" in the text, and have the sound made again")),
                );
            }
        }
        let others = draft.greeting.iter().chain(&draft.no_input.prompt).chain(&draft.no_match.prompt);
        for name in others {
            for text in texts(tree, draft, name) {
                for key in keys_in(&text.value) {
                    if draft.options.iter().any(|o| o.key.value.face() == key) {
                        continue;
                    }
                    let message = format!(
                        "the prompt `{}` says to press {key}, which is no choice of the menu `{}`",
                        name.value, draft.name.value
                    );
                    found.push(
                        draft,
                        RULE.fault(&text.at, message)
                            .also(&name.at, "it is played here")
                            .help("correct the text or add the choice"),
                    );
                }
            }
        }
    }
}

fn texts<'t>(tree: &'t Tree<'_>, draft: &Draft, name: &Spanned<String>) -> Vec<&'t Spanned<String>> {
    let takes = tree.prompts.get(&name.value).map(|p| &p.takes);
    let languages = draft.language_list();
    let spoken = takes.into_iter().flatten().filter(|(language, _)| languages.contains(language));
    spoken.filter_map(|(_, take)| take.text.as_ref()).collect()
}

/// The keys a text tells to press, in Chinese (按三, 请按数字3键) and in English ("press three").
fn keys_in(text: &str) -> BTreeSet<char> {
    const CHINESE: [(&str, char); 13] = [
        ("零", '0'),
        ("〇", '0'),
        ("一", '1'),
        ("二", '2'),
        ("三", '3'),
        ("四", '4'),
        ("五", '5'),
        ("六", '6'),
        ("七", '7'),
        ("八", '8'),
        ("九", '9'),
        ("星", '*'),
        ("井", '#'),
    ];
    const ENGLISH: [(&str, char); 14] = [
        ("zero", '0'),
        ("one", '1'),
        ("two", '2'),
        ("three", '3'),
        ("four", '4'),
        ("five", '5'),
        ("six", '6'),
        ("seven", '7'),
        ("eight", '8'),
        ("nine", '9'),
        ("star", '*'),
        ("pound", '#'),
        ("hash", '#'),
        ("asterisk", '*'),
    ];
    let text = text.to_lowercase();
    let mut keys = BTreeSet::new();
    let mut add = |rest: &str, words: &[(&str, char)]| {
        let first = rest.chars().next();
        let plain =
            |c: char| "０１２３４５６７８９".chars().zip('0'..='9').find(|(wide, _)| *wide == c).map_or(c, |(_, c)| c);
        let face = first.map(plain);
        match face.filter(|c| c.is_ascii_digit() || *c == '*' || *c == '#') {
            Some(c) => keys.extend([c]),
            None => keys.extend(words.iter().find(|(w, _)| rest.starts_with(w)).map(|(_, c)| *c)),
        }
    };
    for (i, _) in text.match_indices('按') {
        let rest = text[i + '按'.len_utf8()..].trim_start();
        let rest = rest.strip_prefix("下").unwrap_or(rest);
        let rest = rest.strip_prefix("数字").unwrap_or(rest).trim_start();
        add(rest.strip_prefix('键').unwrap_or(rest), &CHINESE);
    }
    for (i, _) in text.match_indices("press ") {
        let rest = text[i + "press ".len()..].trim_start();
        let rest = rest.strip_prefix("the ").unwrap_or(rest);
        add(rest.strip_prefix("number ").unwrap_or(rest), &ENGLISH);
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_out_of_both_languages() {
        for (text, wants) in [
            ("人工服务请按零", "0"),
            ("人工服务，请按 0", "0"),
            ("按揭贷款请按四，信用卡请按数字5键", "45"),
            ("挂失请按２", "2"),
            ("重听请按星号键，返回请按井号键", "#*"),
            ("按时还款", ""),
            ("按下三", "3"),
            ("For an agent, press zero", "0"),
            ("Press 1 for accounts, or press the pound key", "#1"),
            ("We express our thanks", ""),
            ("press any key", ""),
        ] {
            assert_eq!(keys_in(text).into_iter().collect::<String>(), wants, "{text}");
        }
    }
}
