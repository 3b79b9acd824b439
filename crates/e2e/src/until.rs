//! Waiting for something that another process does: a condition, a deadline, and what to say if it never came.
use std::time::{Duration, Instant};

/// Asks again and again until there is an answer; fails the test with `what` if there is none in time.
#[track_caller]
pub fn until<T>(what: &str, within: Duration, mut answer: impl FnMut() -> Option<T>) -> T {
    let start = now();
    loop {
        if let Some(value) = answer() {
            return value;
        }
        assert!(start.elapsed() < within, "waited {} s in vain: {what}", within.as_secs_f32());
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

/// The tests look at real processes in real time.
#[expect(clippy::disallowed_methods, reason = "the world outside keeps its own time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}
