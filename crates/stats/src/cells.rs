//! One cell for each queue and second: sparse, exact, and addable.
//!
//! ```text
//!            from                                             to
//!     ┆┆┆┆┆┆┆┆▌ seconds │ minutes │ hours … hours │ minutes │ seconds ▌┆┆┆┆┆
//!             ≤ 59        ≤ 59      as many          ≤ 59      ≤ 59
//! ```
//! A whole minute is the sum of its seconds and a whole hour of its minutes; both are derived on the way in and never written
//! down. A window is walked from the edges inwards, so that a day costs about as much as an hour. Cells of two shards or two
//! sites merge by addition, in any order.
use crate::{WaitEnd, Waits};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use switchboard_model::QueueId;

/// Waits by queue and second. Which second (when the wait ended, or when it began) is the owner's affair.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Cells {
    queues: BTreeMap<QueueId, Levels>,
}

/// The truth in what is written: seconds only.
#[derive(Serialize, Deserialize)]
struct Written(BTreeMap<QueueId, BTreeMap<u64, Waits>>);

#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Levels {
    second: BTreeMap<u64, Waits>,
    minute: BTreeMap<u64, Waits>,
    hour: BTreeMap<u64, Waits>,
}

impl Levels {
    fn each(&mut self, second: u64) -> [&mut Waits; 3] {
        [
            self.second.entry(second).or_default(),
            self.minute.entry(second / 60).or_default(),
            self.hour.entry(second / 3600).or_default(),
        ]
    }
}

impl Cells {
    /// One wait in this second.
    pub fn add(&mut self, queue: QueueId, second: u64, end: WaitEnd, wait_ms: u64) {
        for waits in self.queues.entry(queue).or_default().each(second) {
            waits.add(end, wait_ms);
        }
    }

    /// All of another's as well.
    pub fn merge(&mut self, other: &Cells) {
        for (&queue, levels) in &other.queues {
            let ours = self.queues.entry(queue).or_default();
            for (&second, waits) in &levels.second {
                ours.each(second).into_iter().for_each(|w| w.merge(waits));
            }
        }
    }

    /// The waits of the seconds `from..to`, of one queue or of all.
    pub fn window(&self, queue: Option<QueueId>, from: u64, to: u64) -> Waits {
        let mut sum = Waits::default();
        match queue {
            Some(queue) => self.queues.get(&queue).into_iter().for_each(|l| l.window(from, to, &mut sum)),
            None => self.queues.values().for_each(|l| l.window(from, to, &mut sum)),
        }
        sum
    }

    /// The queues that have any.
    pub fn queues(&self) -> impl Iterator<Item = QueueId> {
        self.queues.keys().copied()
    }

    /// Forgets the seconds before this one, rounded down to its hour, so that the levels agree.
    pub fn forget(&mut self, before: u64) {
        let hour = before / 3600;
        for levels in self.queues.values_mut() {
            levels.second = levels.second.split_off(&(hour * 3600));
            levels.minute = levels.minute.split_off(&(hour * 60));
            levels.hour = levels.hour.split_off(&hour);
        }
        self.queues.retain(|_, levels| !levels.second.is_empty());
    }
}

impl Levels {
    fn window(&self, from: u64, to: u64, sum: &mut Waits) {
        if from >= to {
            return;
        }
        let mut take = |level: &BTreeMap<u64, Waits>, from: u64, to: u64| {
            if from < to {
                level.range(from..to).for_each(|(_, waits)| sum.merge(waits));
            }
        };
        let (minute_a, minute_b) = (from.div_ceil(60), to / 60);
        if minute_a >= minute_b {
            return take(&self.second, from, to);
        }
        take(&self.second, from, minute_a * 60);
        take(&self.second, minute_b * 60, to);
        let (hour_a, hour_b) = (minute_a.div_ceil(60), minute_b / 60);
        if hour_a >= hour_b {
            return take(&self.minute, minute_a, minute_b);
        }
        take(&self.minute, minute_a, hour_a * 60);
        take(&self.minute, hour_b * 60, minute_b);
        take(&self.hour, hour_a, hour_b);
    }
}

impl From<Written> for Cells {
    fn from(Written(queues): Written) -> Cells {
        let mut cells = Cells::default();
        for (queue, seconds) in queues {
            let levels = cells.queues.entry(queue).or_default();
            for (second, waits) in seconds {
                levels.each(second).into_iter().for_each(|w| w.merge(&waits));
            }
        }
        cells
    }
}

impl From<Cells> for Written {
    fn from(cells: Cells) -> Written {
        Written(cells.queues.into_iter().map(|(queue, levels)| (queue, levels.second)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Row = (u16, u64, WaitEnd, u64);

    fn rows() -> impl Strategy<Value = Vec<Row>> {
        let end = prop::sample::select(WaitEnd::ALL.to_vec());
        prop::collection::vec((0u16..3, 0u64..20_000, end, 0u64..90_000), 0..60)
    }

    fn cells(rows: &[Row]) -> Cells {
        let mut cells = Cells::default();
        rows.iter().for_each(|&(q, s, end, ms)| cells.add(QueueId(q), s, end, ms));
        cells
    }

    fn merged(a: &Cells, b: &Cells) -> Cells {
        let mut sum = a.clone();
        sum.merge(b);
        sum
    }

    proptest! {
        #[test]
        fn merging_is_addition(a in rows(), b in rows(), c in rows()) {
            let (x, y, z) = (cells(&a), cells(&b), cells(&c));
            prop_assert_eq!(merged(&x, &y), merged(&y, &x));
            prop_assert_eq!(merged(&merged(&x, &y), &z), merged(&x, &merged(&y, &z)));
            prop_assert_eq!(merged(&x, &y), cells(&[a, b].concat()));
            prop_assert_eq!(merged(&x, &Cells::default()), x);
        }

        #[test]
        fn a_window_is_what_counting_row_by_row_gives(
            rows in rows(), from in 0u64..21_000, len in 0u64..21_000, x in 0u32..100, queue in prop::option::of(0u16..3)
        ) {
            let (cells, to) = (cells(&rows), from + len);
            let window = cells.window(queue.map(QueueId), from, to);
            let inside = |q: u16, s: u64| queue.is_none_or(|want| want == q) && (from..to).contains(&s);
            for end in WaitEnd::ALL {
                let hits: Vec<u64> =
                    rows.iter().filter(|r| r.2 == end && inside(r.0, r.1)).map(|r| r.3).collect();
                prop_assert_eq!(window.count(end), hits.len() as u64);
                let within = hits.iter().filter(|&&ms| ms <= u64::from(x) * 1000).count();
                prop_assert_eq!(window.within(end, x), within as u64);
                prop_assert_eq!(window.sum_ms(end), hits.iter().sum::<u64>());
                prop_assert_eq!(window.max_ms(end), hits.iter().copied().max().unwrap_or(0));
            }
        }

        #[test]
        fn what_is_written_comes_back_with_its_levels(rows in rows()) {
            let cells = cells(&rows);
            let bytes = postcard::to_stdvec(&cells).expect("plain data");
            prop_assert_eq!(postcard::from_bytes::<Cells>(&bytes).expect("what we wrote"), cells);
        }

        #[test]
        fn forgetting_keeps_whole_hours(rows in rows(), before in 0u64..20_000) {
            let mut some = cells(&rows);
            some.forget(before);
            let kept: Vec<Row> = rows.into_iter().filter(|r| r.1 >= before / 3600 * 3600).collect();
            prop_assert_eq!(some, cells(&kept));
        }
    }
}
