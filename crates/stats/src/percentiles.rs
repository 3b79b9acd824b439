//! Percentiles of waits, through an HDR histogram made for the question.
//!
//! Unit: whole seconds, 1 to 3600, three significant digits. With three digits the histogram has 2048 linear places, so it is
//! exact below 2048 s and steps by 2 s above; a wait is therefore recorded as at most 2047 s ("34 minutes or more"), and every
//! printed percentile is the exact nearest-rank value, which plain SQL can recompute. It takes 12 kB with 32-bit counts and
//! lives for one question: counts and averages come from the cells, because a histogram's mean costs 187 µs and is not exact.
use crate::{WaitEnd, Waits};
use hdrhistogram::Histogram;

/// Below so many seconds a percentile is exact; longer waits are recorded as one second less than this.
pub const EXACT_BELOW_S: u64 = 2048;

/// The waits of a window, ready to be asked for percentiles.
pub struct Percentiles(Histogram<u32>);

impl Percentiles {
    /// Of the waits that ended so.
    pub fn of(waits: &Waits, end: WaitEnd) -> Percentiles {
        let mut histogram =
            Histogram::new_with_bounds(1, 3600, 3).expect("1 to 3600 with 3 digits is a valid histogram");
        for (seconds, n) in waits.lengths(end) {
            histogram.saturating_record_n(u64::from(seconds).min(EXACT_BELOW_S - 1), n);
        }
        Percentiles(histogram)
    }

    /// The smallest whole second that at least `percent` of the waits do not exceed; none if there are no waits.
    pub fn at(&self, percent: u8) -> Option<u64> {
        // The middle of the rank's own step, so that no rounding of the quotient can reach a neighbour.
        let rank = (self.0.len() * u64::from(percent)).div_ceil(100).max(1);
        (!self.0.is_empty()).then(|| self.0.value_at_quantile((rank as f64 - 0.5) / self.0.len() as f64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_percentile_is_the_nearest_rank(mut ms in prop::collection::vec(0u64..3_000_000, 1..80), p in 1u8..=100) {
            let mut waits = Waits::default();
            ms.iter().for_each(|&ms| waits.add(WaitEnd::Answered, ms));
            ms.sort_unstable();
            let rank = (ms.len() * usize::from(p)).div_ceil(100);
            let want = ms[rank - 1].div_ceil(1000).min(EXACT_BELOW_S - 1);
            prop_assert_eq!(Percentiles::of(&waits, WaitEnd::Answered).at(p), Some(want));
        }
    }

    #[test]
    fn no_waits_no_percentile() {
        assert_eq!(Percentiles::of(&Waits::default(), WaitEnd::Answered).at(50), None);
    }
}
