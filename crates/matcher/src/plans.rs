//! The plan in force, exchanged while others read it; without `unsafe`, and nobody waits.
//!
//! ```text
//!   current ──► slot 3      slot:  [lock][lock]…  one a stripe, all of the same plan
//!               slot 4 ◄── being filled            a reader takes one lock for reading, by the stripe of what he is about
//!               slot 5   (empty: nobody reads it, its plan is gone)
//! ```
//! A lock here is a reader count that the compiler believes in: it is only ever *tried*. A reader tries the current slot; that
//! fails only if the slot was retired since he read `current`, so somebody has moved on, and he reads it again. A writer fills
//! a slot that nobody reads, then moves `current`, then empties the slots that nobody reads any more. Readers are as many as
//! threads, slots are more; if ever all are held, or another writer is at work, the writer is told so.
//!
//! *Which thread may write*: any may swap, one at a time (`turn`). `current` is stored with Release before the swapper's fence
//! and loaded with Acquire after the reader's own, so a reader sees the new plan or the swapper sees what he published. The
//! stripes only keep readers off each other's cache lines.
use crate::plan::Plan;
use crate::sync::{AtomicUsize, Ordering};
use crossbeam::utils::CachePadded;
use std::ops::Deref;
use std::sync::{Arc, Mutex, RwLock, RwLockReadGuard, RwLockWriteGuard, TryLockError};

pub(crate) struct Plans {
    current: CachePadded<AtomicUsize>,
    slots: [PlanSlot; SLOTS],
    turn: Mutex<()>,
}

type PlanSlot = [CachePadded<RwLock<Option<Arc<Plan>>>>; STRIPES];

/// Another swap is under way, or every slot is being read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Busy;

/// The plan as long as somebody reads it.
pub(crate) struct PlanInUse<'a> {
    slot: usize,
    guard: RwLockReadGuard<'a, Option<Arc<Plan>>>,
}

impl Deref for PlanInUse<'_> {
    type Target = Plan;
    fn deref(&self) -> &Plan {
        self.guard.as_ref().expect("a slot in use has a plan")
    }
}

impl Plans {
    pub(crate) fn new(plan: Plan) -> Plans {
        let plans = Plans {
            current: CachePadded::new(AtomicUsize::new(0)),
            slots: std::array::from_fn(|_| std::array::from_fn(|_| CachePadded::new(RwLock::new(None)))),
            turn: Mutex::new(()),
        };
        fill(try_all(&plans.slots[0]).expect("nobody reads it yet"), Some(&Arc::new(plan)));
        plans
    }

    /// The plan in force. `stripe` is any number; different ones share fewer cache lines.
    pub(crate) fn load(&self, stripe: usize) -> PlanInUse<'_> {
        let mut slot = self.current.load(Ordering::Acquire);
        loop {
            match self.slots[slot][stripe % STRIPES].try_read() {
                Ok(guard) if guard.is_some() => return PlanInUse { slot, guard },
                Err(TryLockError::Poisoned(e)) if e.get_ref().is_some() => {
                    return PlanInUse { slot, guard: e.into_inner() };
                }
                // Retired since I read which is current. A read-modify-write reads the newest there is; a load need not.
                Ok(_) | Err(_) => slot = self.current.fetch_or(0, Ordering::AcqRel),
            }
        }
    }

    /// The plan in force now, given one that is still being read: the same, mostly, and then for one load. A slot that is
    /// being read is not filled anew, so the same number is the same plan.
    pub(crate) fn renew<'a>(&'a self, held: PlanInUse<'a>, stripe: usize) -> PlanInUse<'a> {
        if self.current.load(Ordering::Acquire) == held.slot {
            return held;
        }
        drop(held);
        self.load(stripe)
    }

    /// Another plan from now on.
    pub(crate) fn swap(&self, plan: Plan) -> Result<(), Busy> {
        let _turn = match self.turn.try_lock() {
            Ok(turn) => turn,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return Err(Busy),
        };
        let old = self.current.load(Ordering::Relaxed);
        let others = (1..SLOTS).map(|n| (old + n) % SLOTS);
        let (next, guards) =
            others.clone().find_map(|n| try_all(&self.slots[n]).map(|guards| (n, guards))).ok_or(Busy)?;
        fill(guards, Some(&Arc::new(plan)));
        self.current.store(next, Ordering::Release);
        for slot in (0..SLOTS).filter(|&n| n != next) {
            if let Some(guards) = try_all(&self.slots[slot]) {
                fill(guards, None);
            }
        }
        Ok(())
    }

    /// How many slots still hold a plan.
    #[cfg(all(test, not(loom)))]
    fn held(&self) -> usize {
        self.slots.iter().filter(|slot| slot[0].try_read().is_ok_and(|plan| plan.is_some())).count()
    }
}

type Guards<'a> = [RwLockWriteGuard<'a, Option<Arc<Plan>>>; STRIPES];

/// All locks of a slot, or none.
fn try_all(slot: &PlanSlot) -> Option<Guards<'_>> {
    let mut guards = Vec::with_capacity(STRIPES);
    for lock in slot {
        guards.push(match lock.try_write() {
            Ok(guard) => guard,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        });
    }
    guards.try_into().ok()
}

fn fill(mut guards: Guards<'_>, plan: Option<&Arc<Plan>>) {
    for guard in &mut guards {
        **guard = plan.cloned();
    }
}

/// More than the threads that can be inside the matcher at once: 15 shards and the floor, and some to spare.
const SLOTS: usize = if cfg!(loom) { 4 } else { 24 };
/// Entries use the even ones by line, chairs the odd ones by profile.
const STRIPES: usize = if cfg!(loom) { 2 } else { 8 };

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn plan(profiles: usize) -> Plan {
        Plan::new(vec![], vec![1; profiles]).expect("a good plan")
    }

    #[test]
    fn swapped_any_number_of_times_and_only_what_is_read_is_kept() {
        let plans = Plans::new(plan(0));
        let old = plans.load(1);
        for n in 1..1_000 {
            plans.swap(plan(n)).expect("there is room");
            assert_eq!(plans.load(n).shape.profiles.len(), n);
            assert_eq!(plans.held(), 2, "the one in force and the one still read");
        }
        assert_eq!(old.shape.profiles.len(), 0, "who reads an old plan goes on reading it");
        drop(old);
        plans.swap(plan(7)).expect("there is room");
        assert_eq!(plans.held(), 1);
    }

    #[test]
    fn every_slot_read_is_told_and_changes_nothing() {
        let plans = Plans::new(plan(0));
        let mut reading = vec![];
        for n in 1..SLOTS {
            reading.push(plans.load(n));
            plans.swap(plan(n)).expect("there is room");
        }
        reading.push(plans.load(0));
        assert_eq!(plans.swap(plan(99)), Err(Busy));
        assert_eq!(plans.load(0).shape.profiles.len(), SLOTS - 1);
        reading.pop();
        reading.swap_remove(3);
        assert_eq!(plans.swap(plan(99)), Ok(()));
        assert_eq!(plans.load(0).shape.profiles.len(), 99);
    }
}
