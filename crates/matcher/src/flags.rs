//! Which classes or profiles may have somebody at rest: 32 flags and a 32-bit version a word, by the same rule as a bound.
//!
//! Looking for everybody who fits is an AND with a mask of the plan and a count of trailing zeros, instead of reading every
//! root. A flag may be up over nobody, never down over somebody who was wholly published.
use crate::sync::{AtomicU64, Ordering};
use crossbeam::utils::CachePadded;

/// Flags a word has.
pub(crate) const FLAGS: usize = 32;

/// Written by whoever publishes or tidies; a word for each [`FLAGS`], each on a cache line of its own.
pub(crate) struct Flags(Box<[CachePadded<AtomicU64>]>);

impl Flags {
    pub(crate) fn new(count: usize) -> Flags {
        let words = count.div_ceil(FLAGS).max(1);
        Flags((0..words).map(|_| CachePadded::new(AtomicU64::new(0))).collect())
    }

    /// The low 32 bits are the flags; `down` wants the whole word back.
    #[inline]
    pub(crate) fn load(&self, word: u32) -> u64 {
        self.0[word as usize].load(Ordering::Acquire)
    }

    pub(crate) fn is_up(&self, flag: usize) -> bool {
        self.load((flag / FLAGS) as u32) >> (flag % FLAGS) & 1 == 1
    }

    /// Somebody is now to be found below; the version moves whether the flag was up or not.
    #[inline]
    pub(crate) fn up(&self, flag: usize) {
        let word = &self.0[flag / FLAGS];
        let mut now = word.load(Ordering::Relaxed);
        loop {
            let mut next = now | 1 << (flag % FLAGS);
            if !crate::plant!(NoVersion) {
                next = next.wrapping_add(1 << FLAGS);
            }
            match word.compare_exchange_weak(now, next, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) => return,
                Err(other) => now = other,
            }
        }
    }

    /// I read `seen`, then found nobody below. Given up if anybody came between: whoever looks next tries again.
    #[inline]
    pub(crate) fn down(&self, flag: usize, seen: u64) {
        let next = seen & !(1 << (flag % FLAGS));
        let _ = self.0[flag / FLAGS].compare_exchange(seen, next, Ordering::AcqRel, Ordering::Relaxed);
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_flag_comes_down_only_if_nobody_came_between() {
        let flags = Flags::new(40);
        flags.up(33);
        let seen = flags.load(1);
        flags.up(33);
        flags.down(33, seen);
        assert!(flags.is_up(33));
        flags.down(33, flags.load(1));
        assert!(!flags.is_up(33) && !flags.is_up(32));
    }
}
