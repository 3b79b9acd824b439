//! A calendar does not know a year that it should.
use super::{Findings, Layer, Rule, Tree};
use std::collections::BTreeSet;
use switchboard_source::Severity;

/// The rule.
pub const RULE: Rule = Rule {
    number: 509,
    name: "calendar-gap",
    layer: Layer::Structure,
    severity: Severity::Error,
    article: "Art. 8",
    what: "A calendar has a gap: a year between its years is missing, a year has no holiday at all, a day lies outside its years, or this \
           year is not among them.",
    why: "A holiday that nobody entered is an ordinary day to the engine: callers would be led to desks where nobody sits.",
    zh: "日历有缺口：中间缺一年、某年一个节假日都没有、某天不在所写年份之内，或没有今年。",
    bad: r#"calendar: day
closed: { prompt: closed, then: { queue: general } }
# calendars.yaml
version: 1
calendars:
  day:
    zone: Asia/Shanghai
    years: [2026, 2028]
    hours: [{ days: [mon, tue, wed, thu, fri], from: "08:30", to: "17:30" }]
    holidays: [{ name: 元旦, from: "2026-01-01" }, { name: 元旦, from: "2028-01-01" }]"#,
    good: r#"calendar: day
closed: { prompt: closed, then: { queue: general } }
# calendars.yaml
version: 1
calendars:
  day:
    zone: Asia/Shanghai
    years: [2026, 2027]
    hours: [{ days: [mon, tue, wed, thu, fri], from: "08:30", to: "17:30" }]
    holidays: [{ name: 元旦, from: "2026-01-01" }, { name: 元旦, from: "2027-01-01" }]"#,
    check,
};

fn check(tree: &Tree<'_>, found: &mut Findings) {
    for (name, calendar) in tree.calendars {
        let years: BTreeSet<u32> = calendar.years.iter().map(|y| y.value).collect();
        let (Some(first), Some(last), Some(at)) = (years.first(), years.last(), calendar.years.first().map(|y| &y.at))
        else {
            continue;
        };
        let mut gap = |message: String, at, help: &str| found.anywhere(RULE.fault(at, message).help(help.to_owned()));
        if let Some(missing) = (*first..*last).find(|y| !years.contains(y)) {
            gap(
                format!("the calendar `{name}` knows {first} and {last}, but not {missing}"),
                at,
                "enter its holidays too",
            );
        }
        let days = calendar.holidays.iter().map(|h| (h.value.0, h.value.1, &h.at));
        let days: Vec<_> = days.chain(calendar.working.iter().map(|w| (w.value.0, w.value.0, &w.at))).collect();
        for year in &calendar.years {
            let has =
                |(from, to, _): &(crate::civil::Day, crate::civil::Day, _)| (from.year..=to.year).contains(&year.value);
            if !days.iter().any(has) {
                let message = format!("the calendar `{name}` has no holiday in {}", year.value);
                gap(message, &year.at, "enter that year's holidays, or take the year out");
            }
        }
        for (from, to, at) in &days {
            if let Some(day) = [from, to].into_iter().find(|d| !years.contains(&d.year)) {
                let message = format!("{day} does not lie in the years of the calendar `{name}`");
                gap(message, at, "add the year to `years` once all its holidays stand here");
            }
        }
        if let Some(today) = tree.facts.today.filter(|t| t.year > *last) {
            let message = format!("the calendar `{name}` ended with {last}, and today is {today}");
            gap(message, at, "enter this year's holidays");
        }
    }
}
