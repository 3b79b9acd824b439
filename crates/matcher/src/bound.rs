//! A lower bound that may only be raised by someone whose look nobody has overtaken.
//!
//! ```text
//!   63      44 43             0      lower(key):  (version + 1, min(key))   always, also when the key is not lower
//!    version  │ least key        │      raise(seen):  from exactly the word read *before* looking beneath
//! ```
//! So a bound is never above a key that was published through it: who publishes after my reading has moved the version, and my
//! raising fails. All changes are AcqRel and all readings Acquire, pairing with each other: who reads a version sees all that
//! was made visible beneath before that version.
//!
//! A 20-bit version errs if a thread sleeps across exactly k·2²⁰ publishings of one bound that then has the same key again.
use crate::sync::{AtomicU64, Ordering};

/// Nothing beneath. No key is as large.
pub(crate) const EMPTY: u64 = (1 << KEY_BITS) - 1;

/// Written by whoever publishes or tidies beneath it.
pub(crate) struct Bound(AtomicU64);

/// A bound as it was read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen(u64);

impl Seen {
    #[inline]
    pub(crate) fn key(self) -> u64 {
        self.0 & EMPTY
    }
}

impl Bound {
    pub(crate) fn empty() -> Bound {
        Bound(AtomicU64::new(EMPTY))
    }

    #[inline]
    pub(crate) fn load(&self) -> Seen {
        Seen(self.0.load(Ordering::Acquire))
    }

    /// Someone with this key has been made visible beneath.
    #[inline]
    pub(crate) fn lower(&self, key: u64) {
        let mut now = self.0.load(Ordering::Relaxed);
        loop {
            let mut version = now & !EMPTY;
            if !crate::plant!(NoVersion) {
                version = version.wrapping_add(1 << KEY_BITS);
            }
            let next = version | (now & EMPTY).min(key);
            if crate::plant!(NoVersion) && next == now {
                return;
            }
            match self.0.compare_exchange_weak(now, next, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) => return,
                Err(other) => now = other,
            }
        }
    }

    /// I read `seen`, then looked beneath and found nobody under `key`. The bound as I left it, or `None`: overtaken.
    #[inline]
    pub(crate) fn raise(&self, seen: Seen, key: u64) -> Option<Seen> {
        let next = (seen.0 & !EMPTY) | key;
        self.0.compare_exchange(seen.0, next, Ordering::AcqRel, Ordering::Relaxed).is_ok().then_some(Seen(next))
    }
}

const KEY_BITS: u32 = 44;

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn who_was_overtaken_cannot_raise() {
        let bound = Bound::empty();
        bound.lower(10);
        let seen = bound.load();
        bound.lower(10); // not lower, and yet somebody new
        assert!(bound.raise(seen, EMPTY).is_none());
        assert_eq!(bound.load().key(), 10);
        assert!(bound.raise(bound.load(), 12).is_some_and(|left| left == bound.load() && left.key() == 12));
    }

    #[test]
    fn the_version_wraps_without_touching_the_key() {
        let bound = Bound::empty();
        (0..(1 << 20) + 3).for_each(|_| bound.lower(7));
        assert_eq!(bound.load().key(), 7);
    }
}
