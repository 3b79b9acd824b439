//! Planted bugs, so that the proof is seen to be able to fail; the switch for the short cuts; and the stall hook.
//!
//! ```text
//!   NoFence        publish and look without a fence between        → two pass each other unseen
//!   NoSecondLook   who gives an agent back does not look again     → a newcomer waits beside a free agent
//!   NoVersion      publishing does not move a bound's version      → a bound is raised over a newcomer
//!   TopDown        bounds are lowered before the slot can be found → the same
//!   DebtByEntry    one looks for an entry whatever becomes of it   → a look waits for another thread
//!   BareReplan     a new plan looks after classes still unflagged  → the same
//!   LongWay        not a bug: everybody is shown before he looks, so that loom sees the long way round too
//! ```
//! The choice is the calling thread's. Under loom all threads of a model run on one thread of the system, so setting it once
//! covers them; on real threads each one sets it for itself. Exists only under `--cfg loom` or with the feature `mutants`.
use std::cell::{Cell, RefCell};

/// What is left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mutant {
    /// No fence between publishing and looking.
    NoFence,
    /// No second look after giving an agent back.
    NoSecondLook,
    /// No version in bounds and flags.
    NoVersion,
    /// Bounds from the root downwards, before the slot is lit.
    TopDown,
    /// A debt is owed for an entry, not for one word of it.
    DebtByEntry,
    /// After a new plan, look after classes that are not flagged yet.
    BareReplan,
    /// Not a bug: no short cuts.
    LongWay,
}

thread_local! {
    static PLANTED: Cell<u8> = const { Cell::new(0) };
    static HOOK: RefCell<Option<Box<dyn FnMut()>>> = const { RefCell::new(None) };
}

/// Plants these, and only these, for operations of the calling thread.
pub fn plant(mutants: &[Mutant]) {
    PLANTED.set(mutants.iter().fold(0, |set, m| set | 1 << *m as u8));
}

pub(crate) fn planted(mutant: Mutant) -> bool {
    PLANTED.get() >> mutant as u8 & 1 == 1
}

/// Calls `hook` before each atomic step that the calling thread takes inside the matcher; `None` ends it.
pub fn at_each_step(hook: Option<Box<dyn FnMut()>>) {
    HOOK.set(hook);
}

#[cfg(not(loom))]
pub(crate) mod hooked {
    //! The standard atomics with the hook before each step.
    use super::HOOK;
    use std::sync::atomic::Ordering;

    fn step() {
        HOOK.with(|hook| {
            // Borrowed already: the hook itself came by here.
            if let Ok(mut hook) = hook.try_borrow_mut()
                && let Some(hook) = hook.as_mut()
            {
                hook();
            }
        });
    }

    macro_rules! hooked {
        ($name:ident, $value:ty) => {
            pub(crate) struct $name(std::sync::atomic::$name);
            #[allow(dead_code)]
            impl $name {
                pub(crate) fn new(value: $value) -> Self {
                    Self(std::sync::atomic::$name::new(value))
                }
                pub(crate) fn load(&self, order: Ordering) -> $value {
                    step();
                    self.0.load(order)
                }
                pub(crate) fn store(&self, value: $value, order: Ordering) {
                    step();
                    self.0.store(value, order);
                }
                pub(crate) fn fetch_or(&self, value: $value, order: Ordering) -> $value {
                    step();
                    self.0.fetch_or(value, order)
                }
                pub(crate) fn fetch_and(&self, value: $value, order: Ordering) -> $value {
                    step();
                    self.0.fetch_and(value, order)
                }
                pub(crate) fn compare_exchange(
                    &self,
                    from: $value,
                    to: $value,
                    ok: Ordering,
                    err: Ordering,
                ) -> Result<$value, $value> {
                    step();
                    self.0.compare_exchange(from, to, ok, err)
                }
                pub(crate) fn compare_exchange_weak(
                    &self,
                    from: $value,
                    to: $value,
                    ok: Ordering,
                    err: Ordering,
                ) -> Result<$value, $value> {
                    step();
                    self.0.compare_exchange_weak(from, to, ok, err)
                }
            }
        };
    }
    hooked!(AtomicU64, u64);
    hooked!(AtomicUsize, usize);
}
