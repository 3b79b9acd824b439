//! centre.yaml's rules about agents: after-call work, reasons for being not ready, what a failed ringing costs.
use crate::faults::code;
use std::time::Duration;
use switchboard_acd::{FailureRule, FailureRules, ReasonRule, RingRules, WorkMode};
use switchboard_source::{Diagnostic, Item};

/// `acw_mode: timed`
pub fn work_mode(item: &Item<'_>, faults: &mut Vec<Diagnostic>) -> Option<WorkMode> {
    let words: Vec<&str> = WorkMode::ALL.iter().map(|(_, word)| *word).collect();
    let read = |t: &str| WorkMode::ALL.iter().find(|(_, word)| *word == t).map(|(mode, _)| *mode);
    item.parse(&words.join(", "), faults, read).map(|m| m.value)
}

/// `not_ready: [{ name: lunch, minutes_max: 60 }, { name: training, approval: true }]`
pub fn reasons(item: &Item<'_>, faults: &mut Vec<Diagnostic>) -> Vec<ReasonRule> {
    let mut reasons: Vec<ReasonRule> = vec![];
    for item in item.list(faults) {
        let Some(mut fields) = item.fields(faults) else { continue };
        let name = fields.must("name", faults).and_then(|i| i.text(faults));
        let minutes = fields.may("minutes_max").and_then(|i| i.number(1..=480, faults));
        let approval = fields.may("approval").map_or(Some(false), |i| i.truth(faults));
        fields.done(faults);
        let (Some(name), Some(approval)) = (name, approval) else { continue };
        if reasons.iter().any(|r| r.name == name.value) {
            let message = format!("there are two reasons `{}`", name.value);
            faults.push(Diagnostic::error(code(5), &name.at, message));
        }
        let at_most = minutes.map(|m| Duration::from_secs(60 * m));
        reasons.push(ReasonRule { name: name.value, at_most, approval });
    }
    if reasons.is_empty() {
        let fault = Diagnostic::error(code(26), &item.at(), "agents need one reason at least for being not ready");
        faults.push(fault.help("name one, or leave `not_ready` out: then there is the reason `break`"));
    }
    reasons
}

/// `failures: { no_answer: { limit: 1, pause_s: 60 }, busy: { limit: 3, moment_s: 10, pause_s: 60 } }`
pub fn failures(item: &Item<'_>, faults: &mut Vec<Diagnostic>) -> FailureRules {
    let mut rules = RingRules::default().failures;
    let Some(mut fields) = item.fields(faults) else { return rules };
    for (name, rule) in [
        ("no_answer", &mut rules.no_answer),
        ("rejected", &mut rules.rejected),
        ("busy", &mut rules.busy),
        ("unreachable", &mut rules.unreachable),
        ("device", &mut rules.device),
    ] {
        if let Some(read) = fields.may(name).and_then(|i| failure(&i, *rule, faults)) {
            *rule = read;
        }
    }
    fields.done(faults);
    rules
}

fn failure(item: &Item<'_>, default: FailureRule, faults: &mut Vec<Diagnostic>) -> Option<FailureRule> {
    let mut fields = item.fields(faults)?;
    let limit = fields.may("limit").map_or(Some(u64::from(default.limit)), |i| i.number(1..=20, faults));
    let moment = fields.may("moment_s").map_or(Some(default.moment.as_secs()), |i| i.number(1..=300, faults));
    let pause = fields.may("pause_s").map_or(Some(default.pause.as_secs()), |i| i.number(0..=3_600, faults));
    fields.done(faults);
    Some(FailureRule { limit: limit? as u8, moment: Duration::from_secs(moment?), pause: Duration::from_secs(pause?) })
}
