//! A menu has hours but does not say what happens outside them, or the other way round.
use super::{Findings, Layer, Rule, Tree};
use crate::occasion::Occasion;
use switchboard_source::Severity;

/// The rule.
pub const RULE: Rule = Rule {
    number: 505,
    name: "hours-without-closed",
    layer: Layer::Structure,
    severity: Severity::Error,
    article: "Art. 8",
    what: "A menu has hours but does not say what happens outside them, or the other way round.",
    why: "Art. 8: seven days and twenty-four hours as the rule; what happens outside hours is said, never dead air.",
    zh: "写了营业时间，却没有说下班后怎么办（或相反）。",
    bad: r#"hours: { days: [mon, tue, wed, thu, fri], from: "09:00", to: "17:00", utc_offset: "+08:00" }"#,
    good: r#"hours: { days: [mon, tue, wed, thu, fri], from: "09:00", to: "17:00", utc_offset: "+08:00" }
closed: { prompt: closed, then: { queue: general } }"#,
    check,
};

fn check(tree: &Tree<'_>, found: &mut Findings) {
    for draft in tree.menus.values() {
        let hours = draft.hours.as_ref().map(|h| &h.at).or(draft.calendar.as_ref().map(|c| &c.at));
        let closed = draft.notice(&Occasion::Closed).or(draft.notice(&Occasion::Holiday));
        let (at, message, help) = match (hours, closed) {
            (Some(hours), None) => (
                hours,
                "has hours but does not say what happens outside them",
                "add `closed: { prompt: closed, then: … }`",
            ),
            (None, Some(closed)) => (
                &closed.at,
                "says what happens when it is closed, and is never closed",
                "add `hours:` or `calendar:`, or take it out",
            ),
            (Some(_), Some(_)) | (None, None) => continue,
        };
        found.push(draft, RULE.fault(at, format!("the menu `{}` {message}", draft.name.value)).help(help));
    }
}
