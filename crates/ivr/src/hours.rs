//! When a menu is open: days of the week and a time of day at a fixed distance from UTC.
//!
//! China has one zone and no summer time, so a distance is enough here. Does not know holidays.
use std::fmt;
use switchboard_model::Instant;

/// Days and times of day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hours {
    /// Monday first.
    pub days: [bool; 7],
    /// Minutes after midnight; included.
    pub from_min: u32,
    /// Minutes after midnight; not included. Not after `from_min`: it closes on the next day.
    pub to_min: u32,
    /// East of Greenwich.
    pub utc_offset_min: i32,
}

impl Hours {
    /// The words for the days, Monday first.
    pub const DAYS: [&'static str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    /// How long it is open in an ordinary week.
    pub fn minutes_a_week(&self) -> u32 {
        let a_day = match self.from_min < self.to_min {
            true => self.to_min - self.from_min,
            false => 24 * 60 - self.from_min + self.to_min,
        };
        self.days.iter().filter(|d| **d).count() as u32 * a_day
    }

    /// Whether it is open at that moment.
    pub fn open_at(&self, now: Instant) -> bool {
        const MINUTES_A_DAY: i64 = 24 * 60;
        // 1970-01-01 was a Thursday.
        const EPOCH_WEEKDAY: i64 = 3;
        let local = (now.seconds() / 60) as i64 + i64::from(self.utc_offset_min);
        let weekday = (local.div_euclid(MINUTES_A_DAY) + EPOCH_WEEKDAY).rem_euclid(7) as usize;
        let minute = local.rem_euclid(MINUTES_A_DAY) as u32;
        if self.from_min < self.to_min {
            return self.days[weekday] && (self.from_min..self.to_min).contains(&minute);
        }
        let (today, yesterday) = (self.days[weekday], self.days[(weekday + 6) % 7]);
        today && minute >= self.from_min || yesterday && minute < self.to_min
    }
}

/// In words for readers: `周一至周五 08:30–17:30`.
impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMES: [&str; 7] = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];
        let open: Vec<usize> = (0..7).filter(|d| self.days[*d]).collect();
        match open[..] {
            [] => write!(f, "从不")?,
            [first, .., last] if open.len() > 2 && last - first + 1 == open.len() => {
                write!(f, "{}至{}", NAMES[first], NAMES[last])?
            }
            _ => write!(f, "{}", open.iter().map(|d| NAMES[*d]).collect::<Vec<_>>().join("、"))?,
        }
        let time = |minutes: u32| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        write!(f, " {}–{}", time(self.from_min), time(self.to_min))
    }
}

/// `09:30` as minutes after midnight; `24:00` is the end of the day.
pub(crate) fn time_of_day(s: &str) -> Option<u32> {
    let (h, m) = s.split_once(':')?;
    let two = |s: &str| (s.len() == 2).then(|| s.parse::<u32>().ok()).flatten();
    let (h, m) = (two(h)?, two(m)?);
    (h < 24 && m < 60 || (h, m) == (24, 0)).then_some(h * 60 + m)
}

/// `+08:00` as minutes east of Greenwich.
pub(crate) fn utc_offset(s: &str) -> Option<i32> {
    let sign = match s.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let minutes = time_of_day(&s[1..])?;
    (minutes <= 14 * 60).then_some(sign * minutes as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_is_a_matter_of_day_and_minute() {
        let week = [true, true, true, true, true, false, false];
        let day = Hours { days: week, from_min: 9 * 60, to_min: 17 * 60 + 30, utc_offset_min: 480 };
        let night = Hours { days: week, from_min: 22 * 60, to_min: 6 * 60, utc_offset_min: 480 };
        // Monday, 2026-01-05 00:00 in Shanghai.
        const MONDAY: u64 = 1_767_542_400;
        let at = |day: u64, hour: u64, minute: u64| {
            Instant::from_millis((MONDAY + day * 86_400 + hour * 3600 + minute * 60) * 1000)
        };
        for (hours, now, open) in [
            (day, at(0, 8, 59), false),
            (day, at(0, 9, 0), true),
            (day, at(0, 17, 29), true),
            (day, at(0, 17, 30), false),
            (day, at(4, 12, 0), true),
            (day, at(5, 12, 0), false),
            (day, at(7, 12, 0), true),
            (night, at(0, 3, 0), false),
            (night, at(0, 23, 0), true),
            (night, at(1, 5, 59), true),
            (night, at(1, 6, 0), false),
            (night, at(5, 3, 0), true),
            (night, at(5, 23, 0), false),
        ] {
            assert_eq!(hours.open_at(now), open, "{hours:?} {now:?}");
        }
    }

    #[test]
    fn times_and_offsets_are_read_strictly() {
        for (s, wants) in
            [("09:30", Some(570)), ("24:00", Some(1440)), ("24:01", None), ("9:30", None), ("09:60", None), ("", None)]
        {
            assert_eq!(time_of_day(s), wants, "{s}");
        }
        for (s, wants) in
            [("+08:00", Some(480)), ("-03:30", Some(-210)), ("08:00", None), ("+15:00", None), ("", None), ("中", None)]
        {
            assert_eq!(utc_offset(s), wants, "{s}");
        }
    }
}
