//! A run along its time: in each slice, what became of the calls that were meant in it, and what the target used.
//!
//! ```text
//!   slice   │ offered answered done failed │ setup p50 p99 │ memory cores switches files │  by the moment each call was *meant*
//!   events      ▲ the target is killed          ▲ new calls succeed                          on the same axis
//! ```
//! Slices are bounded by [`SLICES_MAX`]; a longer run has longer slices.
use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use switchboard_model::Instant;

/// What is counted while a run goes on.
#[derive(Clone, Debug)]
pub struct Timeline {
    start: Instant,
    every: Duration,
    slices: Vec<Slice>,
}

#[derive(Clone, Debug)]
struct Slice {
    offered: u64,
    answered: u64,
    done: u64,
    failed: u64,
    setup: Histogram<u32>,
}

/// One slice, as it is reported.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Point {
    /// When it begins, in s from the start of the run.
    pub at_s: f64,
    /// Calls that were meant in it.
    pub offered: u64,
    /// Those that were answered.
    pub answered: u64,
    /// Those that went all the way.
    pub done: u64,
    /// Those that did not.
    pub failed: u64,
    /// From the moment that was meant to the answer, the median in ms.
    pub setup_p50_ms: Option<f64>,
    /// The same, at p99; with fewer than 100 calls the longest.
    pub setup_p99_ms: Option<f64>,
    /// The target's memory at its end, in kB; none if it is no process of ours, or did not run.
    pub rss_kb: Option<u64>,
    /// The target's CPU time in it, in cores.
    pub cores: Option<f64>,
    /// Context switches of the target in it.
    pub switches: Option<u64>,
    /// Files and sockets that the target had open at its end.
    pub files: Option<u64>,
}

/// Something that happened to the target.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TimelineEvent {
    /// When, in s from the start of the run.
    pub at_s: f64,
    /// What.
    pub what: String,
}

impl Timeline {
    /// Slices of this length from `start` on, for a run that lasts so long.
    pub fn new(start: Instant, every: Duration, lasts: Duration) -> Timeline {
        let every = every.max(lasts / SLICES_MAX as u32).max(Duration::from_millis(10));
        Timeline { start, every, slices: vec![] }
    }
    /// How long a slice is.
    pub fn every(&self) -> Duration {
        self.every
    }
    fn slice(&mut self, meant: Instant) -> &mut Slice {
        let n = (meant.since(self.start).as_micros() / self.every.as_micros()) as usize;
        let n = n.min(SLICES_MAX);
        while self.slices.len() <= n {
            let setup = Histogram::new_with_bounds(1, 120_000_000, 2).expect("bounds in order and two digits");
            self.slices.push(Slice { offered: 0, answered: 0, done: 0, failed: 0, setup });
        }
        &mut self.slices[n]
    }
    /// A call was meant.
    pub fn offered(&mut self, meant: Instant) {
        self.slice(meant).offered += 1;
    }
    /// It was answered after this.
    pub fn answered(&mut self, meant: Instant, took: Duration) {
        let slice = self.slice(meant);
        slice.answered += 1;
        slice.setup.saturating_record((took.as_micros() as u64).max(1));
    }
    /// It is over.
    pub fn over(&mut self, meant: Instant, done: bool) {
        let slice = self.slice(meant);
        if done {
            slice.done += 1;
        } else {
            slice.failed += 1;
        }
    }

    /// As it is reported; `used` are readings of the target, each at the end of a slice.
    pub fn points(&self, used: &[Reading]) -> Vec<Point> {
        let every = self.every.as_secs_f64();
        let point = |(n, s): (usize, &Slice)| {
            let ms = |share: f64| (!s.setup.is_empty()).then(|| s.setup.value_at_quantile(share) as f64 / 1_000.0);
            let reading = used.iter().find(|r| r.slice == n);
            let before = n.checked_sub(1).and_then(|n| used.iter().find(|r| r.slice == n));
            let pair = reading.zip(before).filter(|(now, before)| now.pid == before.pid);
            Point {
                at_s: n as f64 * every,
                offered: s.offered,
                answered: s.answered,
                done: s.done,
                failed: s.failed,
                setup_p50_ms: ms(0.5),
                setup_p99_ms: ms(if s.setup.len() >= crate::measured::FOR_P99 { 0.99 } else { 1.0 }),
                rss_kb: reading.map(|r| r.rss_kb),
                cores: pair.map(|(now, before)| now.cpu_ms.saturating_sub(before.cpu_ms) as f64 / 1_000.0 / every),
                switches: pair.map(|(now, before)| now.switches.saturating_sub(before.switches)),
                files: reading.map(|r| r.files),
            }
        };
        self.slices.iter().enumerate().map(point).collect()
    }
}

/// What the target's process had used at the end of a slice.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Reading {
    /// Which slice.
    pub slice: usize,
    /// Which process.
    pub pid: u32,
    /// Memory, in kB.
    pub rss_kb: u64,
    /// CPU time, in ms.
    pub cpu_ms: u64,
    /// Context switches.
    pub switches: u64,
    /// Open files and sockets.
    pub files: u64,
}

impl Reading {
    /// Of this process, now; none if it is gone.
    pub fn of(pid: u32, slice: usize) -> Option<Reading> {
        let used = crate::machine::process_use(pid)?;
        let files = std::fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count) as u64;
        Some(Reading { slice, pid, rss_kb: used.rss_kb, cpu_ms: used.cpu_ms, switches: used.switches, files })
    }
}

/// A day in minutes; bounds memory to some megabytes.
pub const SLICES_MAX: usize = 1_440;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_told_by_the_moment_they_were_meant() {
        let at = |s: u64| Instant::from_millis(s * 1_000);
        let mut line = Timeline::new(at(100), Duration::from_secs(1), Duration::from_secs(10));
        for (meant, took) in [(100, 5), (101, 7), (101, 900)] {
            line.offered(at(meant));
            line.answered(at(meant), Duration::from_millis(took));
        }
        line.offered(at(103));
        line.over(at(100), true);
        line.over(at(101), false);
        let reading = |slice, pid, cpu_ms| Reading { slice, pid, rss_kb: 1, cpu_ms, switches: cpu_ms, files: 3 };
        let points = line.points(&[reading(0, 1, 100), reading(1, 1, 350), reading(3, 2, 20)]);
        let seen: Vec<_> = points.iter().map(|p| (p.at_s, p.offered, p.answered, p.done, p.failed)).collect();
        assert_eq!(seen, [(0.0, 1, 1, 1, 0), (1.0, 2, 2, 0, 1), (2.0, 0, 0, 0, 0), (3.0, 1, 0, 0, 0)]);
        assert_eq!((points[1].cores, points[3].cores), (Some(0.25), None), "another process has another count");
        assert!(points[1].setup_p99_ms.is_some_and(|ms| ms > 890.0));
        let long = Timeline::new(at(0), Duration::from_secs(1), Duration::from_secs(86_400));
        assert_eq!(long.every(), Duration::from_secs(60));
    }
}
