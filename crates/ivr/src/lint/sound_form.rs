//! A sound is not 8 kHz, mono, 16-bit PCM.
use super::{Findings, Layer, Rule, Tree};
use crate::sound;
use switchboard_source::Severity;

/// The rule.
pub const RULE: Rule = Rule {
    number: 406,
    name: "sound-form",
    layer: Layer::Sound,
    severity: Severity::Error,
    article: "Art. 10",
    what: "A sound is not 8 kHz, mono, 16-bit PCM.",
    why: "Telephone calls carry 8 kHz; another form would be played too fast, too slow or as noise.",
    zh: "录音不是 8 kHz、单声道、16 位。",
    bad: r"# prompts.yaml
  welcome: { kind: menu, zh-CN: { text: 欢迎致电示范银行。, file: prompts/studio_44100.wav } }",
    good: r"# prompts.yaml
  welcome: { kind: menu, zh-CN: { text: 欢迎致电示范银行。, file: prompts/zh-CN/welcome.wav } }",
    check,
};

fn check(tree: &Tree<'_>, found: &mut Findings) {
    for (draft, _, take) in tree.takes() {
        if let Some(Err(why)) = take.sound.as_ref().map(|s| sound::samples(s)) {
            let fault = RULE.fault(&take.at, format!("the sound `{}` cannot be played: {why}", take.file));
            found.push(draft, fault.help("make it 8 kHz, mono, 16-bit PCM: `sox in.wav -r 8000 -c 1 -b 16 out.wav`"));
        }
    }
}
