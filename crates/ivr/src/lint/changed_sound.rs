//! A sound is not the one that was reviewed.
use super::{Findings, Layer, Rule, Tree};
use sha2::{Digest, Sha256};
use switchboard_source::Severity;

/// The rule.
pub const RULE: Rule = Rule {
    number: 403,
    name: "changed-sound",
    layer: Layer::Sound,
    severity: Severity::Error,
    article: "Art. 10",
    what: "A sound is not the one that was reviewed.",
    why: "What callers hear must be what somebody listened to and approved.",
    bad: "sha256 of another file",
    good: "review the sound, then enter its hash",
    check,
};

fn check(tree: &Tree<'_>, found: &mut Findings) {
    for (draft, _, take) in tree.takes() {
        let (Some(sound), Some(reviewed)) = (&take.sound, &take.sha256) else { continue };
        let hash: String = Sha256::digest(sound).iter().map(|b| format!("{b:02x}")).collect();
        if !hash.eq_ignore_ascii_case(&reviewed.value) {
            let fault = RULE.fault(&reviewed.at, format!("the sound `{}` is not the one that was reviewed", take.file));
            found.push(draft, fault.label(format!("its hash is {hash}")).help("listen to it, then enter the new hash"));
        }
    }
}
