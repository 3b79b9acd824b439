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
    bad: "a 44.1 kHz stereo file",
    good: "sox in.wav -r 8000 -c 1 -b 16 out.wav",
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
