//! A wait, and a heap of waits that can be added to another.
//!
//! A wait is kept as `ceil(ms / 1000)` whole seconds, so that *within X seconds* is the same as `wait_s <= X` here, in the
//! database and in a report, and no call sits on the wrong side of a rounding. The sum and the maximum are kept in
//! milliseconds beside it: an average made of rounded seconds would be half a second too long.
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How a wait for a person ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitEnd {
    /// An agent picked up.
    Answered,
    /// The caller gave up, waiting or while it rang.
    Abandoned,
    /// Anything else: nobody came in time, the queue was full, a side was lost, our own failure. Never an abandon, never good.
    Failed,
}

impl WaitEnd {
    /// All, in order.
    pub const ALL: [WaitEnd; 3] = [WaitEnd::Answered, WaitEnd::Abandoned, WaitEnd::Failed];
}

/// The whole seconds of a wait: `ceil(ms / 1000)`. Longer than 18 hours counts as 65 535 s.
pub fn wait_s(ms: u64) -> u16 {
    u16::try_from(ms.div_ceil(1000)).unwrap_or(u16::MAX)
}

/// Waits that ended in one second, minute, hour or window: how many of each length, their sum, and the longest.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Waits {
    lengths: BTreeMap<(WaitEnd, u16), u32>,
    sum_ms: [u64; 3],
    max_ms: [u64; 3],
}

impl Waits {
    /// One more wait.
    pub fn add(&mut self, end: WaitEnd, wait_ms: u64) {
        *self.lengths.entry((end, wait_s(wait_ms))).or_default() += 1;
        self.sum_ms[end as usize] += wait_ms;
        self.max_ms[end as usize] = self.max_ms[end as usize].max(wait_ms);
    }

    /// All of another's as well.
    pub fn merge(&mut self, other: &Waits) {
        for (&key, &n) in &other.lengths {
            *self.lengths.entry(key).or_default() += n;
        }
        for end in WaitEnd::ALL {
            self.sum_ms[end as usize] += other.sum_ms[end as usize];
            self.max_ms[end as usize] = self.max_ms[end as usize].max(other.max_ms[end as usize]);
        }
    }

    /// How many ended so.
    pub fn count(&self, end: WaitEnd) -> u64 {
        self.within(end, u32::from(u16::MAX))
    }

    /// How many ended so after at most `x` seconds; exactly `x` counts as within.
    pub fn within(&self, end: WaitEnd, x: u32) -> u64 {
        let x = u16::try_from(x).unwrap_or(u16::MAX);
        self.lengths.range((end, 0)..=(end, x)).map(|(_, &n)| u64::from(n)).sum()
    }

    /// The sum of their waits.
    pub fn sum_ms(&self, end: WaitEnd) -> u64 {
        self.sum_ms[end as usize]
    }

    /// The longest of them.
    pub fn max_ms(&self, end: WaitEnd) -> u64 {
        self.max_ms[end as usize]
    }

    /// Each length in whole seconds with how many there were, shortest first.
    pub fn lengths(&self, end: WaitEnd) -> impl Iterator<Item = (u16, u32)> {
        self.lengths.range((end, 0)..=(end, u16::MAX)).map(|(&(_, s), &n)| (s, n))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.lengths.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_rounds_up_so_that_within_is_exact() {
        for (ms, s) in
            [(0, 0), (1, 1), (999, 1), (1000, 1), (1001, 2), (20_000, 20), (20_001, 21), (u64::MAX, u16::MAX)]
        {
            assert_eq!(wait_s(ms), s, "{ms} ms");
        }
        let mut waits = Waits::default();
        waits.add(WaitEnd::Answered, 20_000);
        waits.add(WaitEnd::Answered, 20_001);
        waits.add(WaitEnd::Abandoned, 5);
        assert_eq!(waits.within(WaitEnd::Answered, 20), 1);
        assert_eq!(waits.within(WaitEnd::Answered, 21), 2);
        assert_eq!(waits.within(WaitEnd::Answered, u32::MAX), 2);
        assert_eq!((waits.sum_ms(WaitEnd::Answered), waits.max_ms(WaitEnd::Answered)), (40_001, 20_001));
    }
}
