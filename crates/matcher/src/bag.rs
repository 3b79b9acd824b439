//! A set of slots with an exact minimum. No order of arrival is assumed, so who comes back comes back to his old place.
//!
//! ```text
//!   step k:  root ── ≤ 64 bounds ── … ── a bound a block ── lit: 64 bits ── slots, shared by all steps
//!   publish:                ◄────────────────────────────────────  bottom up, when the word already says Resting
//!   least:      ────────────────────────────────────►  down the least bounds; what promised too much is raised on the way
//! ```
//! A bag of one block has no bounds of its own: its root, which lives beside the other classes' roots, says it all.
//!
//! *Who writes what*: `used` whoever takes or frees; a word whoever turns it by compare-exchange; a key its slot's owner while
//! the slot is not at rest; a lit bit is set by who publishes and cleared by who turned the word away from resting on that
//! step. A lit bit that outlives its rest is harmless: the word is asked.
use crate::bound::{Bound, EMPTY, Seen};
use crate::sync::{AtomicU64, AtomicUsize, Ordering};
use crate::word::{State, Word};

/// Slots of a block and children of a bound. Two under loom, so that a handful of slots has several levels.
pub(crate) const WIDTH: usize = if cfg!(loom) { 2 } else { 64 };

pub(crate) struct Bag {
    slots: Box<[Slot]>,
    /// By block: who is taken.
    used: Box<[AtomicU64]>,
    /// By block and step: who may rest there.
    lit: Box<[AtomicU64]>,
    /// By step, from the blocks upwards.
    levels: Box<[Levels]>,
    steps: usize,
    /// No block before this one has a free slot, probably.
    first_free: AtomicUsize,
}

struct Slot {
    word: AtomicU64,
    key: AtomicU64,
}

type Levels = Box<[Box<[Bound]>]>;

/// Somebody at rest. His word is of before his key was read: a claim from this word proves the key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    pub(crate) slot: usize,
    pub(crate) word: Word,
    pub(crate) key: u64,
}

/// A block, its bound as the looker left it, and whom he found there.
type Known = Option<(usize, Seen, Found)>;

impl Bag {
    pub(crate) fn new(capacity: usize, steps: usize) -> Bag {
        let blocks = capacity.div_ceil(WIDTH).max(1);
        let zeros = |n: usize| (0..n).map(|_| AtomicU64::new(0)).collect();
        let levels = |_| {
            let mut levels: Vec<Box<[Bound]>> = vec![];
            let mut count = blocks;
            while count > 1 {
                levels.push((0..count).map(|_| Bound::empty()).collect());
                count = count.div_ceil(WIDTH);
            }
            levels.into()
        };
        let slot = |_| Slot { word: AtomicU64::new(Word::new(1, 0, State::Out).0), key: AtomicU64::new(0) };
        Bag {
            slots: (0..capacity).map(slot).collect(),
            used: zeros(blocks),
            lit: zeros(blocks * steps),
            levels: (0..steps).map(levels).collect(),
            steps,
            first_free: AtomicUsize::new(0),
        }
    }

    // ── slots ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// A free slot, the lowest as far as the hint knows. `None` after having looked at every one.
    pub(crate) fn take(&self) -> Option<usize> {
        let blocks = self.used.len();
        let hint = self.first_free.load(Ordering::Relaxed);
        for block in (0..blocks).map(|n| (hint + n) % blocks) {
            let room = WIDTH.min(self.slots.len() - block * WIDTH);
            let mut used = self.used[block].load(Ordering::Relaxed);
            loop {
                let bit = (!used).trailing_zeros() as usize;
                if bit >= room {
                    break;
                }
                // Acquire pairs with `free`: the former tenant is done with the slot.
                match self.used[block].compare_exchange_weak(used, used | 1 << bit, Ordering::AcqRel, Ordering::Relaxed)
                {
                    Ok(_) if block == hint => return Some(block * WIDTH + bit),
                    Ok(_) => {
                        self.first_free.store(block, Ordering::Relaxed);
                        return Some(block * WIDTH + bit);
                    }
                    Err(now) => used = now,
                }
            }
        }
        None
    }

    /// By the last who had to do with the tenant. Whether the slot was taken.
    pub(crate) fn free(&self, slot: usize) -> bool {
        let (block, bit) = (slot / WIDTH, 1 << (slot % WIDTH));
        let was = self.used[block].fetch_and(!bit, Ordering::AcqRel);
        if self.first_free.load(Ordering::Relaxed) > block {
            self.first_free.store(block, Ordering::Relaxed); // a hint: `take` looks everywhere before it says full
        }
        was & bit != 0
    }

    #[inline]
    pub(crate) fn word(&self, slot: usize) -> Word {
        Word(self.slots[slot].word.load(Ordering::Acquire))
    }

    #[inline]
    pub(crate) fn key(&self, slot: usize) -> u64 {
        self.slots[slot].key.load(Ordering::Relaxed)
    }

    /// By the slot's owner, while it is not at rest.
    #[inline]
    pub(crate) fn set_key(&self, slot: usize, key: u64) {
        assert!(key < EMPTY, "a key has 44 bits, and {key} is no key");
        self.slots[slot].key.store(key, Ordering::Relaxed);
    }

    #[inline]
    pub(crate) fn turn(&self, slot: usize, from: Word, to: Word) -> Result<(), Word> {
        let word = &self.slots[slot].word;
        word.compare_exchange(from.0, to.0, Ordering::AcqRel, Ordering::Acquire).map(drop).map_err(Word)
    }

    /// Everybody at rest, as far as one pass can see.
    pub(crate) fn resting(&self) -> impl Iterator<Item = Found> {
        (0..self.slots.len()).filter_map(|slot| {
            let word = self.word(slot); // before the key
            (word.state() == State::Resting).then(|| Found { slot, word, key: self.key(slot) })
        })
    }

    // ── the index ────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// Makes a slot at rest findable.
    pub(crate) fn publish(&self, slot: usize, step: usize, root: &Bound) {
        let key = self.key(slot);
        if crate::plant!(TopDown) {
            root.lower(key);
        }
        let mut node = slot / WIDTH;
        self.lit[node * self.steps + step].fetch_or(1 << (slot % WIDTH), Ordering::AcqRel);
        for level in &self.levels[step] {
            level[node].lower(key);
            node /= WIDTH;
        }
        if !crate::plant!(TopDown) {
            root.lower(key);
        }
    }

    /// By who turned the word away from resting on this step, before he tells anybody. Bounds stay: lookers raise them.
    #[inline]
    pub(crate) fn dim(&self, slot: usize, step: usize) {
        self.lit[slot / WIDTH * self.steps + step].fetch_and(!(1 << (slot % WIDTH)), Ordering::AcqRel);
    }

    /// Who rests with the least key: nobody who was wholly published before this look, and rests on, has a smaller one.
    pub(crate) fn least(&self, step: usize, root: &Bound) -> Option<Found> {
        let mut known: Known = None;
        loop {
            let seen = root.load();
            if seen.key() == EMPTY {
                return None;
            }
            if let Some(found) = self.descend(step, root, seen, &mut known) {
                return Some(found);
            }
        }
    }

    /// One way down. `None`: a bound promised too much and was raised, by me or by somebody else.
    fn descend(&self, step: usize, root: &Bound, seen: Seen, known: &mut Known) -> Option<Found> {
        let (mut above, mut seen, mut node) = (root, seen, 0);
        for level in self.levels[step].iter().rev() {
            let first = node * WIDTH;
            let children = &level[first..level.len().min(first + WIDTH)];
            let (mut at, mut low) = (0, children[0].load());
            for (n, child) in children.iter().enumerate().skip(1) {
                let child = child.load();
                if child.key() < low.key() {
                    (at, low) = (n, child);
                }
            }
            if low.key() > seen.key() {
                above.raise(seen, low.key());
                return None;
            }
            (above, seen, node) = (&children[at], low, first + at);
        }
        // Nobody has published beneath this bound since I raised it: whom I found there is still the least.
        if let Some((block, left_as, found)) = *known
            && (block, left_as) == (node, seen)
        {
            return Some(found);
        }
        match self.least_in(node, step) {
            Some(found) if found.key <= seen.key() => Some(found),
            higher => {
                let left_as = above.raise(seen, higher.map_or(EMPTY, |found| found.key));
                *known = higher.zip(left_as).map(|(found, left_as)| (node, left_as, found));
                None
            }
        }
    }

    /// Who of a block rests on this step with the least key. The innermost loop of every look, so written out.
    fn least_in(&self, block: usize, step: usize) -> Option<Found> {
        let first = block * WIDTH;
        let slots = &self.slots[first..self.slots.len().min(first + WIDTH)];
        let mut least: Option<Found> = None;
        for bit in Bits(self.lit[block * self.steps + step].load(Ordering::Acquire)) {
            let slot = &slots[bit];
            let word = Word(slot.word.load(Ordering::Acquire)); // before the key
            let key = slot.key.load(Ordering::Relaxed);
            let rests_here = word.state() == State::Resting && usize::from(word.step()) == step;
            if rests_here && least.is_none_or(|l| key < l.key) {
                least = Some(Found { slot: first + bit, word, key });
            }
        }
        least
    }
}

/// The numbers of the bits that are set, ascending.
pub(crate) struct Bits(pub(crate) u64);

impl Iterator for Bits {
    type Item = usize;
    #[inline]
    fn next(&mut self) -> Option<usize> {
        (self.0 != 0).then(|| {
            let bit = self.0.trailing_zeros() as usize;
            self.0 &= self.0 - 1;
            bit
        })
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn rest(bag: &Bag, root: &Bound, key: u64, step: u8) -> usize {
        let slot = bag.take().expect("room");
        bag.set_key(slot, key);
        let word = bag.word(slot);
        bag.turn(slot, word, word.with_step(step).at_rest()).expect("mine");
        bag.publish(slot, step.into(), root);
        slot
    }

    fn leave(bag: &Bag, slot: usize) {
        let word = bag.word(slot);
        bag.turn(slot, word, word.next_generation()).expect("mine");
        bag.dim(slot, word.step().into());
        assert!(bag.free(slot));
    }

    /// 5 000 slots are three levels; keys come in any order and leave by the least.
    #[test]
    fn the_least_comes_first_whatever_the_order() {
        for capacity in [1, 64, 65, 4_096, 4_097, 5_000] {
            let (bag, root) = (Bag::new(capacity, 2), Bound::empty());
            let keys = (0..capacity as u64).map(|n| n * 2_654_435_761 % 1_000_003);
            let mut sorted: Vec<(u64, usize)> = keys.map(|key| (key, rest(&bag, &root, key, 1))).collect();
            assert_eq!(bag.take(), None);
            sorted.sort_unstable();
            for (key, slot) in sorted {
                let found = bag.least(1, &root).expect("somebody rests");
                assert_eq!((found.key, found.slot), (key, slot));
                leave(&bag, slot);
            }
            assert!(bag.least(1, &root).is_none() && root.load().key() == EMPTY);
            assert!(bag.take().is_some());
        }
    }

    #[test]
    fn steps_do_not_see_each_other() {
        let (bag, roots) = (Bag::new(200, 2), [Bound::empty(), Bound::empty()]);
        let slots: Vec<usize> = (0..200).map(|n| rest(&bag, &roots[n % 2], n as u64, (n % 2) as u8)).collect();
        leave(&bag, slots[0]);
        assert_eq!([0, 1].map(|s| bag.least(s, &roots[s]).expect("somebody").key), [2, 1]);
        assert_eq!(bag.resting().count(), 199);
    }

    #[test]
    fn a_bag_without_room_is_full() {
        assert_eq!(Bag::new(0, 1).take(), None);
        assert!(Bag::new(0, 1).least(0, &Bound::empty()).is_none());
    }
}
