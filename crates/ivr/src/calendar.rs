//! When something is open: hours by weekday, holidays, and working days that make up for them (调休), over several years.
//!
//! ```text
//!   moment ──zone──► day, minute ──┬─ a holiday: no hours begin on it
//!                                  ├─ a working day: the hours of the weekday that it stands for
//!                                  └─ any other: the hours of its weekday
//! ```
//! Hours that end at or before their beginning end on the next day, whatever that day is.
use crate::civil::Day;
use crate::hours::Hours;
use crate::zone::Zone;
use std::collections::BTreeMap;
use std::sync::Arc;
use switchboard_model::Instant;

/// A calendar.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Calendar {
    /// Its name in `calendars.yaml`.
    pub name: String,
    /// Whose clocks count.
    pub zone: Zone,
    /// Hours by weekday. They do not overlap: a rule sees to that.
    pub shifts: Vec<Shift>,
    /// Days that are not like their weekday.
    pub special: BTreeMap<Day, Special>,
    /// The first and the last year whose holidays are known.
    pub years: (u32, u32),
}

/// Hours on some days of the week.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shift {
    /// Monday first.
    pub days: [bool; 7],
    /// Minutes after midnight; included.
    pub from_min: u32,
    /// Minutes after midnight; not included. Not after `from_min`: it ends on the next day.
    pub to_min: u32,
}

/// A day that is not like its weekday.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Special {
    /// Closed, for this reason.
    Holiday(String),
    /// Worked, with the hours of this weekday (0 is Monday).
    Working(usize),
}

/// What a moment is to a menu.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Moment {
    /// Within its hours.
    Open,
    /// Outside them, on an ordinary day.
    Closed,
    /// Outside them, on a holiday.
    Holiday,
}

/// When a menu is open.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Opening {
    /// Always.
    Always,
    /// At these hours of every week.
    Hours(Hours),
    /// As this calendar says.
    Calendar(Arc<Calendar>),
}

pub(crate) const MINUTES_A_DAY: u32 = 24 * 60;

impl Shift {
    /// The part of a day that belongs to hours which began that day, and the part of the next day.
    fn parts(&self) -> ((u32, u32), (u32, u32)) {
        match self.from_min < self.to_min {
            true => ((self.from_min, self.to_min), (0, 0)),
            false => ((self.from_min, MINUTES_A_DAY), (0, self.to_min)),
        }
    }
}

impl Calendar {
    /// Whose hours a day has: a weekday's; none on a holiday.
    fn like(&self, day: Day) -> Option<usize> {
        match self.special.get(&day) {
            Some(Special::Holiday(_)) => None,
            Some(Special::Working(like)) => Some(*like),
            None => Some(day.weekday()),
        }
    }
    /// The minutes of a day during which it is open: from, to, in order of time, yesterday's night shift included.
    pub fn open_on(&self, day: Day) -> Vec<(u32, u32)> {
        let shifts = |like: Option<usize>| self.shifts.iter().filter(move |s| like.is_some_and(|d| s.days[d]));
        let mut parts: Vec<_> = shifts(self.like(day)).map(|s| s.parts().0).collect();
        if let Some(before) = day.number().checked_sub(1) {
            parts.extend(shifts(self.like(Day::from_number(before))).map(|s| s.parts().1));
        }
        parts.retain(|(from, to)| from < to);
        parts.sort_unstable();
        parts
    }
    /// What that moment is.
    pub fn at(&self, now: Instant) -> Moment {
        let (day, minute) = Day::of(now, self.zone.offset_min(now));
        if self.open_on(day).iter().any(|(from, to)| (*from..*to).contains(&minute)) {
            return Moment::Open;
        }
        match self.special.get(&day) {
            Some(Special::Holiday(_)) => Moment::Holiday,
            Some(Special::Working(_)) | None => Moment::Closed,
        }
    }
    /// The name of the holiday on which that moment lies.
    pub fn holiday(&self, now: Instant) -> Option<&str> {
        let (day, _) = Day::of(now, self.zone.offset_min(now));
        match self.special.get(&day) {
            Some(Special::Holiday(name)) => Some(name),
            Some(Special::Working(_)) | None => None,
        }
    }
    /// How long it is open in an ordinary week.
    pub fn minutes_a_week(&self) -> u32 {
        let minutes = |s: &Shift| {
            let ((a, b), (c, d)) = s.parts();
            s.days.iter().filter(|d| **d).count() as u32 * (b - a + d - c)
        };
        self.shifts.iter().map(minutes).sum()
    }
    /// In words for readers: `周一至周五 08:30–17:30；周六 09:00–12:00 (Asia/Shanghai)`.
    pub fn words(&self) -> String {
        let hours =
            |s: &Shift| Hours { days: s.days, from_min: s.from_min, to_min: s.to_min, utc_offset_min: 0 }.to_string();
        format!("{} ({})", self.shifts.iter().map(hours).collect::<Vec<_>>().join("；"), self.zone.name)
    }
}

impl Opening {
    /// What that moment is.
    pub fn at(&self, now: Instant) -> Moment {
        match self {
            Opening::Always => Moment::Open,
            Opening::Hours(hours) if hours.open_at(now) => Moment::Open,
            Opening::Hours(_) => Moment::Closed,
            Opening::Calendar(calendar) => calendar.at(now),
        }
    }
    /// How long it is open in an ordinary week.
    pub fn minutes_a_week(&self) -> u32 {
        match self {
            Opening::Always => 7 * MINUTES_A_DAY,
            Opening::Hours(hours) => hours.minutes_a_week(),
            Opening::Calendar(calendar) => calendar.minutes_a_week(),
        }
    }
    /// In words for readers; empty if always.
    pub fn words(&self) -> String {
        match self {
            Opening::Always => String::new(),
            Opening::Hours(hours) => hours.to_string(),
            Opening::Calendar(calendar) => calendar.words(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::civil::moment;

    fn day(s: &str) -> Day {
        Day::read(s).expect("a day")
    }

    #[test]
    fn holidays_and_working_days_are_not_like_their_weekday() {
        let week = [true, true, true, true, true, false, false];
        let calendar = Calendar {
            name: "loans".into(),
            zone: Zone::named("Asia/Shanghai").expect("a zone"),
            shifts: vec![
                Shift { days: week, from_min: 8 * 60 + 30, to_min: 17 * 60 + 30 },
                Shift { days: [false, false, false, false, true, false, false], from_min: 22 * 60, to_min: 2 * 60 },
            ],
            special: BTreeMap::from([
                (day("2026-10-01"), Special::Holiday("国庆节".into())),
                (day("2026-10-02"), Special::Holiday("国庆节".into())),
                (day("2026-10-10"), Special::Working(4)),
            ]),
            years: (2026, 2027),
        };
        for (at, is) in [
            ("2026-09-30T17:29+08:00", Moment::Open),
            ("2026-09-30T17:30+08:00", Moment::Closed),
            ("2026-10-01T10:00+08:00", Moment::Holiday),
            // The same moment by another clock.
            ("2026-09-30T16:00Z", Moment::Holiday),
            ("2026-10-01T23:59+08:00", Moment::Holiday),
            ("2026-10-03T10:00+08:00", Moment::Closed),
            // A Saturday that is worked like a Friday, its night included.
            ("2026-10-10T10:00+08:00", Moment::Open),
            ("2026-10-11T01:59+08:00", Moment::Open),
            ("2026-10-11T02:00+08:00", Moment::Closed),
            // The night of a Friday that is a holiday does not happen; that of an ordinary one does.
            ("2026-10-03T01:00+08:00", Moment::Closed),
            ("2026-10-17T01:00+08:00", Moment::Open),
        ] {
            assert_eq!(calendar.at(moment(at).expect("a moment")), is, "{at}");
        }
        assert_eq!(calendar.holiday(moment("2026-10-01T10:00+08:00").expect("a moment")), Some("国庆节"));
        assert_eq!(calendar.minutes_a_week(), 5 * 540 + 240);
        assert_eq!(calendar.words(), "周一至周五 08:30–17:30；周五 22:00–02:00 (Asia/Shanghai)");
    }
}
