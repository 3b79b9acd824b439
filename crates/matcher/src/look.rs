//! How the two sides find each other: who has made himself findable owes a look, and who gives an agent back owes another.
//!
//! ```text
//!   pay(debts):   fence, plan;   for each debt, while its word is unchanged in every bit:
//!        bring(class):  the best agent *for the class* (not "me")  ── Resting → Held, dim
//!                       the most urgent entry *for that agent* (not "mine")
//!             found ─► Event::Met          none left ─► he rests again: publish, fence, and I owe a look for him
//! ```
//! A debt is owed for one word. Who changes the word in any bit takes the duty over; looking on for an entry that another is
//! just moving would be waiting for that other.
//!
//! Said openly: an agent in another thread's hand may be passed over by rank, never left beside somebody he fits; and where
//! operations overlap, an agent sought for one class may take an entry of another for which a better agent rests.
use crate::bag::{Bits, Found};
use crate::bound::EMPTY;
use crate::flags::FLAGS;
use crate::matcher::Matcher;
use crate::meeting::{Chair, ChairGen, Entry, Event, Match};
use crate::plan::Plan;
use crate::plans::PlanInUse;
use crate::word::{State, Word};

/// What a thread still has to look for before its operation may end.
pub(crate) enum Debt {
    Entry(Entry, Word),
    Chair(Chair, Word),
    /// After a new plan: whoever waits in this class.
    Class(usize),
}

/// An agent whom this thread has claimed and not yet matched.
#[derive(Clone, Copy)]
pub(crate) struct InHand {
    pub(crate) chair: Chair,
    pub(crate) generation: ChairGen,
}

/// What came of one look.
pub(crate) enum Brought {
    Nobody,
    Met,
    GaveBack(Chair, Word),
}

/// An entry that was found for agents of a profile, and its class.
#[derive(Clone, Copy)]
pub(crate) struct Urgent {
    pub(crate) class: usize,
    pub(crate) found: Found,
}

impl Matcher {
    /// Pays this debt, then the others, and those incurred on the way. What is owed for must be wholly published.
    pub(crate) fn pay<'a>(
        &'a self,
        stripe: usize,
        held: Option<PlanInUse<'a>>,
        mut debt: Debt,
        mut others: Vec<Debt>,
        sink: &mut impl FnMut(Event),
    ) {
        let mut plan = self.plan_after_fence(stripe, held);
        loop {
            match self.look_once(&plan, &debt, sink) {
                Brought::Met => {}
                Brought::Nobody => match others.pop() {
                    Some(other) => debt = other,
                    None => return,
                },
                Brought::GaveBack(..) if crate::plant!(NoSecondLook) => return,
                Brought::GaveBack(chair, word) => {
                    let before = std::mem::replace(&mut debt, Debt::Chair(chair, word));
                    others.push(before);
                    others.retain(|other| !matches!(other, Debt::Chair(owed_for, _) if *owed_for == chair));
                    plan = self.plan_after_fence(stripe, Some(plan));
                }
            }
        }
    }

    fn look_once(&self, plan: &Plan, debt: &Debt, sink: &mut impl FnMut(Event)) -> Brought {
        match *debt {
            Debt::Entry(entry, word) => {
                let now = self.entry_word(entry);
                let same = if crate::plant!(DebtByEntry) {
                    (now.generation(), now.state()) == (word.generation(), State::Resting)
                } else {
                    now == word
                };
                if same { self.bring(plan, self.class_of(entry.line, now.step()), None, sink) } else { Brought::Nobody }
            }
            Debt::Chair(chair, word) if self.chair_word(chair) == word => match self.most_urgent(plan, chair.profile) {
                Some(urgent) => self.bring(plan, urgent.class, Some((chair.profile, urgent)), sink),
                None => Brought::Nobody,
            },
            // Flagged, so wholly published: who is still publishing looks for himself when he has done.
            Debt::Class(class)
                if (crate::plant!(BareReplan) || self.entries.flags.is_up(class)) && self.head(class).is_some() =>
            {
                self.bring(plan, class, None, sink)
            }
            Debt::Chair(..) | Debt::Class(_) => Brought::Nobody,
        }
    }

    /// The best agent for the class, then the most urgent entry for that agent.
    fn bring(&self, plan: &Plan, class: usize, hint: Option<(u32, Urgent)>, sink: &mut impl FnMut(Event)) -> Brought {
        match self.claim_chair(plan, class) {
            Some(in_hand) => self.serve(plan, in_hand, class, hint, sink),
            None => Brought::Nobody,
        }
    }

    /// The most urgent entry for the agent in hand (the hint, if it was found for his profile), or back with him.
    pub(crate) fn serve(
        &self,
        plan: &Plan,
        in_hand: InHand,
        sought_for: usize,
        hint: Option<(u32, Urgent)>,
        sink: &mut impl FnMut(Event),
    ) -> Brought {
        let profile = in_hand.chair.profile;
        let mut urgent = hint.filter(|hint| hint.0 == profile).map(|hint| hint.1);
        loop {
            urgent = urgent.or_else(|| self.most_urgent(plan, profile));
            let Some(Urgent { class, found }) = urgent.take() else { break };
            if let Some(entry) = self.claim_entry(class, found) {
                sink(Event::Met(met(entry, found.key, in_hand, class, sought_for)));
                return Brought::Met;
            }
        }
        match self.rest_again(in_hand.chair) {
            Some(word) => Brought::GaveBack(in_hand.chair, word),
            None => {
                sink(Event::Left(in_hand.chair));
                Brought::Met
            }
        }
    }

    /// The agent of the best rank at rest, and among those the one with the least key. Now in this thread's hand.
    pub(crate) fn claim_chair(&self, plan: &Plan, class: usize) -> Option<InHand> {
        let side = &self.chairs;
        for tier in &plan.tiers[class] {
            loop {
                let mut least: Option<(u64, usize)> = None;
                for &(word, mask) in tier {
                    let seen = side.flags.load(word);
                    for profile in flagged(word, seen, mask) {
                        let bound = side.roots[profile].load().key();
                        if bound == EMPTY {
                            side.flags.down(profile, seen);
                        } else if least.is_none_or(|(key, _)| bound < key) {
                            least = Some((bound, profile));
                        }
                    }
                }
                let Some((bound, profile)) = least else { break };
                // Dearer than promised, or another was faster: choose again.
                if let Some(found) = side.bags[profile].least(0, &side.roots[profile])
                    && found.key <= bound
                    && side.bags[profile].turn(found.slot, found.word, found.word.with_state(State::Held)).is_ok()
                {
                    side.bags[profile].dim(found.slot, 0);
                    let chair = Chair { profile: profile as u32, slot: found.slot as u32 };
                    return Some(InHand { chair, generation: ChairGen(found.word.generation()) });
                }
            }
        }
        None
    }

    /// Whether an agent who fits the class may be at rest, by the flags alone.
    pub(crate) fn anybody_rests(&self, plan: &Plan, class: usize) -> bool {
        plan.tiers[class].iter().flatten().any(|&(word, mask)| self.chairs.flags.load(word) as u32 & mask != 0)
    }

    /// Who waits with the least virtual time among all whom agents of this profile may serve.
    pub(crate) fn most_urgent(&self, plan: &Plan, profile: u32) -> Option<Urgent> {
        let side = &self.entries;
        loop {
            let mut least: Option<(i64, usize)> = None;
            for &(word, mask) in &plan.serves[profile as usize] {
                let seen = side.flags.load(word);
                for class in flagged(word, seen, mask) {
                    let bound = side.roots[class].load().key();
                    if bound == EMPTY {
                        side.flags.down(class, seen);
                        continue;
                    }
                    let time = plan.virtual_time(class, bound);
                    if least.is_none_or(|(t, _)| time < t) {
                        least = Some((time, class));
                    }
                }
            }
            let (promised, class) = least?;
            if let Some(found) = self.head(class)
                && plan.virtual_time(class, found.key) <= promised
            {
                return Some(Urgent { class, found });
            }
        }
    }

    /// Resting → Held, for whoever found it so. `None`: another was faster.
    pub(crate) fn claim_entry(&self, class: usize, found: Found) -> Option<Entry> {
        let (line, step) = self.shape.classes[class];
        let bag = &self.entries.bags[line as usize];
        bag.turn(found.slot, found.word, found.word.with_state(State::Held)).ok()?;
        bag.dim(found.slot, step.into());
        Some(Entry { line, slot: found.slot as u32, generation: found.word.generation() })
    }

    /// Who waits longest in a class.
    fn head(&self, class: usize) -> Option<Found> {
        let (line, step) = self.shape.classes[class];
        self.entries.bags[line as usize].least(step.into(), &self.entries.roots[class])
    }

    /// Makes an entry at rest findable. The look is still owed.
    pub(crate) fn show_entry(&self, entry: Entry, step: u8) {
        let class = self.class_of(entry.line, step);
        self.entries.bags[entry.line as usize].publish(entry.slot as usize, step.into(), &self.entries.roots[class]);
        self.entries.flags.up(class);
    }

    /// Makes an agent at rest findable. The look is still owed.
    pub(crate) fn show_chair(&self, chair: Chair) {
        let profile = chair.profile as usize;
        self.chairs.bags[profile].publish(chair.slot as usize, 0, &self.chairs.roots[profile]);
        self.chairs.flags.up(profile);
    }

    /// Held → Resting and findable, with the old key; or `None`: Out, because he asked to leave meanwhile.
    pub(crate) fn rest_again(&self, chair: Chair) -> Option<Word> {
        let bag = &self.chairs.bags[chair.profile as usize];
        let mut word = bag.word(chair.slot as usize);
        loop {
            assert_eq!(word.state(), State::Held, "{chair:?} is in my hand");
            let next = if word.wants_to_leave() { word.with_state(State::Out) } else { word.at_rest() };
            match bag.turn(chair.slot as usize, word, next) {
                Ok(()) if next.state() == State::Out => return None,
                Ok(()) => {
                    self.show_chair(chair);
                    return Some(next);
                }
                Err(now) => word = now, // he has just asked to leave
            }
        }
    }
}

/// The right to ring, in the one place where it is made.
pub(crate) fn met(entry: Entry, key: u64, in_hand: InHand, class: usize, sought_for: usize) -> Match {
    let InHand { chair, generation } = in_hand;
    Match { entry, key, chair, chair_gen: generation, class: class as u32, sought_for: sought_for as u32 }
}

/// The numbers of the flags that are up in this word and wanted.
fn flagged(word: u32, seen: u64, mask: u32) -> impl Iterator<Item = usize> {
    Bits(u64::from(seen as u32 & mask)).map(move |bit| word as usize * FLAGS + bit)
}
