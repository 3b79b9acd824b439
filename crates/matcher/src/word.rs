//! One slot's truth in one word.
//!
//! ```text
//!  63       32 31   16 15   8 7     3   2     1    0
//!  generation │ rests │ step │  0    │ leave │ state │      state: Out, Resting, Held
//! ```
//! Every rest has a word that no other rest of the slot has: the generation tells tenants (of a chair: times of readiness)
//! apart, `rests` the rests of one tenant, `step` his ladder. So a compare-exchange from a word proves that nothing happened
//! since it was read. `rests` wraps after 65 536 rests of one generation, far more than a ring limit lets happen.

/// Who sits here and how.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Word(pub(crate) u64);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum State {
    /// Nobody sits here, or an agent who is not ready.
    Out,
    /// At rest: may be claimed.
    Resting,
    /// Claimed: in somebody's hand, or being rung.
    Held,
}

impl Word {
    #[inline]
    pub(crate) fn new(generation: u32, step: u8, state: State) -> Word {
        Word(u64::from(generation) << GENERATION_AT | u64::from(step) << STEP_AT | state as u64)
    }

    #[inline]
    pub(crate) fn generation(self) -> u32 {
        (self.0 >> GENERATION_AT) as u32
    }
    #[inline]
    pub(crate) fn rests(self) -> u16 {
        (self.0 >> RESTS_AT) as u16
    }
    #[inline]
    pub(crate) fn step(self) -> u8 {
        (self.0 >> STEP_AT) as u8
    }
    #[inline]
    pub(crate) fn state(self) -> State {
        match self.0 & STATE {
            0 => State::Out,
            1 => State::Resting,
            _ => State::Held,
        }
    }
    #[inline]
    pub(crate) fn wants_to_leave(self) -> bool {
        self.0 & LEAVE != 0
    }

    /// The next tenant's word, or an agent's next readiness. Out, on the first step, with no rests.
    #[inline]
    pub(crate) fn next_generation(self) -> Word {
        Word::new(self.generation().wrapping_add(1), 0, State::Out)
    }
    #[inline]
    pub(crate) fn with_step(self, step: u8) -> Word {
        Word(self.0 & !(0xff << STEP_AT) | u64::from(step) << STEP_AT)
    }
    /// In this state; a wish to leave is over.
    #[inline]
    pub(crate) fn with_state(self, state: State) -> Word {
        Word(self.0 & !(STATE | LEAVE) | state as u64)
    }
    /// At rest once more: a word never seen before.
    #[inline]
    pub(crate) fn at_rest(self) -> Word {
        let rests = u64::from(self.rests().wrapping_add(1));
        Word(self.with_state(State::Resting).0 & !(0xffff << RESTS_AT) | rests << RESTS_AT)
    }
    #[inline]
    pub(crate) fn leaving(self) -> Word {
        Word(self.0 | LEAVE)
    }
}

const STATE: u64 = 0b11;
const LEAVE: u64 = 0b100;
const STEP_AT: u32 = 8;
const RESTS_AT: u32 = 16;
const GENERATION_AT: u32 = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_touch_each_other() {
        let word = Word::new(u32::MAX, 254, State::Held).leaving();
        assert_eq!((word.generation(), word.rests(), word.step(), word.state()), (u32::MAX, 0, 254, State::Held));
        assert!(word.wants_to_leave());
        let word = word.at_rest();
        assert_eq!((word.generation(), word.rests(), word.step(), word.state()), (u32::MAX, 1, 254, State::Resting));
        assert!(!word.wants_to_leave());
        assert_eq!(word.with_step(3).step(), 3);
        assert_eq!((word.with_step(3).generation(), word.with_step(3).rests()), (u32::MAX, 1));
        assert_eq!(word.next_generation(), Word::new(0, 0, State::Out));
    }

    #[test]
    fn no_rest_looks_like_another() {
        let mut word = Word::new(7, 3, State::Out);
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..65_536 {
            word = word.at_rest();
            assert!(seen.insert(word.0));
            assert_eq!((word.generation(), word.step()), (7, 3));
            word = word.with_state(State::Held);
        }
    }
}
