//! Arrivals now against the usual at this hour.
//!
//! ```text
//!   past days ──► Usual: callers who asked for a person, by queue and quarter of the day, and of how many days
//!   now       ──► the last 15 minutes: 34 against a usual 11.5 ──► a surge
//! ```
//! A surge is what chance would not bring: more than half as many again, and more than three standard deviations of a Poisson
//! count above the usual, and not a handful. Which days are like today is its maker's affair. Without past days there is no
//! usual and no surge, and that is said.
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use switchboard_model::QueueId;

/// Quarters of an hour in a day.
pub const QUARTERS: usize = 96;
/// How long *now* is, in seconds.
pub const NOW_S: u32 = 900;
/// Fewer than so many in the last 15 minutes are no surge, whatever is usual.
const HANDFUL: u64 = 5;

/// What is usual, by queue and quarter of the day.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Usual {
    days: u32,
    arrivals: BTreeMap<QueueId, Vec<u32>>,
}

/// Now against it.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Surge {
    /// Callers who asked for a person in the last 15 minutes.
    pub arrivals: u64,
    /// As many are usual; none without past days.
    pub usual: Option<f64>,
    /// Whether it is a surge.
    pub high: bool,
    /// From how many past days the usual is.
    pub days: u32,
}

impl Usual {
    /// Of so many days, of which no arrival has been told yet.
    pub fn of_days(days: u32) -> Usual {
        Usual { days, arrivals: BTreeMap::new() }
    }

    /// One arrival on one of these days, in this second of the day.
    pub fn add(&mut self, queue: QueueId, second_of_day: u32) {
        let quarters = self.arrivals.entry(queue).or_insert_with(|| vec![0; QUARTERS]);
        quarters[(second_of_day / 900) as usize % QUARTERS] += 1;
    }

    /// From how many days it is.
    pub fn days(&self) -> u32 {
        self.days
    }

    /// How many are usual in the [`NOW_S`] before this second of the day, each quarter by its share; across midnight too.
    pub fn expected(&self, queue: Option<QueueId>, second_of_day: u32) -> Option<f64> {
        let day = QUARTERS as u32 * 900;
        let begin = (second_of_day + day - NOW_S) % day;
        let (first, into) = ((begin / 900) as usize % QUARTERS, f64::from(begin % 900) / 900.0);
        let of = |quarters: &Vec<u32>| {
            f64::from(quarters[first]) * (1.0 - into) + f64::from(quarters[(first + 1) % QUARTERS]) * into
        };
        let wanted = self.arrivals.iter().filter(|(q, _)| queue.is_none_or(|want| want == **q));
        (self.days > 0).then(|| wanted.map(|(_, quarters)| of(quarters)).sum::<f64>() / f64::from(self.days))
    }

    /// These arrivals of the last 15 minutes against what is usual now.
    pub fn surge(&self, queue: Option<QueueId>, second_of_day: u32, arrivals: u64) -> Surge {
        let usual = self.expected(queue, second_of_day);
        let high = usual.is_some_and(|usual| {
            let n = arrivals as f64;
            arrivals >= HANDFUL && n > 1.5 * usual && n > usual + 3.0 * usual.max(1.0).sqrt()
        });
        Surge { arrivals, usual, high, days: self.days }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usual() -> Usual {
        let mut usual = Usual::of_days(2);
        (0..20).for_each(|_| usual.add(QueueId(1), 9 * 3600 + 30)); // 9:00 to 9:15: ten a day
        (0..40).for_each(|_| usual.add(QueueId(2), 9 * 3600 + 1000)); // 9:15 to 9:30: twenty a day
        usual
    }

    #[test]
    fn the_usual_is_each_quarters_share() {
        let u = usual();
        for (queue, second, want) in [
            (None, 9 * 3600, 0.0),
            (None, 9 * 3600 + 450, 5.0),
            (None, 9 * 3600 + 900, 10.0),
            (None, 9 * 3600 + 1350, 15.0),
            (Some(QueueId(2)), 9 * 3600 + 1350, 10.0),
            (Some(QueueId(7)), 9 * 3600 + 1350, 0.0),
            (None, 60, 0.0), // just after midnight
        ] {
            assert_eq!(u.expected(queue, second), Some(want), "{queue:?} at {second}");
        }
    }

    #[test]
    fn a_surge_is_more_than_chance() {
        let (u, nine) = (usual(), 9 * 3600 + 900);
        for (arrivals, high) in [(0, false), (10, false), (15, false), (19, false), (20, true), (100, true)] {
            assert_eq!(u.surge(None, nine, arrivals).high, high, "{arrivals} against 10");
        }
        assert!(!u.surge(None, 3 * 3600, 4).high, "a handful at night is none");
        assert!(u.surge(None, 3 * 3600, 5).high);
        let none = Usual::default().surge(None, nine, 1000);
        assert_eq!((none.usual, none.high), (None, false), "without past days nothing is usual");
    }
}
