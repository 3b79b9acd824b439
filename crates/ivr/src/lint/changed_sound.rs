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
    zh: "录音不是审核过的那一个。",
    bad: r#"# prompts.yaml
  welcome: { kind: menu, zh-CN: { text: 欢迎致电示范银行。, sha256: "00000000" } }"#,
    good: r"# prompts.yaml
  welcome: { kind: menu, zh-CN: { text: 欢迎致电示范银行。, sha256: 30ebd9adbe4b47b9cfbe85dd50b7e048bea795295fab262587f255f64c65bc3a } }",
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
