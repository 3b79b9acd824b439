//! A sound is longer or shorter than prompts.yaml says.
use super::{Findings, Layer, Rule, Tree};
use crate::sound;
use switchboard_source::Severity;

/// The rule.
pub const RULE: Rule = Rule {
    number: 404,
    name: "seconds-wrong",
    layer: Layer::Sound,
    severity: Severity::Error,
    article: "Art. 10",
    what: "A sound is longer or shorter than prompts.yaml says.",
    why: "The proof counts seconds; it must count the right ones.",
    zh: "录音长度与 prompts.yaml 所写不符。",
    bad: r"# prompts.yaml
  welcome: { kind: menu, zh-CN: { text: 欢迎致电示范银行。, seconds: 9.5 } }",
    good: r"# prompts.yaml
  welcome: { kind: menu, zh-CN: { text: 欢迎致电示范银行。, seconds: 2.2 } }",
    check,
};

/// How far the written length may be from the sound's.
const TOLERANCE_MS: u64 = 150;

fn check(tree: &Tree<'_>, found: &mut Findings) {
    for (draft, _, take) in tree.takes() {
        let Some((seconds, at)) = &take.seconds else { continue };
        let Some(sound) = take.sound.as_ref().and_then(|s| sound::samples(s).ok()) else { continue };
        if sound.millis.abs_diff((seconds * 1000.0) as u64) > TOLERANCE_MS {
            let takes = sound.millis as f64 / 1000.0;
            let fault = RULE.fault(at, format!("the sound `{}` takes {takes:.1} s, not {seconds} s", take.file));
            found.push(draft, fault.help(format!("write `seconds: {takes:.1}`")));
        }
    }
}
