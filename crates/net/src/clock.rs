//! The hour is asked once; from then on time only goes forward.
//!
//! ```text
//!   start:  wall  2026-11-24T06:35:45Z ┐
//!           mono  81 532.104 233 s     ┴─ now = wall + (mono' − mono)
//! ```
//! A step of the wall clock (an administrator, a first NTP answer) must neither fire every timer at once nor make a caller's wait
//! negative, so nothing follows it after the start. A long-running process therefore drifts from the wall clock by what the
//! monotonic clock does not correct; `CLOCK_MONOTONIC` is slewed by NTP, so this stays in the milliseconds.
use rustix::time::{ClockId, Timespec, clock_gettime};
use std::time::Duration;
use switchboard_model::Instant;

/// Where `Instant`s come from. Copy it to every thread: all copies tell the same time.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// Microseconds to add to the monotonic clock.
    offset: u64,
}

impl Clock {
    /// Asks the operating system for the hour, for the only time in this process.
    pub fn start() -> Clock {
        let wall = micros(clock_gettime(ClockId::Realtime));
        let mono = micros(clock_gettime(ClockId::Monotonic));
        // A machine that believes it is before 1970 plus its own uptime gets small numbers, not an underflow.
        Clock { offset: wall.saturating_sub(mono) }
    }

    /// Now.
    pub fn now(&self) -> Instant {
        Instant::from_micros(self.offset + micros(clock_gettime(ClockId::Monotonic)))
    }

    /// How long from now until `at`; zero if it has passed. What a thread hands to its parker.
    pub fn until(&self, at: Instant) -> Duration {
        at.since(self.now())
    }

    /// The same moment as the kernel's monotonic clock says it, for an absolute timer.
    pub(crate) fn monotonic(&self, at: Instant) -> Timespec {
        let micros = at.micros().saturating_sub(self.offset);
        Timespec { tv_sec: (micros / 1_000_000) as i64, tv_nsec: ((micros % 1_000_000) * 1000) as _ }
    }
}

fn micros(t: Timespec) -> u64 {
    t.tv_sec.max(0) as u64 * 1_000_000 + t.tv_nsec as u64 / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_goes_back_and_is_this_century() {
        let clock = Clock::start();
        let mut last = clock.now();
        assert!(last.seconds() > 1_700_000_000, "the clock says {last:?}");
        for _ in 0..10_000 {
            let now = clock.now();
            assert!(now >= last, "{now:?} after {last:?}");
            last = now;
        }
    }

    #[test]
    fn a_moment_survives_the_way_to_the_kernel() {
        let clock = Clock::start();
        let at = Instant::from_micros(clock.now().micros() + 1_234_567);
        assert_eq!(micros(clock.monotonic(at)) + clock.offset, at.micros());
        assert_eq!(clock.until(Instant::from_micros(0)), Duration::ZERO);
        assert!(clock.until(at) > Duration::from_millis(1_000));
    }
}
