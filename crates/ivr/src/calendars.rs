//! `calendars.yaml`: hours, holidays and working days by name.
//!
//! ```yaml
//! version: 1
//! calendars:
//!   loans:
//!     zone: Asia/Shanghai
//!     years: [2026, 2027]                                        # whose holidays stand below, all of them
//!     hours: [{ days: [mon, tue, wed, thu, fri], from: "08:30", to: "17:30" }]
//!     holidays: [{ name: 国庆节, from: "2026-10-01", to: "2026-10-07" }]
//!     working_days: [{ day: "2026-10-10", like: fri }]           # 调休
//! ```
//! Shape only; whether the years are whole and the hours make sense is for the rules.
use crate::calendar::{Calendar, Shift, Special};
use crate::civil::Day;
use crate::draft::version;
use crate::hours::{Hours, time_of_day};
use crate::zone::Zone;
use std::collections::BTreeMap;
use switchboard_source::{Diagnostic, Doc, Fields, Item, Spanned};

/// A calendar as written.
#[derive(Clone, Debug)]
pub struct DraftCalendar {
    /// Whose clocks count.
    pub zone: Zone,
    /// In the order of the text.
    pub shifts: Vec<Spanned<Shift>>,
    /// From, to (both included), name.
    pub holidays: Vec<Spanned<(Day, Day, String)>>,
    /// The day, and the weekday whose hours it has.
    pub working: Vec<Spanned<(Day, usize)>>,
    /// Whose holidays are known.
    pub years: Vec<Spanned<u32>>,
}

/// The longest holiday: more is a slip of the pen.
const HOLIDAY_DAYS_MAX: u64 = 31;

/// Reads one file of calendars.
pub fn read_calendars(doc: &Doc, faults: &mut Vec<Diagnostic>) -> BTreeMap<String, DraftCalendar> {
    let Some(mut fields) = doc.top().fields(faults) else { return BTreeMap::new() };
    version(&mut fields, faults);
    let entries = fields.must("calendars", faults).map_or(vec![], |i| i.entries(faults));
    fields.done(faults);
    entries.into_iter().filter_map(|(name, item)| Some((name, read_calendar(&item, faults)?))).collect()
}

fn read_calendar(item: &Item<'_>, faults: &mut Vec<Diagnostic>) -> Option<DraftCalendar> {
    let mut fields = item.fields(faults)?;
    let zone = fields.must("zone", faults).and_then(|i| i.parse("a zone like Asia/Shanghai", faults, Zone::named));
    let hours = fields.must("hours", faults).map_or(vec![], |i| i.list(faults));
    let shifts = hours.iter().filter_map(|i| read_shift(i, faults)).collect();
    let holidays = fields.may("holidays").map_or(vec![], |i| i.list(faults));
    let holidays = holidays.iter().filter_map(|i| read_holiday(i, faults)).collect();
    let working = fields.may("working_days").map_or(vec![], |i| i.list(faults));
    let working = working.iter().filter_map(|i| read_working(i, faults)).collect();
    let years = fields.must("years", faults).map_or(vec![], |i| i.list(faults));
    let year = |i: &Item<'_>, faults: &mut Vec<Diagnostic>| {
        i.number(1970..=2099, faults).map(|n| Spanned { value: n as u32, at: i.at() })
    };
    let years: Vec<_> = years.iter().filter_map(|i| year(i, faults)).collect();
    if years.is_empty() {
        faults.push(item.wrong("at least one year in `years`"));
    }
    fields.done(faults);
    Some(DraftCalendar { zone: zone?.value, shifts, holidays, working, years })
}

fn read_shift(item: &Item<'_>, faults: &mut Vec<Diagnostic>) -> Option<Spanned<Shift>> {
    let mut fields = item.fields(faults)?;
    let (days, from, to) = read_times(&mut fields, faults);
    fields.done(faults);
    Some(Spanned { value: Shift { days, from_min: from?, to_min: to? }, at: item.at() })
}

/// Days of the week and times of day: `days`, `from`, `to`.
pub(crate) fn read_times(
    fields: &mut Fields<'_>,
    faults: &mut Vec<Diagnostic>,
) -> ([bool; 7], Option<u32>, Option<u32>) {
    let mut days = [false; 7];
    for day in fields.must("days", faults).map_or(vec![], |i| i.list(faults)) {
        day.parse(WEEKDAY, faults, weekday).into_iter().for_each(|d| days[d.value] = true);
    }
    let from = fields.must("from", faults).and_then(|i| i.parse("a time like \"09:00\"", faults, time_of_day));
    let to = fields.must("to", faults).and_then(|i| i.parse("a time like \"17:30\"", faults, time_of_day));
    (days, from.map(|f| f.value), to.map(|t| t.value))
}

const WEEKDAY: &str = "a day: mon, tue, wed, thu, fri, sat, sun";

fn weekday(s: &str) -> Option<usize> {
    Hours::DAYS.iter().position(|d| *d == s)
}

fn read_holiday(item: &Item<'_>, faults: &mut Vec<Diagnostic>) -> Option<Spanned<(Day, Day, String)>> {
    let mut fields = item.fields(faults)?;
    let name = fields.must("name", faults).and_then(|i| i.text(faults));
    let day = "a day like \"2026-10-01\"";
    let from = fields.must("from", faults).and_then(|i| i.parse(day, faults, Day::read));
    let to = fields.may("to").map(|i| i.parse(day, faults, Day::read));
    fields.done(faults);
    let (name, from) = (name?.value, from?.value);
    let to = to.map_or(Some(from), |to| to.map(|t| t.value))?;
    if to < from || to.number() - from.number() >= HOLIDAY_DAYS_MAX {
        faults.push(item.wrong(&format!("a holiday whose last day follows its first by less than {HOLIDAY_DAYS_MAX}")));
        return None;
    }
    Some(Spanned { value: (from, to, name), at: item.at() })
}

fn read_working(item: &Item<'_>, faults: &mut Vec<Diagnostic>) -> Option<Spanned<(Day, usize)>> {
    let mut fields = item.fields(faults)?;
    let day = fields.must("day", faults).and_then(|i| i.parse("a day like \"2026-10-10\"", faults, Day::read));
    let like = fields.must("like", faults).and_then(|i| i.parse(WEEKDAY, faults, weekday));
    fields.done(faults);
    Some(Spanned { value: (day?.value, like?.value), at: item.at() })
}

impl DraftCalendar {
    /// The calendar, whatever the rules say of it: where two words are about one day, the later one counts.
    pub fn calendar(&self, name: &str) -> Calendar {
        let mut special = BTreeMap::new();
        for Spanned { value: (from, to, name), .. } in &self.holidays {
            let days = (from.number()..=to.number()).map(Day::from_number);
            special.extend(days.map(|day| (day, Special::Holiday(name.clone()))));
        }
        special.extend(self.working.iter().map(|w| (w.value.0, Special::Working(w.value.1))));
        let years = self.years.iter().map(|y| y.value);
        let years = (years.clone().min().unwrap_or_default(), years.max().unwrap_or_default());
        let shifts = self.shifts.iter().map(|s| s.value).collect();
        Calendar { name: name.to_owned(), zone: self.zone.clone(), shifts, special, years }
    }
}
