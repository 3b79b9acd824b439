//! A menu or a queue keeps the hours of a calendar that does not exist.
use super::{Findings, Layer, Rule, Tree};
use switchboard_source::{Severity, nearest};

/// The rule.
pub const RULE: Rule = Rule {
    number: 307,
    name: "unknown-calendar",
    layer: Layer::Reference,
    severity: Severity::Error,
    article: "Art. 8",
    what: "A menu keeps the hours of a calendar that does not stand in calendars.yaml.",
    why: "Nobody could say when it is open.",
    zh: "菜单所写的日历在 calendars.yaml 里没有。",
    bad: r"calendar: counter
closed: { prompt: closed, then: { queue: general } }",
    good: r#"calendar: counter
closed: { prompt: closed, then: { queue: general } }
# calendars.yaml
version: 1
calendars:
  counter:
    zone: Asia/Shanghai
    years: [2026, 2027]
    hours: [{ days: [mon, tue, wed, thu, fri], from: "09:00", to: "17:00" }]
    holidays: [{ name: 元旦, from: "2026-01-01" }, { name: 元旦, from: "2027-01-01" }]"#,
    check,
};

fn check(tree: &Tree<'_>, found: &mut Findings) {
    for draft in tree.menus.values() {
        let Some(name) = draft.calendar.as_ref().filter(|c| !tree.calendars.contains_key(&c.value)) else { continue };
        let fault = RULE.fault(&name.at, format!("there is no calendar `{}`", name.value));
        found.push(
            draft,
            fault.help(match nearest(&name.value, tree.calendars.keys().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "add it to calendars.yaml".into(),
            }),
        );
    }
}
