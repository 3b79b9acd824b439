//! A calendar says two things about the same time.
use super::{Findings, Layer, Rule, Tree};
use crate::calendar::{MINUTES_A_DAY, Shift};
use crate::civil::Day;
use crate::hours::Hours;
use std::collections::BTreeMap;
use switchboard_source::{At, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    number: 508,
    name: "calendar-overlap",
    layer: Layer::Structure,
    severity: Severity::Error,
    article: "Art. 8",
    what: "A calendar says two things about the same time: hours that overlap, a day in two holidays, or a holiday that is worked.",
    why: "Only one of the two can be meant, and nobody could say which.",
    zh: "日历对同一时间有两种说法：营业时间重叠、同一天属于两个节假日，或节假日又写成调休上班。",
    bad: r#"calendar: day
closed: { prompt: closed, then: { queue: general } }
# calendars.yaml
version: 1
calendars:
  day:
    zone: Asia/Shanghai
    years: [2026, 2027]
    hours: [{ days: [mon, tue, wed, thu, fri], from: "08:30", to: "17:30" }]
    holidays: [{ name: 国庆节, from: "2026-10-01", to: "2026-10-07" }, { name: 元旦, from: "2027-01-01" }]
    working_days: [{ day: "2026-10-07", like: wed }]"#,
    good: r#"calendar: day
closed: { prompt: closed, then: { queue: general } }
# calendars.yaml
version: 1
calendars:
  day:
    zone: Asia/Shanghai
    years: [2026, 2027]
    hours: [{ days: [mon, tue, wed, thu, fri], from: "08:30", to: "17:30" }]
    holidays: [{ name: 国庆节, from: "2026-10-01", to: "2026-10-07" }, { name: 元旦, from: "2027-01-01" }]
    working_days: [{ day: "2026-10-10", like: wed }]"#,
    check,
};

fn check(tree: &Tree<'_>, found: &mut Findings) {
    for (name, calendar) in tree.calendars {
        for (i, shift) in calendar.shifts.iter().enumerate() {
            for earlier in &calendar.shifts[..i] {
                let Some(day) = overlap(&earlier.value, &shift.value) else { continue };
                let message = format!("hours of the calendar `{name}` overlap on {}", Hours::DAYS[day]);
                let fault = RULE.fault(&shift.at, message).also(&earlier.at, "the others are here");
                found.anywhere(fault.help("let one end where the other begins"));
                break;
            }
        }
        let mut known: BTreeMap<Day, (&str, &At)> = BTreeMap::new();
        let holidays = calendar.holidays.iter().flat_map(|h| {
            let (from, to, name) = &h.value;
            (from.number()..=to.number()).map(move |day| (Day::from_number(day), name.as_str(), &h.at))
        });
        let working = calendar.working.iter().map(|w| (w.value.0, "a working day", &w.at));
        let mut told: Option<&At> = None;
        for (day, what, at) in holidays.chain(working) {
            let Some((before, first)) = known.insert(day, (what, at)) else { continue };
            if told.is_some_and(|t| t.span == at.span) {
                continue;
            }
            told = Some(at);
            let message = format!("{day} is in the calendar `{name}` twice: {before}, and {what}");
            found.anywhere(RULE.fault(at, message).also(first, "first here").help("take one of them out"));
        }
    }
}

/// The first day of the week on which both are open at the same minute.
fn overlap(a: &Shift, b: &Shift) -> Option<usize> {
    const WEEK: u32 = 7 * MINUTES_A_DAY;
    let spans = |s: &Shift| -> Vec<(usize, u32, u32)> {
        let long = if s.from_min < s.to_min { s.to_min - s.from_min } else { MINUTES_A_DAY - s.from_min + s.to_min };
        (0..7).filter(|d| s.days[*d]).map(|d| (d, d as u32 * MINUTES_A_DAY + s.from_min, long)).collect()
    };
    for (_, a_from, a_long) in spans(a) {
        for (day, b_from, b_long) in spans(b) {
            // How far one begins after the other, round the week.
            let (after_a, after_b) = ((b_from + WEEK - a_from) % WEEK, (a_from + WEEK - b_from) % WEEK);
            if after_a < a_long || after_b < b_long {
                return Some(day);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_overlap_across_midnight_and_the_week_too() {
        let shift = |day: usize, from: u32, to: u32| {
            let mut days = [false; 7];
            days[day] = true;
            Shift { days, from_min: from * 60, to_min: to * 60 }
        };
        for (a, b, wants) in [
            (shift(0, 9, 12), shift(0, 13, 17), None),
            (shift(0, 9, 13), shift(0, 13, 17), None),
            (shift(0, 9, 14), shift(0, 13, 17), Some(0)),
            (shift(0, 22, 6), shift(1, 5, 9), Some(1)),
            (shift(6, 22, 6), shift(0, 5, 9), Some(0)),
            (shift(6, 22, 6), shift(0, 6, 9), None),
            (shift(3, 0, 24), shift(4, 0, 24), None),
        ] {
            assert_eq!(overlap(&a, &b), wants, "{a:?} {b:?}");
            assert_eq!(overlap(&b, &a).is_some(), wants.is_some(), "{b:?} {a:?}");
        }
    }
}
