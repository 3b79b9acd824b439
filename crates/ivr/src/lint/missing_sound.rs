//! A prompt that is played has no sound file.
use super::{Findings, Layer, Rule, Tree};
use switchboard_source::Severity;

/// The rule.
pub const RULE: Rule = Rule {
    number: 402,
    name: "missing-sound",
    layer: Layer::Sound,
    severity: Severity::Error,
    article: "Art. 10",
    what: "A prompt that is played has no sound file.",
    why: "A caller would hear silence and think the line dead.",
    zh: "要播放的提示音没有录音文件。",
    bad: r"# prompts.yaml
  welcome: { kind: menu, zh-CN: { text: 欢迎致电示范银行。, file: prompts/not_recorded.wav } }",
    good: r"# prompts.yaml
  welcome: { kind: menu, zh-CN: { text: 欢迎致电示范银行。, file: prompts/zh-CN/welcome.wav } }",
    check,
};

fn check(tree: &Tree<'_>, found: &mut Findings) {
    for (draft, _, take) in tree.takes() {
        if take.sound.is_none() {
            let fault = RULE.fault(&take.at, format!("the sound `{}` is missing", take.file));
            found.push(draft, fault.help("record it, or have it spoken: `switchboard ivr prompts`"));
        }
    }
}
