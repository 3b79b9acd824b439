//! Durations, and what is said of them.
use std::time::Duration;

/// Durations of one kind.
#[derive(Clone, Default, Debug)]
pub struct Samples(Vec<u64>);

/// With fewer samples the 99.9th percentile is the word of a handful.
pub const FOR_P999: usize = 10_000;

impl Samples {
    /// One more.
    pub fn add(&mut self, took: Duration) {
        self.0.push(took.as_nanos() as u64);
    }
    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }
    /// The value that this share did not exceed, in microseconds.
    pub fn micros(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let at = (sorted.len() as f64 * share) as usize;
        sorted.get(at.min(sorted.len().saturating_sub(1))).map_or(0.0, |ns| *ns as f64 / 1_000.0)
    }
    /// p50, p99, p99.9 and the number, as cells of a table.
    pub fn cells(&self) -> String {
        let last =
            if self.len() >= FOR_P999 { format!("{:.0}", self.micros(0.999)) } else { "too few samples".to_owned() };
        format!("{:.0} | {:.0} | {last} | {}", self.micros(0.5), self.micros(0.99), self.len())
    }
}

impl FromIterator<Duration> for Samples {
    fn from_iter<I: IntoIterator<Item = Duration>>(iter: I) -> Self {
        let mut samples = Samples::default();
        iter.into_iter().for_each(|d| samples.add(d));
        samples
    }
}
