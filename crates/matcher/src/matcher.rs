//! The matcher itself: what it is made of, a new plan, and looking without touching.
//!
//! ```text
//!   entries: bags by line, roots and flags by class      line.rs   arrive withdraw relax put_back finish
//!   chairs:  bags, roots and flags by profile            ready.rs  seat ready unready give_back engage leave
//!   plans:   who fits whom now                           look.rs   how the two find each other
//! ```
//! What is looked at here may be old by the time it is read: good for a wallboard, an explanation or a test that stands still,
//! never for a decision.
use crate::bag::Bag;
use crate::bound::Bound;
use crate::flags::Flags;
use crate::look::Debt;
use crate::meeting::{Chair, ChairGen, Entry, Event};
use crate::plan::{Plan, Shape};
use crate::plans::{Busy, PlanInUse, Plans};
use crate::sync::publish_then_look;
use crate::word::{State, Word};

/// Where waiting entries and ready agents find each other. Shared by all threads; no operation ever waits for another.
pub struct Matcher {
    pub(crate) shape: Shape,
    pub(crate) plans: Plans,
    pub(crate) entries: Side,
    pub(crate) chairs: Side,
}

/// One kind of parties: their slots, the topmost bounds side by side, and the flags over them.
pub(crate) struct Side {
    pub(crate) bags: Box<[Bag]>,
    pub(crate) roots: Box<[Bound]>,
    pub(crate) flags: Flags,
}

/// How an entry stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EntryState {
    /// It waits.
    Waits {
        /// On which step.
        step: u8,
        /// With which key.
        key: u64,
        /// How often it has come to rest; no two rests of an entry on a step have the same.
        rests: u16,
    },
    /// An agent was found for it, or somebody holds it for a moment.
    Met {
        /// On which step it would wait if it were put back.
        step: u8,
    },
    /// It was withdrawn or finished.
    Gone,
}

/// How a chair stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChairState {
    /// Nobody sits here, or he is not ready.
    Out,
    /// He rests.
    Rests {
        /// With which key.
        key: u64,
        /// How often he has come to rest in this readiness.
        rests: u16,
    },
    /// Matched, or in somebody's hand for a moment.
    Held {
        /// He has asked to leave.
        leaving: bool,
    },
}

/// A chair as it was when looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChairView {
    /// The readiness it is in, or was last in.
    pub generation: ChairGen,
    /// How it stands.
    pub state: ChairState,
}

/// Why a plan was not taken over. Everything is as before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReplanError {
    /// Its lines, steps, profiles or capacities are others: that needs another matcher.
    Shape,
    /// Another thread is just bringing in a plan, or more threads than foreseen are reading old ones: try again.
    Busy,
}

impl Matcher {
    /// A matcher in which nobody waits and nobody is ready.
    pub fn new(plan: Plan) -> Matcher {
        let shape = plan.shape.clone();
        let side = |bags: Box<[Bag]>, count: usize| Side {
            bags,
            roots: (0..count).map(|_| Bound::empty()).collect(),
            flags: Flags::new(count),
        };
        Matcher {
            entries: side(shape.lines.iter().map(|l| Bag::new(l.capacity, l.steps)).collect(), shape.classes.len()),
            chairs: side(shape.profiles.iter().map(|&capacity| Bag::new(capacity, 1)).collect(), shape.profiles.len()),
            plans: Plans::new(plan),
            shape,
        }
    }

    /// Another plan from now on: the same lines, steps, profiles and capacities; who fits whom and the credits may differ.
    /// Then everybody who waits is looked after under it.
    ///
    /// An operation of another thread that began before may still bring together two who fit under the old plan only.
    pub fn replan(&self, plan: Plan, sink: &mut impl FnMut(Event)) -> Result<(), ReplanError> {
        if plan.shape != self.shape {
            return Err(ReplanError::Shape);
        }
        self.plans.swap(plan).map_err(|Busy| ReplanError::Busy)?;
        for class in 0..self.shape.classes.len() {
            self.pay(entry_stripe(self.shape.classes[class].0), None, Debt::Class(class), vec![], sink);
        }
        Ok(())
    }

    // ── looking ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// How an entry stands.
    pub fn entry_state(&self, entry: Entry) -> EntryState {
        let word = self.entry_word(entry);
        match word.state() {
            _ if word.generation() != entry.generation => EntryState::Gone,
            State::Out => EntryState::Gone,
            State::Held => EntryState::Met { step: word.step() },
            State::Resting => {
                let key = self.entries.bags[entry.line as usize].key(entry.slot as usize);
                EntryState::Waits { step: word.step(), key, rests: word.rests() }
            }
        }
    }

    /// How a chair stands.
    pub fn chair_state(&self, chair: Chair) -> ChairView {
        let word = self.chair_word(chair);
        let state = match word.state() {
            State::Out => ChairState::Out,
            State::Held => ChairState::Held { leaving: word.wants_to_leave() },
            State::Resting => {
                let key = self.chairs.bags[chair.profile as usize].key(chair.slot as usize);
                ChairState::Rests { key, rests: word.rests() }
            }
        };
        ChairView { generation: ChairGen(word.generation()), state }
    }

    /// How many wait in a line on a step. Counted by looking at each, not kept.
    pub fn waiting(&self, line: u32, step: u8) -> usize {
        self.entries.bags[line as usize].resting().filter(|found| found.word.step() == step).count()
    }

    /// How many wait in the entry's line, on whatever step, who came before it; also if it is just being rung.
    pub fn position(&self, entry: Entry) -> usize {
        let bag = &self.entries.bags[entry.line as usize];
        let key = bag.key(entry.slot as usize);
        if self.entry_word(entry).generation() != entry.generation {
            return 0;
        }
        bag.resting().filter(|found| found.key < key).count()
    }

    // ── small things the operations share ────────────────────────────────────────────────────────────────────────────────

    pub(crate) fn entry_word(&self, entry: Entry) -> Word {
        self.entries.bags[entry.line as usize].word(entry.slot as usize)
    }

    pub(crate) fn chair_word(&self, chair: Chair) -> Word {
        self.chairs.bags[chair.profile as usize].word(chair.slot as usize)
    }

    pub(crate) fn class_of(&self, line: u32, step: u8) -> usize {
        let shape = &self.shape.lines[line as usize];
        assert!(usize::from(step) < shape.steps, "line {line} has {} steps, and {step} is none of them", shape.steps);
        shape.first_class + usize::from(step)
    }

    /// The plan in force, read after a fence: I see the new plan, or who brings it in sees what I have published. `held` is
    /// the plan this operation has read so far, if any.
    pub(crate) fn plan_after_fence<'a>(&'a self, stripe: usize, held: Option<PlanInUse<'a>>) -> PlanInUse<'a> {
        publish_then_look();
        match held {
            Some(held) => self.plans.renew(held, stripe),
            None => self.plans.load(stripe),
        }
    }
}

/// Whose cache line an operation on an entry or a chair reads the plan by.
pub(crate) fn entry_stripe(line: u32) -> usize {
    line as usize * 2
}
pub(crate) fn chair_stripe(profile: u32) -> usize {
    profile as usize * 2 + 1
}

impl std::fmt::Debug for Matcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Shape { lines, classes, profiles } = &self.shape;
        write!(f, "Matcher({} lines, {} classes, {} profiles)", lines.len(), classes.len(), profiles.len())
    }
}

impl std::fmt::Display for ReplanError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            ReplanError::Shape => "the plan has other lines, steps, profiles or capacities",
            ReplanError::Busy => "another plan is just being brought in",
        })
    }
}
impl std::error::Error for ReplanError {}
