//! Where waiting entries and ready agents find each other, without a lock.
//!
//! ```text
//!   entries: a line = one ladder of requirements        agents: a profile = agents whom no class can tell apart
//!
//!   flags    [1][0][1]…   32 flags + version a word      [1][1][0]…
//!   roots     │     │     one lower bound a class        │  │       one a profile
//!   bounds    ▼     ▼     64-way tree a step             ▼  ▼       (only if there are over 64 slots)
//!   lit       64 bits a block and step
//!   slots     word · key  the word is the truth          word · key (the agent's chair while logged in)
//! ```
//! Four sentences carry the proof. *The slot's word is the truth; all above it is a lower bound that may promise too much,
//! never too little. Whoever makes himself findable does so first, then fences, then looks. Who gives an agent back looks
//! again. A bound is raised only by someone whose look nobody has overtaken.* The first rule means that losing a race costs a
//! second look and never a caller; the second, that of two who come at once at least one sees the other.
//!
//! Places are keys, not positions: who is put back, relaxed or moved with his old time comes back to his old place, because
//! there is no order of arrival to violate.
//!
//! **Owners.** An entry belongs to one thread, a chair to one thread. Only the owner withdraws and relaxes an entry and
//! consumes its [`Match`] ([`Matcher::put_back`], [`Matcher::finish`]); only the owner of a chair calls `ready`, `unready`,
//! `give_back`, `engage` and `leave`. An operation may bring about somebody else's match: the [`Event`] goes to the owners.
//!
//! **Somebody always moves on.** A loop in this crate repeats only when another thread's compare-exchange won, so a thread
//! that is stopped anywhere stops nobody (`tests/stall.rs` stops one everywhere).
//!
//! Does not decide who should serve whom (a [`Plan`] says it), does not know calls, telephones or time, and keeps no figures.
/// Whether a planted bug is on. Without planted bugs the constant `false`, so the branch is not there.
macro_rules! plant {
    ($name:ident) => {{
        #[cfg(any(loom, feature = "mutants"))]
        let on = $crate::mutant::planted($crate::mutant::Mutant::$name);
        #[cfg(not(any(loom, feature = "mutants")))]
        let on = false;
        on
    }};
}
pub(crate) use plant;

mod bag;
mod bound;
mod flags;
mod line;
mod look;
mod matcher;
mod meeting;
#[cfg(any(loom, feature = "mutants"))]
pub mod mutant;
mod plan;
mod plans;
mod ready;
mod sync;
mod word;

pub use matcher::{ChairState, ChairView, EntryState, Matcher, ReplanError};
pub use meeting::{Chair, ChairGen, Entry, Event, Full, GivenBack, KEY_MAX, Match, Unready, Withdrawn};
pub use plan::{ClassSpec, LineSpec, Plan, PlanError};
