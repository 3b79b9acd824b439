//! Days and moments as people write them: `2026-12-06`, `2026-12-06T02:00+08:00`.
//!
//! The proleptic Gregorian calendar, as ISO 8601 and RFC 3339 §5.6 write it. Knows no zones by name and asks no clock.
use crate::hours::{time_of_day, utc_offset};
use std::fmt;
use switchboard_model::Instant;

/// A day of the calendar, from 1970 to 9999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Day {
    /// 1970 to 9999.
    pub year: u32,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31.
    pub day: u32,
}

const MINUTES_A_DAY: u64 = 24 * 60;

impl Day {
    /// `2026-12-06`; none if there is no such day.
    pub fn read(s: &str) -> Option<Day> {
        let parts: Vec<&str> = s.split('-').collect();
        let [year, month, day] = parts[..] else { return None };
        let number = |s: &str, len: usize| {
            (s.len() == len && s.bytes().all(|b| b.is_ascii_digit())).then(|| s.parse::<u32>().ok()).flatten()
        };
        let day = Day { year: number(year, 4)?, month: number(month, 2)?, day: number(day, 2)? };
        let there = day.year >= 1970 && (1..=12).contains(&day.month) && day.day >= 1 && day.day <= day.month_length();
        there.then_some(day)
    }
    fn month_length(self) -> u32 {
        let leap = self.year.is_multiple_of(4) && !self.year.is_multiple_of(100) || self.year.is_multiple_of(400);
        match self.month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }
    /// Days since 1970-01-01. A year is counted from March, so that the leap day is its last.
    pub fn number(self) -> u64 {
        let (year, month) = match self.month {
            1 | 2 => (self.year - 1, self.month + 9),
            m => (self.year, m - 3),
        };
        let (year, month, day) = (u64::from(year), u64::from(month), u64::from(self.day));
        let before = year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
        before - MARCH_1_YEAR_0_TO_EPOCH
    }
    /// The day with that number.
    pub fn from_number(number: u64) -> Day {
        let days = number + MARCH_1_YEAR_0_TO_EPOCH;
        let era = days / 146_097;
        let of_era = days % 146_097;
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * of_year + 2) / 153;
        let day = (of_year - (153 * month + 2) / 5 + 1) as u32;
        let year = (year_of_era + era * 400) as u32;
        match month {
            0..10 => Day { year, month: month as u32 + 3, day },
            _ => Day { year: year + 1, month: month as u32 - 9, day },
        }
    }
    /// 0 is Monday.
    pub fn weekday(self) -> usize {
        // 1970-01-01 was a Thursday.
        ((self.number() + 3) % 7) as usize
    }
    /// The day of a moment, that many minutes east of Greenwich, and the minutes since its midnight.
    pub fn of(now: Instant, utc_offset_min: i32) -> (Day, u32) {
        let local = (now.seconds() / 60).saturating_add_signed(i64::from(utc_offset_min));
        (Day::from_number(local / MINUTES_A_DAY), (local % MINUTES_A_DAY) as u32)
    }
}

/// Days from 0000-03-01 to 1970-01-01.
const MARCH_1_YEAR_0_TO_EPOCH: u64 = 719_468;

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// `2026-12-06T02:00+08:00` (seconds may stand too; `Z` for `+00:00`); none if that is no moment.
pub fn moment(s: &str) -> Option<Instant> {
    let (day, rest) = s.split_once(['T', ' '])?;
    let day = Day::read(day)?;
    let cut = rest.find(['+', '-', 'Z'])?;
    let (time, zone) = rest.split_at(cut);
    let offset = if zone == "Z" { 0 } else { utc_offset(zone)? };
    let (minutes, seconds) = match time.rsplit_once(':').filter(|_| time.matches(':').count() == 2) {
        Some((time, s)) => (time_of_day(time)?, s.parse::<u64>().ok().filter(|n| s.len() == 2 && *n < 60)?),
        None => (time_of_day(time)?, 0),
    };
    let minutes = (day.number() * MINUTES_A_DAY + u64::from(minutes)).checked_add_signed(-i64::from(offset))?;
    Some(Instant::from_millis((minutes * 60 + seconds) * 1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_as_the_calendar_does() {
        for (text, number, weekday) in [
            ("1970-01-01", 0, 3),
            ("1970-03-01", 59, 6),
            ("2000-02-29", 11_016, 1),
            ("2026-01-05", 20_458, 0),
            ("2026-12-06", 20_793, 6),
            ("2100-03-01", 47_541, 0),
        ] {
            let day = Day::read(text).expect(text);
            assert_eq!((day.number(), day.weekday(), day.to_string()), (number, weekday, text.to_owned()));
        }
        let mut before = Day::from_number(0);
        for number in 1..60_000 {
            let day = Day::from_number(number);
            assert!(day > before && day.number() == number && Day::read(&day.to_string()) == Some(day), "{day}");
            before = day;
        }
        for text in
            ["2026-02-29", "2100-02-29", "2026-13-01", "2026-00-10", "2026-1-05", "1969-12-31", "", "2026-01-+5"]
        {
            assert_eq!(Day::read(text), None, "{text}");
        }
    }

    #[test]
    fn moments_are_read_strictly() {
        for (text, wants) in [
            ("2026-01-05T10:00+08:00", Some(1_767_578_400)),
            ("2026-01-05T02:00Z", Some(1_767_578_400)),
            ("2026-01-05 02:00:07Z", Some(1_767_578_407)),
            ("2026-01-04T22:30-03:30", Some(1_767_578_400)),
            ("2026-01-05T10:00", None),
            ("2026-01-05T25:00Z", None),
            ("2026-01-05", None),
        ] {
            assert_eq!(moment(text), wants.map(|s| Instant::from_millis(s * 1000)), "{text}");
        }
        assert_eq!(
            Day::of(Instant::from_millis(1_767_578_400_000), 480),
            (Day::read("2026-01-05").expect("a day"), 600)
        );
    }
}
