//! Moments as people write and read them, in the time zone of this machine (`TZ` chooses another).
//!
//! ```text
//!   2026-12-06T09:00:00+08:00   2026-12-06T09:00   2026-12-06   09:00   09:00:30
//!   a moment of the world       in our zone        its midnight  of the record's last day
//! ```
//! A time that the clocks skip in spring is the one an hour later; one that comes twice in autumn is the first of the two.
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{ToSpan, Zoned};
use std::fmt;
use std::str::FromStr;
use switchboard_model::Instant;

/// A moment of a question.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum When {
    /// This one.
    At(Instant),
    /// This time of the day in which the record's last event lies.
    OnLastDay(Time),
}

/// What cannot be read as a moment.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "`{0}` is no moment; write 2026-12-06T09:00:00+08:00, 2026-12-06T09:00, 2026-12-06, or 09:00 for the record's last day"
)]
pub struct NoMoment(pub String);

impl FromStr for When {
    type Err = NoMoment;
    fn from_str(text: &str) -> Result<When, NoMoment> {
        let bad = || NoMoment(text.to_owned());
        let local = |at: DateTime| Some(instant(&at.to_zoned(TimeZone::system()).ok()?));
        let at = if let Ok(at) = text.parse::<jiff::Timestamp>() {
            u64::try_from(at.as_microsecond()).ok().map(Instant::from_micros)
        } else if let Ok(at) = text.parse::<DateTime>() {
            local(at)
        } else if let Ok(day) = text.parse::<Date>() {
            local(day.to_datetime(Time::midnight()))
        } else {
            return text.parse::<Time>().map(When::OnLastDay).map_err(|_| bad());
        };
        at.map(When::At).ok_or_else(bad)
    }
}

impl When {
    /// Which moment it is, for a record whose last event was at `last`.
    pub fn resolve(self, last: Instant) -> Instant {
        match self {
            When::At(at) => at,
            When::OnLastDay(time) => {
                let day = zoned(last);
                day.with().time(time).build().map_or(last, |at| instant(&at))
            }
        }
    }
}

/// How a window is cut into slots of the calendar.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Every {
    /// So many minutes, counted from midnight.
    Minutes(u16),
    /// A day.
    Day,
    /// A week, from Monday.
    Week,
    /// A month.
    Month,
}

impl FromStr for Every {
    type Err = String;
    fn from_str(text: &str) -> Result<Every, String> {
        match text {
            "15m" => Ok(Every::Minutes(15)),
            "30m" => Ok(Every::Minutes(30)),
            "1h" | "60m" => Ok(Every::Minutes(60)),
            "day" => Ok(Every::Day),
            "week" => Ok(Every::Week),
            "month" => Ok(Every::Month),
            other => Err(format!("`{other}` is no slot; there are 15m, 30m, 1h, day, week and month")),
        }
    }
}

impl Every {
    /// The slots of `from..to`, cut at both ends; nothing if they are more than `max`.
    pub(crate) fn slots(self, from: Instant, to: Instant, max: usize) -> Option<Vec<(Instant, Instant)>> {
        self.slots_from(&zoned(from), to, max)
    }

    /// The same by the calendar of that moment's zone. A day may have 23 or 25 hours; an hour is always one.
    fn slots_from(self, begin: &Zoned, to: Instant, max: usize) -> Option<Vec<(Instant, Instant)>> {
        let from = instant(begin);
        let (mut slots, mut at) = (Vec::new(), self.start(begin)?);
        while instant(&at) < to {
            if slots.len() == max {
                return None;
            }
            let next = match self {
                Every::Minutes(n) => at.checked_add(i64::from(n).minutes()),
                Every::Day => at.checked_add(1.day()),
                Every::Week => at.checked_add(1.week()),
                Every::Month => at.checked_add(1.month()),
            };
            let next = next.ok()?;
            slots.push((instant(&at).max(from), instant(&next).min(to)));
            at = next;
        }
        Some(slots)
    }

    /// Where the slot of `at` begins.
    fn start(self, at: &Zoned) -> Option<Zoned> {
        let midnight = at.start_of_day().ok()?;
        match self {
            Every::Minutes(n) => {
                let since = (at.timestamp().as_second() - midnight.timestamp().as_second()) / 60;
                midnight.checked_add((since / i64::from(n) * i64::from(n)).minutes()).ok()
            }
            Every::Day => Some(midnight),
            Every::Week => midnight.checked_sub(i64::from(at.weekday().to_monday_zero_offset()).days()).ok(),
            Every::Month => at.first_of_month().ok()?.start_of_day().ok(),
        }
    }
}

fn zoned(at: Instant) -> Zoned {
    let micros = i64::try_from(at.micros()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_microsecond(micros).unwrap_or(jiff::Timestamp::MAX).to_zoned(TimeZone::system())
}

fn instant(at: &Zoned) -> Instant {
    Instant::from_micros(u64::try_from(at.timestamp().as_microsecond()).unwrap_or(0))
}

/// The beginning of the day of this moment.
pub fn midnight(at: Instant) -> Instant {
    zoned(at).start_of_day().map_or(at, |day| instant(&day))
}

/// A moment to the second: `2026-12-06 09:00:00`.
pub(crate) fn moment(at: Instant) -> String {
    zoned(at).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// A moment with its offset, as other programs read it: `2026-12-06T09:00:00+08:00`.
pub fn rfc3339(at: Instant) -> String {
    zoned(at).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// A second of the day on an axis: `09:00`, with seconds where slots are shorter than a minute, or the day if they are days.
pub(crate) fn tick(second: u64, slot_s: u64) -> String {
    let form = match slot_s {
        0..60 => "%H:%M:%S",
        60..86_400 => "%H:%M",
        _ => "%m-%d",
    };
    zoned(Instant::from_millis(second * 1000)).strftime(form).to_string()
}

/// How far the clocks of our zone are ahead of UTC at this moment.
pub(crate) fn offset_s(at: Instant) -> i64 {
    i64::from(zoned(at).offset().seconds())
}

impl fmt::Display for Every {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Every::Minutes(n) => write!(f, "{n}m"),
            Every::Day => f.write_str("day"),
            Every::Week => f.write_str("week"),
            Every::Month => f.write_str("month"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        match text.parse() {
            Ok(When::At(at)) => at,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn moments_are_read_as_people_write_them() {
        assert_eq!(at("1970-01-02T08:00:00+08:00"), Instant::from_millis(86_400_000));
        assert_eq!(at("2026-12-06"), at("2026-12-06T00:00"));
        let nine: When = "09:00".parse().expect("a time of the day");
        assert_eq!(nine.resolve(at("2026-12-06T17:31:02")), at("2026-12-06T09:00"));
        for text in ["", "yesterday", "25:00", "2026-13-01", "1960-01-01T00:00:00Z"] {
            assert_eq!(text.parse::<When>(), Err(NoMoment(text.to_owned())));
        }
    }

    #[test]
    fn a_day_of_23_or_25_hours_is_one_slot_and_every_hour_of_it_is_another() {
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("central Europe's rule");
        let hour_us = 3_600_000_000;
        for (day, hours) in [("2026-03-29", 23), ("2026-10-25", 25), ("2026-11-24", 24)] {
            let begin = day.parse::<jiff::civil::Date>().expect("a day").to_zoned(zone.clone()).expect("a midnight");
            let next = begin.checked_add(1.day()).expect("another day");
            let days = Every::Day.slots_from(&begin, instant(&next), 100).expect("few slots");
            assert_eq!(days, [(instant(&begin), instant(&next))], "{day}");
            assert_eq!(days[0].1.micros() - days[0].0.micros(), hours * hour_us, "{day}");
            let each = Every::Minutes(60).slots_from(&begin, instant(&next), 100).expect("few slots");
            assert_eq!(each.len() as u64, hours, "{day}");
            assert!(each.iter().all(|(a, z)| z.micros() - a.micros() == hour_us), "{day}: {each:?}");
            assert!(each.windows(2).all(|pair| pair[0].1 == pair[1].0), "{day}: a gap or a second twice");
            // Asked in the middle of the doubled hour, it still begins at that hour's own start.
            let later = begin.checked_add(150.minutes()).expect("half past two, or its second time");
            let part = Every::Minutes(60).slots_from(&later, instant(&next), 100).expect("few slots");
            assert_eq!((part[0].0, part.len() as u64), (instant(&later), hours - 2), "{day}");
        }
    }

    #[test]
    fn slots_follow_the_calendar_and_fill_the_window() {
        for (every, from, to, n) in [
            ("15m", "2026-12-06T09:07", "2026-12-06T10:00", 4),
            ("1h", "2026-12-06T09:00", "2026-12-06T12:30", 4),
            ("day", "2026-12-30T12:00", "2027-01-02T00:00", 3),
            ("week", "2026-12-02T00:00", "2026-12-15T00:00", 3), // from a Wednesday to a Tuesday
            ("month", "2026-01-31T00:00", "2026-03-01T00:00", 2),
        ] {
            let (from, to) = (at(from), at(to));
            let slots = every.parse::<Every>().expect("known").slots(from, to, 10).expect("few");
            assert_eq!(slots.len(), n, "{every}");
            assert_eq!((slots[0].0, slots[n - 1].1), (from, to), "{every}");
            assert!(slots.windows(2).all(|w| w[0].1 == w[1].0), "{every}: {slots:?}");
        }
        assert_eq!(Every::Minutes(15).slots(at("2026-12-06"), at("2026-12-07"), 95), None);
        assert!("5m".parse::<Every>().is_err());
    }
}
