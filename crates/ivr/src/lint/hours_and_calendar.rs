//! A menu says twice when it is open.
use super::{Findings, Layer, Rule, Tree};
use switchboard_source::Severity;

/// The rule.
pub const RULE: Rule = Rule {
    number: 510,
    name: "hours-and-calendar",
    layer: Layer::Structure,
    severity: Severity::Error,
    article: "Art. 8",
    what: "A menu has both `hours` and a `calendar`.",
    why: "Only one of the two can be meant.",
    zh: "同一个菜单既写了 hours 又写了 calendar。",
    bad: r#"hours: { days: [mon, tue, wed, thu, fri], from: "09:00", to: "17:00", utc_offset: "+08:00" }
calendar: day
closed: { prompt: closed, then: { queue: general } }
# calendars.yaml
version: 1
calendars:
  day:
    zone: Asia/Shanghai
    years: [2026, 2027]
    hours: [{ days: [mon, tue, wed, thu, fri], from: "09:00", to: "17:00" }]
    holidays: [{ name: 元旦, from: "2026-01-01" }, { name: 元旦, from: "2027-01-01" }]"#,
    good: r#"calendar: day
closed: { prompt: closed, then: { queue: general } }
# calendars.yaml
version: 1
calendars:
  day:
    zone: Asia/Shanghai
    years: [2026, 2027]
    hours: [{ days: [mon, tue, wed, thu, fri], from: "09:00", to: "17:00" }]
    holidays: [{ name: 元旦, from: "2026-01-01" }, { name: 元旦, from: "2027-01-01" }]"#,
    check,
};

fn check(tree: &Tree<'_>, found: &mut Findings) {
    for draft in tree.menus.values() {
        if let (Some(hours), Some(calendar)) = (&draft.hours, &draft.calendar) {
            let fault = RULE.fault(&calendar.at, format!("the menu `{}` says twice when it is open", draft.name.value));
            found.push(draft, fault.also(&hours.at, "here, too").help("take `hours` out: a calendar knows holidays"));
        }
    }
}
