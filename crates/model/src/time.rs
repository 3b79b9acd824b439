//! One clock, handed in.
//!
//! ```text
//!   net::clock  ──reads the OS once──►  Instant  ──as an argument──►  everything else
//! ```
//! An `Instant` counts microseconds since 1970-01-01T00:00Z as the rim estimated it at start, and from then on follows the
//! monotonic clock: it never goes back, and it can be printed as a date without asking anybody.
use serde::{Deserialize, Serialize};
use std::ops::{Add, Sub};
use std::time::Duration;

/// A moment, in microseconds since 1970-01-01T00:00Z. Never goes back within one run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(u64);

impl Instant {
    /// The moment that many microseconds after 1970-01-01T00:00Z.
    pub const fn from_micros(micros: u64) -> Self {
        Instant(micros)
    }
    /// The moment that many milliseconds after 1970-01-01T00:00Z.
    pub const fn from_millis(millis: u64) -> Self {
        Instant(millis * 1000)
    }
    /// Microseconds since 1970-01-01T00:00Z.
    pub const fn micros(self) -> u64 {
        self.0
    }
    /// Milliseconds since 1970-01-01T00:00Z, rounded down.
    pub const fn millis(self) -> u64 {
        self.0 / 1000
    }
    /// Whole seconds since 1970-01-01T00:00Z, rounded down.
    pub const fn seconds(self) -> u64 {
        self.0 / 1_000_000
    }
    /// The day in China (UTC+8, without summer time since 1991), counted from 1970-01-01.
    pub const fn day_in_china(self) -> u64 {
        (self.seconds() + 8 * 3_600) / 86_400
    }
    /// How long ago `earlier` was; zero if it lies ahead.
    pub const fn since(self, earlier: Instant) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
    /// Milliseconds from `earlier` to here; zero if it lies ahead.
    pub const fn ms_since(self, earlier: Instant) -> u64 {
        self.0.saturating_sub(earlier.0) / 1000
    }
}

impl Add<Duration> for Instant {
    type Output = Instant;
    fn add(self, d: Duration) -> Instant {
        Instant(self.0.saturating_add(d.as_micros() as u64))
    }
}

impl Sub<Duration> for Instant {
    type Output = Instant;
    fn sub(self, d: Duration) -> Instant {
        Instant(self.0.saturating_sub(d.as_micros() as u64))
    }
}
