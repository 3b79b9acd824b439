//! `announce_first` names a key that is no choice, or one that is not read out.
use super::{Findings, Layer, Rule, Tree};
use switchboard_source::Severity;

/// The rule.
pub const RULE: Rule = Rule {
    number: 506,
    name: "announce-first-unknown",
    layer: Layer::Structure,
    severity: Severity::Error,
    article: "Art. 10",
    what: "`announce_first` names a key that is no choice, or one that is not read out.",
    why: "What is to be read first must be there.",
    zh: "announce_first 指的键不存在，或没有提示音。",
    bad: r#"announce_first: "5""#,
    good: r#"announce_first: "0""#,
    check,
};

fn check(tree: &Tree<'_>, found: &mut Findings) {
    for draft in tree.menus.values() {
        let Some(first) = &draft.announce_first else { continue };
        if !draft.options.iter().any(|o| o.key.value == first.value && o.prompt.is_some()) {
            let fault = RULE
                .fault(&first.at, format!("the key {} is to be read first, and nothing is read for it", first.value));
            found.push(draft, fault.help("give it a choice with a prompt"));
        }
    }
}
