//! An agent's side: he takes a chair, is ready, is rung, and is out again.
//!
//! ```text
//!           ready: generation + 1                claimed by whoever looks
//!   Out ──────────────────────────► Resting ◄────────────────────────────► Held ──engage──► Out   (he talks)
//!    ▲                               │     give_back: old key, same gen     │
//!    ├────────────unready: Left──────┘                                      │ unready: Pending, *leave* is set
//!    └────────────── who gives him back makes him Out and says Left ◄───────┘
//! ```
//! One generation is one readiness, so an order about an old one is answered `Stale` whatever has become of the chair since.
//! A chair belongs to one thread (the floor): only that thread calls what is here.
use crate::look::{Debt, InHand, met};
use crate::matcher::{Matcher, chair_stripe};
use crate::meeting::{Chair, ChairGen, Event, Full, GivenBack, Unready};
use crate::word::State;

impl Matcher {
    /// A chair for an agent of this profile who logs in; he is out.
    ///
    /// # Panics
    /// If the plan has no such profile.
    pub fn seat(&self, profile: u32) -> Result<Chair, Full> {
        let slot = self.chairs.bags[profile as usize].take().ok_or(Full)?;
        Ok(Chair { profile, slot: slot as u32 })
    }

    /// He logs out, and the chair is free.
    ///
    /// # Panics
    /// If he is not out, or nobody has the chair.
    pub fn leave(&self, chair: Chair) {
        assert_eq!(self.chair_word(chair).state(), State::Out, "{chair:?} is left by who is out");
        assert!(self.chairs.bags[chair.profile as usize].free(chair.slot as usize), "{chair:?} was somebody's");
    }

    /// Out → Resting. `key` orders agents: the smaller has been idle for longer. `None`: he was not out.
    ///
    /// He may meet an entry before this returns.
    pub fn ready(&self, chair: Chair, key: u64, sink: &mut impl FnMut(Event)) -> Option<ChairGen> {
        let bag = &self.chairs.bags[chair.profile as usize];
        let slot = chair.slot as usize;
        let was = bag.word(slot);
        if was.state() != State::Out {
            return None;
        }
        bag.set_key(slot, key);
        let next = was.next_generation();
        let generation = ChairGen(next.generation());
        // Short cut: somebody waits and nobody rests who could be better, so they meet without his being shown to anybody.
        let plan = self.plans.load(chair_stripe(chair.profile));
        let at_once = || {
            let urgent = self.most_urgent(&plan, chair.profile);
            urgent.filter(|urgent| !crate::plant!(LongWay) && !self.anybody_rests(&plan, urgent.class))
        };
        let word = match at_once() {
            None => {
                let word = next.at_rest();
                bag.turn(slot, was, word).ok()?;
                self.show_chair(chair);
                word
            }
            found => {
                bag.turn(slot, was, next.with_state(State::Held)).ok()?;
                let mut urgent = found;
                while let Some(the_one) = urgent {
                    if let Some(entry) = self.claim_entry(the_one.class, the_one.found) {
                        let in_hand = InHand { chair, generation };
                        sink(Event::Met(met(entry, the_one.found.key, in_hand, the_one.class, the_one.class)));
                        return Some(generation);
                    }
                    urgent = at_once();
                }
                // Nobody but his owner, who is here, could have asked him to leave.
                self.rest_again(chair).expect("he has not asked to leave")
            }
        };
        self.pay(chair_stripe(chair.profile), Some(plan), Debt::Chair(chair, word), vec![], sink);
        Some(generation)
    }

    /// He wants no more calls.
    pub fn unready(&self, chair: Chair, generation: ChairGen) -> Unready {
        let bag = &self.chairs.bags[chair.profile as usize];
        let slot = chair.slot as usize;
        let mut word = bag.word(slot);
        loop {
            let (next, answer) = match word.state() {
                _ if word.generation() != generation.0 => return Unready::Stale,
                State::Out => return Unready::WasOut,
                State::Resting => (word.with_state(State::Out), Unready::Left),
                State::Held => (word.leaving(), Unready::Pending),
            };
            match bag.turn(slot, word, next) {
                Ok(()) => {
                    if answer == Unready::Left {
                        bag.dim(slot, 0);
                    }
                    return answer;
                }
                Err(now) => word = now,
            }
        }
    }

    /// The caller has gone before the agent answered: he rests again with his old key, or leaves if he has asked to.
    pub fn give_back(&self, chair: Chair, generation: ChairGen, sink: &mut impl FnMut(Event)) -> GivenBack {
        let word = self.chair_word(chair);
        if (word.generation(), word.state()) != (generation.0, State::Held) {
            return GivenBack::Stale;
        }
        let Some(word) = self.rest_again(chair) else { return GivenBack::Left };
        self.pay(chair_stripe(chair.profile), None, Debt::Chair(chair, word), vec![], sink);
        GivenBack::Rests
    }

    /// Held → Out: he talks, or is away. False if it is another readiness, or the chair is not held.
    pub fn engage(&self, chair: Chair, generation: ChairGen) -> bool {
        let bag = &self.chairs.bags[chair.profile as usize];
        let word = bag.word(chair.slot as usize);
        if (word.generation(), word.state()) != (generation.0, State::Held) {
            return false;
        }
        // Nobody turns a chair that a match holds but its owner, who is here.
        bag.turn(chair.slot as usize, word, word.with_state(State::Out)).expect("a match holds the chair");
        true
    }

    /// Out → Held without having been seen, under a new generation.
    pub(crate) fn hold_out_chair(&self, chair: Chair, key: u64) -> InHand {
        let bag = &self.chairs.bags[chair.profile as usize];
        let word = bag.word(chair.slot as usize);
        assert_eq!(word.state(), State::Out, "{chair:?} was nobody's match");
        bag.set_key(chair.slot as usize, key);
        let held = word.next_generation().with_state(State::Held);
        bag.turn(chair.slot as usize, word, held).expect("nobody else turns a chair that is out");
        InHand { chair, generation: ChairGen(held.generation()) }
    }
}
