//! A caller's side: he comes, gives up, asks for less, comes back to his place, or is served.
//!
//! ```text
//!             arrive                   claimed by whoever looks
//!   (free) ──────────► Resting(step) ───────────────────────────► Held(step) ──finish──► (free, next generation)
//!                       │  ▲  │ relax: step + 1                    │   relax: step + 1, for when he comes back
//!             withdraw  ▼  └──┘                                    ▼
//!                     (free)  ◄ … Resting(step), same key ◄────put_back
//! ```
//! The place is the key and the key never changes, so relaxing and coming back need no room and cannot fail.
use crate::look::{Brought, Debt, Urgent, met};
use crate::matcher::{Matcher, entry_stripe};
use crate::meeting::{Chair, ChairGen, Entry, Event, Full, Match, Withdrawn};
use crate::word::{State, Word};

impl Matcher {
    /// A caller begins to wait in `line` at `step`. `key` is no other entry's; the smaller came earlier. He may meet an agent
    /// before this returns, and then has never been at rest.
    ///
    /// # Panics
    /// If the plan has no such line or step, or the key is above [`KEY_MAX`](crate::KEY_MAX).
    pub fn arrive(&self, line: u32, step: u8, key: u64, sink: &mut impl FnMut(Event)) -> Result<Entry, Full> {
        let class = self.class_of(line, step);
        let bag = &self.entries.bags[line as usize];
        let (entry, was) = self.take_slot(line, key)?;
        let slot = entry.slot as usize;
        // Short cut: somebody is ready and nobody is more urgent for him, so they meet without my being shown to anybody.
        let plan = self.plans.load(entry_stripe(line));
        let in_hand = if crate::plant!(LongWay) { None } else { self.claim_chair(&plan, class) };
        if let Some(in_hand) = in_hand {
            let before_me =
                |other: Urgent| plan.virtual_time(other.class, other.found.key) <= plan.virtual_time(class, key);
            if !self.most_urgent(&plan, in_hand.chair.profile).is_some_and(before_me) {
                bag.turn(slot, was, was.with_step(step).with_state(State::Held))
                    .expect("a slot just taken is nobody else's");
                sink(Event::Met(met(entry, key, in_hand, class, class)));
                return Ok(entry);
            }
        }
        let mut others = vec![];
        let word = was.with_step(step).at_rest();
        bag.turn(slot, was, word).expect("a slot just taken is nobody else's");
        self.show_entry(entry, step);
        if let Some(in_hand) = in_hand
            && let Brought::GaveBack(chair, word) = self.serve(&plan, in_hand, class, None, sink)
        {
            others.push(Debt::Chair(chair, word));
        }
        self.pay(entry_stripe(line), Some(plan), Debt::Entry(entry, word), others, sink);
        Ok(entry)
    }

    /// The caller gives up. By the entry's owner.
    pub fn withdraw(&self, entry: Entry) -> Withdrawn {
        let bag = &self.entries.bags[entry.line as usize];
        let slot = entry.slot as usize;
        let mut word = bag.word(slot);
        loop {
            if word.generation() != entry.generation {
                return Withdrawn::Stale;
            }
            if word.state() != State::Resting {
                return Withdrawn::Met;
            }
            match bag.turn(slot, word, word.next_generation()) {
                Ok(()) => {
                    bag.dim(slot, word.step().into());
                    bag.free(slot);
                    return Withdrawn::Withdrawn;
                }
                Err(now) => word = now,
            }
        }
    }

    /// The next step of the ladder: his place stays. False: there is none, or the entry is stale. By the entry's owner.
    ///
    /// If he is just being rung, he will wait on the new step should he be put back.
    pub fn relax(&self, entry: Entry, sink: &mut impl FnMut(Event)) -> bool {
        let steps = self.shape.lines[entry.line as usize].steps;
        let bag = &self.entries.bags[entry.line as usize];
        let slot = entry.slot as usize;
        let mut word = bag.word(slot);
        loop {
            if word.generation() != entry.generation || usize::from(word.step()) + 1 >= steps {
                return false;
            }
            let next = word.with_step(word.step() + 1);
            match bag.turn(slot, word, next) {
                Ok(()) if word.state() == State::Resting => {
                    bag.dim(slot, word.step().into());
                    self.show_entry(entry, next.step());
                    self.pay(entry_stripe(entry.line), None, Debt::Entry(entry, next), vec![], sink);
                    return true;
                }
                Ok(()) => return true,
                Err(now) => word = now,
            }
        }
    }

    /// The agent did not answer: the caller waits again, at his old place. The chair stays held until its owner says what
    /// becomes of the agent. By the entry's owner.
    pub fn put_back(&self, met: Match, sink: &mut impl FnMut(Event)) -> (Entry, Chair) {
        let (entry, chair) = (met.entry, met.chair);
        let word = self.turn_held(entry, Word::at_rest);
        self.show_entry(entry, word.step());
        self.pay(entry_stripe(entry.line), None, Debt::Entry(entry, word), vec![], sink);
        (entry, chair)
    }

    /// Answered, or the caller left while an agent was being rung: the entry is over. The chair stays held until its owner
    /// says what becomes of the agent. By the entry's owner.
    pub fn finish(&self, met: Match) -> (Entry, Chair) {
        let (entry, chair) = (met.entry, met.chair);
        self.turn_held(entry, Word::next_generation);
        self.entries.bags[entry.line as usize].free(entry.slot as usize);
        (entry, chair)
    }

    /// After a restart, on a matcher made anew: these two had been matched to each other. The chair is out so far.
    ///
    /// # Panics
    /// As [`Matcher::arrive`] does, and if the chair is not out.
    pub fn restore_match(
        &self,
        line: u32,
        step: u8,
        key: u64,
        chair: Chair,
        agent_key: u64,
    ) -> Result<(Match, ChairGen), Full> {
        let class = self.class_of(line, step);
        let (entry, was) = self.take_slot(line, key)?;
        let held = was.with_step(step).with_state(State::Held);
        self.entries.bags[line as usize]
            .turn(entry.slot as usize, was, held)
            .expect("a slot just taken is nobody else's");
        let in_hand = self.hold_out_chair(chair, agent_key);
        Ok((met(entry, key, in_hand, class, class), in_hand.generation))
    }

    /// A free slot with this key in it, and its word.
    fn take_slot(&self, line: u32, key: u64) -> Result<(Entry, Word), Full> {
        let bag = &self.entries.bags[line as usize];
        let slot = bag.take().ok_or(Full)?;
        bag.set_key(slot, key);
        let word = bag.word(slot);
        assert_eq!(word.state(), State::Out, "a free slot of line {line} has nobody in it");
        Ok((Entry { line, slot: slot as u32, generation: word.generation() }, word))
    }

    /// Turns an entry that a match holds; its owner may be relaxing it at the same time.
    fn turn_held(&self, entry: Entry, to: impl Fn(Word) -> Word) -> Word {
        let bag = &self.entries.bags[entry.line as usize];
        let mut word = bag.word(entry.slot as usize);
        loop {
            assert_eq!((word.generation(), word.state()), (entry.generation, State::Held), "a match holds {entry:?}");
            match bag.turn(entry.slot as usize, word, to(word)) {
                Ok(()) => return to(word),
                Err(now) => word = now,
            }
        }
    }
}
