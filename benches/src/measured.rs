//! What a run measured: durations, counts, and everything that may have disturbed it.
use crate::timeline::Timeline;
use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;
use switchboard_model::Instant;

/// Durations of one kind, to three digits, up to two minutes.
#[derive(Clone, Debug)]
pub struct Durations(Histogram<u64>);

impl Default for Durations {
    fn default() -> Self {
        Durations(Histogram::new_with_bounds(1, 120_000_000, 3).expect("bounds in order and three digits"))
    }
}

impl Durations {
    /// One more; longer than two minutes counts as two minutes.
    pub fn record(&mut self, took: Duration) {
        self.0.saturating_record((took.as_micros() as u64).max(1));
    }
    /// How many.
    pub fn len(&self) -> u64 {
        self.0.len()
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// What this share did not exceed, in ms.
    pub fn ms(&self, share: f64) -> f64 {
        self.0.value_at_quantile(share) as f64 / 1_000.0
    }
    /// How many took at least this, as far as three digits tell.
    pub fn at_least(&self, took: Duration) -> u64 {
        self.0.len() - self.0.count_between(0, (took.as_micros() as u64).saturating_sub(1))
    }
    /// What can be said with so many samples.
    pub fn summary(&self) -> Summary {
        let from = |least: u64, share: f64| (self.len() >= least).then(|| self.ms(share));
        let mut histogram: Vec<(f64, u64)> = BOUNDS_US.iter().map(|high| (*high as f64 / 1_000.0, 0)).collect();
        for value in self.0.iter_recorded() {
            let bar = BOUNDS_US.partition_point(|high| *high < value.value_iterated_to()).min(BOUNDS_US.len() - 1);
            histogram[bar].1 += value.count_at_value();
        }
        Summary {
            samples: self.len(),
            p50_ms: from(1, 0.5),
            p90_ms: from(1, 0.9),
            p99_ms: from(FOR_P99, 0.99),
            p999_ms: from(FOR_P999, 0.999),
            max_ms: (!self.is_empty()).then(|| self.0.max() as f64 / 1_000.0),
            histogram,
        }
    }
}

/// With fewer samples the 99th percentile is the word of one or two.
pub const FOR_P99: u64 = 100;
/// With fewer samples the 99.9th percentile is the word of a handful.
pub const FOR_P999: u64 = 10_000;
/// Upper bounds of the picture's bars, in µs.
const BOUNDS_US: [u64; 16] = [
    100,
    200,
    500,
    1_000,
    2_000,
    5_000,
    10_000,
    20_000,
    50_000,
    100_000,
    200_000,
    500_000,
    1_000_000,
    2_000_000,
    5_000_000,
    120_000_000,
];

/// Durations, as they are reported.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Summary {
    /// How many.
    pub samples: u64,
    /// The median.
    pub p50_ms: Option<f64>,
    /// The 90th percentile.
    pub p90_ms: Option<f64>,
    /// The 99th percentile; none below 100 samples.
    pub p99_ms: Option<f64>,
    /// The 99.9th percentile; none below 10 000 samples.
    pub p999_ms: Option<f64>,
    /// The longest.
    pub max_ms: Option<f64>,
    /// Upper bound in ms, and how many lie below it and above the one before.
    pub histogram: Vec<(f64, u64)>,
}

/// What one run saw.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// Calls that were meant to be made.
    pub offered: u64,
    /// Calls that went all the way, in order, with the right sound.
    pub done: u64,
    /// Why the others did not; each call is in one line.
    pub faults: BTreeMap<String, u64>,
    /// From the moment a caller meant to call to the target's 200.
    pub setup: Durations,
    /// From "the caller has pressed his key and this agent is free" to the INVITE at the agent.
    pub dispatch: Durations,
    /// From the agent's answer until each has heard the other's tone, in windows of 100 ms.
    pub sound: Durations,
    /// How late our own dialling was.
    pub late: Durations,
    /// From a frame of sound leaving one telephone to its coming to the other, through the target.
    pub media_delay: Durations,
    /// Frames of sound of which is known whether they came.
    pub media_sent: u64,
    /// Those that did not.
    pub media_lost: u64,
    /// Calls that were made with sound both ways.
    pub sounded: u64,
    /// Calls whose sound was judged.
    pub sound_judged: u64,
    /// Agents who were rung for a caller while another, who had pressed at least 20 ms earlier, still waited.
    pub out_of_order: u64,
    /// Agents who were rung while they talked or rang.
    pub doubled_agents: u64,
    /// Agents who were rung in their after-call work, and refused.
    pub rung_in_acw: u64,
    /// Agents who were rung while a call of theirs had fallen silent, and refused.
    pub rung_in_silence: u64,
    /// Logging in again that failed.
    pub logins_failed: u64,
    /// Messages that we said again, since nothing came.
    pub said_again: u64,
    /// Messages that came again.
    pub came_again: u64,
    /// Datagrams that did not leave us.
    pub not_sent: u64,
    /// Connections that the target closed, or would not open again.
    pub connections_lost: u64,
    /// Most calls open at once.
    pub open_max: u64,
    /// The run along its time, if that was asked for.
    pub timeline: Option<Timeline>,
    /// The calls that were open when the target was touched, if it was.
    pub touched: Option<Touched>,
}

/// What became of calls that were open at one moment, and of those that were meant after it.
#[derive(Clone, Debug)]
pub struct Touched {
    /// The moment.
    pub at: Instant,
    /// Two talked: how many, and how many of them went all the way.
    pub talking: (u64, u64),
    /// Not yet talking: the same.
    pub coming: (u64, u64),
    /// Meant after it: the moment, and whether the call went all the way.
    pub after: Vec<(Instant, bool)>,
}

impl Touched {
    /// From the moment to the first call that was meant after it and went all the way.
    pub fn first_success(&self) -> Option<Duration> {
        self.after.iter().filter(|(_, done)| *done).map(|(meant, _)| meant.since(self.at)).min()
    }
    /// From the moment to the first call from which on all went all the way; none if the last one did not.
    pub fn all_succeed(&self) -> Option<Duration> {
        let last_failed = self.after.iter().filter(|(_, done)| !*done).map(|(meant, _)| *meant).max();
        let good = self.after.iter().filter(|(meant, done)| *done && last_failed.is_none_or(|failed| *meant > failed));
        good.map(|(meant, _)| meant.since(self.at)).min()
    }
    /// Calls meant after it that failed.
    pub fn failed_after(&self) -> u64 {
        self.after.iter().filter(|(_, done)| !*done).count() as u64
    }
}

impl Measured {
    /// One more call that did not go all the way.
    pub fn fault(&mut self, why: impl Into<String>) {
        *self.faults.entry(why.into()).or_default() += 1;
    }
    /// Done of offered, in per cent; none if nothing was offered.
    pub fn success_percent(&self) -> Option<f64> {
        (self.offered > 0).then(|| self.done as f64 * 100.0 / self.offered as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_called_after_the_touch_says_when_it_was_over() {
        let at = |ms: u64| Instant::from_millis(10_000 + ms);
        let touched = |after: &[(u64, bool)]| Touched {
            at: at(0),
            talking: (0, 0),
            coming: (0, 0),
            after: after.iter().map(|(ms, done)| (at(*ms), *done)).collect(),
        };
        let ms = |d: Option<Duration>| d.map(|d| d.as_millis());
        let t = touched(&[(100, false), (300, true), (400, false), (900, true), (700, true)]);
        assert_eq!((ms(t.first_success()), ms(t.all_succeed()), t.failed_after()), (Some(300), Some(700), 2));
        let t = touched(&[(100, true), (300, false)]);
        assert_eq!((ms(t.first_success()), ms(t.all_succeed())), (Some(100), None));
    }

    #[test]
    fn percentiles_are_given_from_enough_samples_on() {
        let mut durations = Durations::default();
        assert_eq!(durations.summary().p50_ms, None);
        for n in 1..=99 {
            durations.record(Duration::from_millis(n));
        }
        assert_eq!((durations.summary().p50_ms.map(f64::round), durations.summary().p99_ms), (Some(50.0), None));
        (0..9_901).for_each(|_| durations.record(Duration::from_millis(1)));
        let summary = durations.summary();
        assert_eq!(summary.samples, 10_000);
        assert!(summary.p99_ms.is_some_and(|ms| ms < 2.0) && summary.p999_ms.is_some_and(|ms| ms > 80.0));
        assert_eq!(summary.histogram.iter().map(|(_, n)| n).sum::<u64>(), 10_000, "every sample is in one bar");
        assert_eq!(durations.at_least(Duration::from_micros(89_500)), 10);
    }
}
