//! A menu leads to a queue at an hour when nobody is there to serve it.
//!
//! ```text
//!   the queue is staffed      ───────████████──────
//!   a menu that leads there   ─────████████████────   found: the first moment that the second has and the first has not
//! ```
//! Looks at every change of either during the years that the calendar knows. Does not count how many are there.
use super::{Findings, Layer, Rule, Tree};
use crate::calendar::{Calendar, MINUTES_A_DAY, Moment, Opening, Shift};
use crate::civil::Day;
use crate::draft::Draft;
use crate::menu::Does;
use crate::zone::Zone;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use switchboard_model::Instant;
use switchboard_source::{Severity, nearest};

/// The rule.
pub const RULE: Rule = Rule {
    number: 309,
    name: "not-staffed",
    layer: Layer::Reference,
    severity: Severity::Error,
    article: "Art. 8",
    what: "A menu leads to a queue at an hour when nobody serves it: `staffed` in queues.yaml names the calendar of its hours.",
    why: "Art. 8: what happens outside hours is said. A caller who is let into an empty queue waits for nobody.",
    zh: "菜单在队列无人值守的时间仍把来电者转过去。",
    bad: r#"options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "4": { prompt: loans, queue: loans_by_day }
  "9": { prompt: complaint, queue: complaints }
  "*": { prompt: repeat, replay: true }
# calendars.yaml
version: 1
calendars:
  day:
    zone: Asia/Shanghai
    years: [2026, 2027]
    hours: [{ days: [mon, tue, wed, thu, fri], from: "08:30", to: "17:30" }]
    holidays: [{ name: 元旦, from: "2026-01-01" }, { name: 元旦, from: "2027-01-01" }]"#,
    good: r#"options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "4": { prompt: loans, menu: loans }
  "9": { prompt: complaint, queue: complaints }
  "*": { prompt: repeat, replay: true }
# loans.yaml
version: 1
menu: loans
languages: [zh-CN]
calendar: day
closed: { prompt: closed, then: { queue: general } }
options:
  "0": { prompt: agent, queue: loans_by_day }
  "*": { prompt: repeat, replay: true }
no_input: { after_s: 6, replay: 1, then: { queue: loans_by_day } }
no_match: { replay: 1, then: { queue: loans_by_day } }
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
    let calendars: BTreeMap<&str, Arc<Calendar>> =
        tree.calendars.iter().map(|(name, c)| (name.as_str(), Arc::new(c.calendar(name)))).collect();
    for draft in tree.menus.values() {
        let Some(opening) = opening(draft, &calendars) else { continue };
        let mut told = BTreeSet::new();
        for (way, does) in draft.ways() {
            let Does::Queue(name) = &does.value else { continue };
            let Some(staffed) = tree.facts.queues.get(name).and_then(|q| q.staffed.as_deref()) else { continue };
            let Some(calendar) = calendars.get(staffed) else {
                let fault = RULE.fault(
                    &does.at,
                    format!("the queue `{name}` is staffed by a calendar `{staffed}` that is not there"),
                );
                let help = match nearest(staffed, calendars.keys().copied()) {
                    Some(near) => format!("in queues.yaml, did you mean `{near}`?"),
                    None => "add it to calendars.yaml".into(),
                };
                if told.insert((name, true)) {
                    found.push(draft, fault.help(help));
                }
                continue;
            };
            // What is heard outside the hours leads there outside the hours; an emergency at any hour.
            let outside = ["closed", "holiday"].contains(&way.as_str());
            let always = way.starts_with("emergency ");
            let leads = |now: Instant| always || (opening.at(now) != Moment::Open) == outside;
            let Some((day, minute)) = first_gap(&opening, calendar, leads).filter(|_| told.insert((name, outside)))
            else {
                continue;
            };
            let at = format!("{} {day} {:02}:{:02}", WEEKDAYS[day.weekday()], minute / 60, minute % 60);
            let fault =
                RULE.fault(&does.at, format!("nobody serves the queue `{name}` on {at} ({})", calendar.zone.name));
            let fault = fault.label(format!("`{way}` of the menu `{}` leads there then", draft.name.value));
            let help = format!(
                "keep the hours of `{staffed}` here, too (`calendar: {staffed}`), or lead to a queue that is staffed then"
            );
            found.push(draft, fault.help(help));
        }
    }
}

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// When the menu is open; none if its calendar does not exist, which is another rule's.
fn opening(draft: &Draft, calendars: &BTreeMap<&str, Arc<Calendar>>) -> Option<Opening> {
    match (&draft.calendar, &draft.hours) {
        (Some(name), _) => calendars.get(name.value.as_str()).cloned().map(Opening::Calendar),
        (None, Some(hours)) => Some(Opening::Hours(hours.value)),
        (None, None) => Some(Opening::Always),
    }
}

/// The first moment at which the way leads to the queue and nobody is there, as the queue's clocks show it.
fn first_gap(opening: &Opening, staffed: &Calendar, leads: impl Fn(Instant) -> bool) -> Option<(Day, u32)> {
    let own = match opening {
        Opening::Always => None,
        Opening::Hours(hours) => Some(Calendar {
            name: String::new(),
            zone: Zone::fixed(hours.utc_offset_min),
            shifts: vec![Shift { days: hours.days, from_min: hours.from_min, to_min: hours.to_min }],
            special: BTreeMap::new(),
            years: staffed.years,
        }),
        Opening::Calendar(calendar) => Some(Calendar::clone(calendar)),
    };
    let first = Day { year: staffed.years.0, month: 1, day: 1 }.number();
    let end = Day { year: staffed.years.1 + 1, month: 1, day: 1 }.number();
    for day in (first..end).map(Day::from_number) {
        let mut moments = vec![instant(day, 0, &staffed.zone)];
        for calendar in own.iter().chain([staffed]) {
            let parts = calendar.open_on(day).into_iter().flat_map(|(from, to)| [from, to]);
            moments.extend(parts.filter(|m| *m < MINUTES_A_DAY).map(|m| instant(day, m, &calendar.zone)));
        }
        moments.sort_unstable();
        if let Some(now) = moments.into_iter().find(|now| leads(*now) && staffed.at(*now) != Moment::Open) {
            return Some(Day::of(now, staffed.zone.offset_min(now)));
        }
    }
    None
}

/// The moment at which clocks of that zone show that.
fn instant(day: Day, minute: u32, zone: &Zone) -> Instant {
    let local_ms = (day.number() * u64::from(MINUTES_A_DAY) + u64::from(minute)) * 60_000;
    let offset_ms = i64::from(zone.offset_min(Instant::from_millis(local_ms))) * 60_000;
    Instant::from_millis(local_ms.saturating_add_signed(-offset_ms))
}
