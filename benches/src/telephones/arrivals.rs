//! When callers come: at one rate, or along a day.
//!
//! ```text
//!   rate ▲        ▂▅█▇▅▃▄▆▇▆▄▃▂▁
//!        └────────────────────────►  the whole day is told in the time of the run; its highest slice has the rate that was asked for
//! ```
//! Poisson either way: the moments are drawn from the seed before anybody answers, and do not depend on the target. Along a day candidates
//! come at the highest rate and each is kept with its slice's share of it (Lewis and Shedler's thinning).
use std::path::Path;
use std::time::Duration;
use switchboard_model::{Chance, Instant};

/// When callers come.
#[derive(Clone, PartialEq, Debug)]
pub enum Arrivals {
    /// So many a second, on average.
    Steady(f64),
    /// Along a day.
    Day {
        /// Its shape.
        day: Day,
        /// Calls a second in its highest slice.
        peak: f64,
        /// The time in which all of it passes.
        lasts: Duration,
    },
}

/// The shape of a day: slices of like length, each with its share of the highest.
#[derive(Clone, PartialEq, Debug)]
pub struct Day {
    /// Its name.
    pub name: String,
    shares: Vec<f64>,
}

impl Arrivals {
    /// The next after `last`, in a run that began at `start`.
    pub fn next(&self, start: Instant, last: Instant, chance: &mut Chance) -> Instant {
        match self {
            Arrivals::Steady(rate) => last + Duration::from_secs_f64(chance.exponential(1.0 / rate)),
            Arrivals::Day { day, peak, lasts } => {
                let mut at = last;
                loop {
                    at = at + Duration::from_secs_f64(chance.exponential(1.0 / peak));
                    let gone = at.since(start).as_secs_f64() / lasts.as_secs_f64();
                    if gone >= 1.0 || chance.happens(day.share(gone)) {
                        return at;
                    }
                }
            }
        }
    }

    /// The highest rate.
    pub fn peak(&self) -> f64 {
        match self {
            Arrivals::Steady(rate) => *rate,
            Arrivals::Day { peak, .. } => *peak,
        }
    }

    /// The rate over all of it.
    pub fn mean(&self) -> f64 {
        match self {
            Arrivals::Steady(rate) => *rate,
            Arrivals::Day { day, peak, .. } => peak * day.shares.iter().sum::<f64>() / day.shares.len() as f64,
        }
    }
}

impl Day {
    /// `bank`, or a file of lines `HH:MM,calls` in order, at equal distances.
    pub fn read(name: &str) -> Result<Day, String> {
        if name == "bank" {
            let most = BANK.iter().copied().fold(0.0, f64::max);
            return Ok(Day { name: "bank".to_owned(), shares: BANK.iter().map(|calls| calls / most).collect() });
        }
        let text = std::fs::read_to_string(Path::new(name))
            .map_err(|e| format!("the day `{name}` cannot be read: {e}; write `bank`, or the name of a file"))?;
        Day::parse(name, &text)
    }

    fn parse(name: &str, text: &str) -> Result<Day, String> {
        let mut slices: Vec<(u32, f64)> = vec![];
        for (n, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or("").trim();
            if line.is_empty() {
                continue;
            }
            let at = format!("{name}:{}", n + 1);
            let (minute, calls) =
                slice(line).ok_or(format!("{at}: `{line}` is no slice of a day; write 09:30,412 (time, calls)"))?;
            if slices.last().is_some_and(|(last, _)| *last >= minute) {
                return Err(format!("{at}: {} does not come after the line before it", &line[..5]));
            }
            if let [(first, _), (second, _), ..] = slices[..]
                && minute - slices[slices.len() - 1].0 != second - first
            {
                return Err(format!("{at}: slices must be of one length; the first is {} minutes", second - first));
            }
            slices.push((minute, calls));
        }
        let most = slices.iter().map(|(_, calls)| *calls).fold(0.0, f64::max);
        if slices.len() < 2 || most <= 0.0 {
            return Err(format!("{name} wants two slices at least, and calls in one of them: lines as 09:30,412"));
        }
        Ok(Day { name: name.to_owned(), shares: slices.iter().map(|(_, calls)| calls / most).collect() })
    }

    /// The share of the highest rate when so much of the day is gone (0 to 1).
    pub fn share(&self, gone: f64) -> f64 {
        let slice = (gone.clamp(0.0, 1.0) * self.shares.len() as f64) as usize;
        self.shares[slice.min(self.shares.len() - 1)]
    }
}

fn slice(line: &str) -> Option<(u32, f64)> {
    let (time, calls) = line.split_once(',')?;
    let (hour, minute) = time.trim().split_once(':')?;
    if hour.len() != 2 || minute.len() != 2 {
        return None;
    }
    let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
    let calls: f64 = calls.trim().parse().ok().filter(|c: &f64| c.is_finite() && *c >= 0.0)?;
    (hour < 24 && minute < 60).then_some((hour * 60 + minute, calls))
}

/// A shape, not a measurement: few at night, most after the branches open, a dip at noon, a second height in the afternoon, and
/// people who are home in the evening. Half hours from 00:00.
const BANK: [f64; 48] = [
    6.0, 5.0, 4.0, 4.0, 3.0, 3.0, 3.0, 3.0, 3.0, 4.0, 5.0, 7.0, 10.0, 15.0, 24.0, 38.0, 58.0, 80.0, 96.0, 100.0, 98.0,
    94.0, 84.0, 70.0, 60.0, 58.0, 64.0, 76.0, 86.0, 88.0, 85.0, 80.0, 74.0, 66.0, 56.0, 48.0, 44.0, 43.0, 42.0, 40.0,
    38.0, 34.0, 29.0, 24.0, 19.0, 15.0, 11.0, 8.0,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_its_shape_in_the_time_of_the_run() {
        let day = Day::parse("day", "08:00,10\n08:30,40 # the height\n09:00,20\n").expect("a day");
        let lasts = Duration::from_secs(300);
        let arrivals = Arrivals::Day { day, peak: 40.0, lasts };
        let (mut chance, start) = (Chance::from_number(3), Instant::from_millis(5_000));
        let (mut at, mut seen) = (start, [0u32; 3]);
        loop {
            at = arrivals.next(start, at, &mut chance);
            let gone = at.since(start).as_secs();
            if gone >= 300 {
                break;
            }
            seen[(gone / 100) as usize] += 1;
        }
        // 1 000, 4 000 and 2 000 are expected, three standard deviations are 95, 190, 134.
        assert!((900..1_100).contains(&seen[0]) && (3_800..4_200).contains(&seen[1]), "{seen:?}");
        assert!((1_860..2_140).contains(&seen[2]), "{seen:?}");
        assert!((arrivals.mean() - 40.0 * (0.25 + 1.0 + 0.5) / 3.0).abs() < 1e-9 && arrivals.peak() == 40.0);
    }

    #[test]
    fn the_faults_of_a_day_have_lines() {
        for (text, word) in [
            ("08:00,10\n8.30,40\n", "day:2: `8.30,40`"),
            ("08:00,10\n07:00,40\n", "day:2: 07:00 does not come after"),
            ("08:00,1\n08:30,1\n10:00,1\n", "day:3: slices must be of one length"),
            ("08:00,0\n08:30,0\n", "two slices at least"),
        ] {
            let why = Day::parse("day", text).expect_err(text);
            assert!(why.contains(word), "{why}");
        }
        assert!(Day::read("bank").is_ok_and(|d| d.share(9.6 / 24.0) == 1.0));
        assert!(Day::read("nowhere.csv").is_err_and(|why| why.contains("write `bank`")));
    }
}
