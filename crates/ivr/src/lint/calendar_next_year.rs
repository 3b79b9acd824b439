//! From October on, a calendar that does not know the next year is asked for it.
use super::{Findings, Layer, Rule, Tree};
use switchboard_source::Severity;

/// The rule.
pub const RULE: Rule = Rule {
    number: 603,
    name: "calendar-next-year",
    layer: Layer::Advice,
    severity: Severity::Warning,
    article: "Art. 8",
    what: "It is October or later, and a calendar does not know the next year.",
    why: "The State Council publishes the next year's holidays and working days (调休) in autumn. A menu that learns of them in January has \
          been wrong on 1 January.",
    zh: "已到十月，日历还没有明年的节假日和调休。",
    bad: r#"calendar: day
closed: { prompt: closed, then: { queue: general } }
# calendars.yaml
version: 1
calendars:
  day:
    zone: Asia/Shanghai
    years: [2026]
    hours: [{ days: [mon, tue, wed, thu, fri], from: "08:30", to: "17:30" }]
    holidays: [{ name: 国庆节, from: "2026-10-01", to: "2026-10-07" }]"#,
    good: r#"calendar: day
closed: { prompt: closed, then: { queue: general } }
# calendars.yaml
version: 1
calendars:
  day:
    zone: Asia/Shanghai
    years: [2026, 2027]
    hours: [{ days: [mon, tue, wed, thu, fri], from: "08:30", to: "17:30" }]
    holidays: [{ name: 国庆节, from: "2026-10-01", to: "2026-10-07" }, { name: 元旦, from: "2027-01-01" }]"#,
    check,
};

/// The month from which on it is asked for.
const FROM_MONTH: u32 = 10;

fn check(tree: &Tree<'_>, found: &mut Findings) {
    let Some(today) = tree.facts.today.filter(|t| t.month >= FROM_MONTH) else { return };
    for (name, calendar) in tree.calendars {
        let Some(last) = calendar.years.iter().max_by_key(|y| y.value) else { continue };
        if last.value == today.year {
            let next = today.year + 1;
            let fault = RULE.fault(&last.at, format!("the calendar `{name}` does not know {next} yet"));
            let fault = fault.label(format!("today is {today}"));
            found.anywhere(fault.help(format!("enter the holidays and working days of {next}, and {next} in `years`")));
        }
    }
}
