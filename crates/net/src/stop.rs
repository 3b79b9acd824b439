//! The end of the day: a word that is said once and wakes everyone who sleeps.
//!
//! Says only *that* the end has come. What is still finished (running calls, the journal) is `node`'s to decide.
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

type Bell = Box<dyn Fn() + Send>;

/// Shared by whoever may end the run and whoever must notice.
#[derive(Clone, Default)]
pub struct Stop(Arc<Inner>);

#[derive(Default)]
struct Inner {
    raised: AtomicBool,
    bells: Mutex<Vec<Bell>>,
}

impl Stop {
    /// Not yet.
    pub fn new() -> Stop {
        Stop::default()
    }

    /// Whether the end has come.
    pub fn is_raised(&self) -> bool {
        self.0.raised.load(Ordering::Acquire)
    }

    /// The end has come. Rings every bell, once; saying it again does nothing.
    pub fn raise(&self) {
        // Under the lock, so that a bell being hung at this moment is rung by one of the two, and not by neither.
        let mut bells = self.0.bells.lock().unwrap_or_else(PoisonError::into_inner);
        self.0.raised.store(true, Ordering::Release);
        for bell in bells.drain(..) {
            bell();
        }
    }

    /// Hangs a bell: called once when the end comes, or at once if it has come already. It must only wake somebody
    /// (`waker.wake()`, `unparker.unpark()`), not work.
    pub fn on_raise(&self, bell: impl Fn() + Send + 'static) {
        let mut bells = self.0.bells.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_raised() {
            bell();
        } else {
            bells.push(Box::new(bell));
        }
    }
}

impl fmt::Debug for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stop").field("raised", &self.is_raised()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU32;

    #[test]
    fn every_bell_rings_once_whenever_it_was_hung() {
        let (stop, rung) = (Stop::new(), Arc::new(AtomicU32::new(0)));
        let hang = |stop: &Stop| {
            let rung = rung.clone();
            stop.on_raise(move || {
                rung.fetch_add(1, Ordering::Relaxed);
            });
        };
        hang(&stop);
        assert!(!stop.is_raised());
        assert_eq!(rung.load(Ordering::Relaxed), 0);
        stop.clone().raise();
        stop.raise();
        assert!(stop.is_raised());
        assert_eq!(rung.load(Ordering::Relaxed), 1);
        hang(&stop);
        assert_eq!(rung.load(Ordering::Relaxed), 2, "hung too late, so rung at once");
    }
}
